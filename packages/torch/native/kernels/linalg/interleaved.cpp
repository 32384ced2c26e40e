#include "kernels/linalg/lanes.h"

namespace flambeau {
namespace interleaved {
namespace {

// As lu::factorPanel does it; the lanes of those that it decomposes. `row` has room for a row.
template <class T>
Integers<T> factorLU(const Lanes<T>& a, int64_t rows, int64_t cols, Integers<T>* pivots, Vector<T>* row) {
  using V = Vector<T>;
  using Limits = std::numeric_limits<T>;
  Integers<T> regular = all<T>();
  for (int64_t j = 0; j < std::min(rows, cols); ++j) {
    Integers<T> at = {};
    V largest = V{} - 1;
    for (int64_t i = j; i < rows; ++i) {
      const V size = sizeOf(a.at(i, j));
      at = size > largest ? everywhere<T>(i) : at;
      largest = size > largest ? size : largest;
    }
    pivots[j] = at;
    regular &= (largest >= Limits::min()) & (largest <= Limits::max());
    for (int64_t c = 0; c < cols; ++c) row[c] = a.at(j, c);
    for (int64_t i = j + 1; i < rows; ++i) {
      const auto isPivot = at == everywhere<T>(i);
      for (int64_t c = 0; c < cols; ++c) row[c] = isPivot ? a.at(i, c) : row[c];
    }
    const V inverse = 1 / row[j];
    for (int64_t i = j + 1; i < rows; ++i) {
      const auto isPivot = at == everywhere<T>(i);
      for (int64_t c = 0; c < j; ++c) a.at(i, c) = isPivot ? a.at(j, c) : a.at(i, c);
      const V factor = (isPivot ? a.at(j, j) : a.at(i, j)) * inverse;
      a.at(i, j) = factor;
      for (int64_t c = j + 1; c < cols; ++c) a.at(i, c) = (isPivot ? a.at(j, c) : a.at(i, c)) - factor * row[c];
    }
    for (int64_t c = 0; c < cols; ++c) a.at(j, c) = row[c];
  }
  return regular;
}

// Writes the rows with which rows were exchanged, counted from 1.
template <class T>
void writePivots(const Group& group, const Integers<T>* at, int64_t steps, int32_t* pivots) {
  for (int64_t j = 0; j < steps; ++j) {
    Integer<T> rows[Simd<T>::width];
    std::memcpy(rows, &at[j], sizeof rows);
    int32_t* const own = pivots + group.first * steps + j;
    for (int64_t lane = 0; lane < group.count; ++lane) own[lane * steps] = static_cast<int32_t>(rows[lane]) + 1;
  }
}

// Exchanges a row with others, which are from `first` to `last`.
template <class T>
void exchangeRows(const Lanes<T>& b, int64_t k, int64_t row, const Integers<T>& with, int64_t first, int64_t last) {
  for (int64_t i = first; i <= last; ++i) {
    if (i == row) continue;
    const auto isIt = with == everywhere<T>(i);
    for (int64_t c = 0; c < k; ++c) {
      Vector<T> &x = b.at(row, c), &y = b.at(i, c);
      const Vector<T> before = x;
      x = isIt ? y : x;
      y = isIt ? before : y;
    }
  }
}

// Solves a x = b[n, k] in place, as SmallTriangle does.
template <class T>
void substitute(const Lanes<T>& a, bool upper, bool unit, int64_t n, int64_t k, const Lanes<T>& b) {
  for (int64_t step = 0; step < n; ++step) {
    const int64_t j = upper ? n - 1 - step : step, begin = upper ? 0 : j + 1, end = upper ? j : n;
    for (int64_t c = 0; c < k; ++c) {
      if (!unit) b.at(j, c) /= a.at(j, j);
      const Vector<T> x = b.at(j, c);
      for (int64_t i = begin; i < end; ++i) b.at(i, c) -= a.at(i, j) * x;
    }
  }
}

// As cholesky::factorSmall does it; the lanes of those that are positive definite.
template <class T>
Integers<T> factorCholesky(const Lanes<T>& a, int64_t n) {
  Integers<T> positive = all<T>();
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t p = 0; p < j; ++p) {
      const Vector<T> factor = a.at(j, p);
      for (int64_t i = j; i < n; ++i) a.at(i, j) -= factor * a.at(i, p);
    }
    positive &= a.at(j, j) > Vector<T>{};
    const Vector<T> root = rootOf<T>(a.at(j, j));
    a.at(j, j) = root;
    for (int64_t i = j + 1; i < n; ++i) a.at(i, j) /= root;
    for (int64_t i = 0; i < j; ++i) a.at(i, j) = Vector<T>{};
  }
  return positive;
}

// As makeReflection does it for the column of n elements from `x` on; the lanes in which squares neither overflow nor vanish.
template <class T>
Integers<T> makeReflection(int64_t n, Vector<T>* x, Vector<T>& tau) {
  using V = Vector<T>;
  using Limits = std::numeric_limits<T>;
  V square = {};
  Integers<T> isZero = all<T>();
  for (int64_t i = 1; i < n; ++i) {
    square += x[i] * x[i];
    isZero &= x[i] == V{};
  }
  const V first = x[0], whole = first * first + square, size = rootOf<T>(whole), end = (Integers<T>)first < Integers<T>{} ? size : -size;
  tau = isZero ? V{} : (end - first) / end;
  x[0] = isZero ? first : end;
  const V factor = isZero ? V{} : 1 / (first - end);
  for (int64_t i = 1; i < n; ++i) x[i] *= factor;
  const V least = V{} + Limits::min() / Limits::epsilon(), most = V{} + Limits::max();
  return isZero | ((square > least) & (whole < most));
}

// A column becomes its product with the reflection of `tau` and v, whose first element counts as 1.
template <class T>
void applyReflection(int64_t n, const Vector<T>& tau, const Vector<T>* v, Vector<T>* to) {
  Vector<T> sum = to[0];
  for (int64_t i = 1; i < n; ++i) sum += v[i] * to[i];
  const Vector<T> factor = tau * sum;
  to[0] -= factor;
  for (int64_t i = 1; i < n; ++i) to[i] -= factor * v[i];
}

}  // namespace

template <class T>
void luFactor(int64_t count, int64_t rows, int64_t cols, bool byRows, T* matrices, int32_t* pivots, int32_t* info) {
  const int64_t size = rows * cols, steps = std::min(rows, cols);
  forEachGroup<T>(count, size * steps, size + cols + steps, [&](const Group& group, Vector<T>* a) {
    Vector<T>* const row = a + size;
    Integers<T>* const at = reinterpret_cast<Integers<T>*>(row + cols);
    pack(matrices, size, group, a, byRows ? cols : 0);
    const Integers<T> regular = factorLU<T>({a, 1, rows}, rows, cols, at, row);
    unpack<T>(a, size, group, regular, matrices);
    note<T>(group, regular, info);
    writePivots<T>(group, at, steps, pivots);
  });
}

template <class T>
void luFactorAndSolve(int64_t count, int64_t n, int64_t k, bool byRows, bool rightByRows, const System<T>& system,
                      int32_t* pivots, int32_t* info) {
  const int64_t square = n * n, size = square + n * k;
  forEachGroup<T>(count, n * size, size + n + k + n, [&](const Group& group, Vector<T>* a) {
    Vector<T>*const x = a + square, *const row = a + size;
    Integers<T>* const at = reinterpret_cast<Integers<T>*>(row + n + k);
    pack(system.matrices, square, group, a, byRows ? n : 0);
    pack(system.right, n * k, group, x, rightByRows ? k : 0);
    // The right-hand sides stand beside the matrices, so that elimination solves with the lower triangle.
    const Integers<T> regular = factorLU<T>({a, 1, n}, n, n + k, at, row);
    unpack<T>(a, square, group, regular, system.factors);
    substitute<T>({a, 1, n}, true, false, n, k, {x, 1, n});
    unpack<T>(x, n * k, group, regular, system.solutions);
    note<T>(group, regular, info);
    writePivots<T>(group, at, n, pivots);
  });
}

template <class T>
void luSolve(int64_t count, int64_t n, int64_t k, bool transposed, bool byRows, const T* factors, const int32_t* pivots, T* b) {
  forEachGroup<T>(count, n * n * k, n * (n + k), [&](const Group& group, Vector<T>* a) {
    const Lanes<T> x{a + n * n, 1, n};
    pack(factors, n * n, group, a);
    pack(b, n * k, group, x.data, byRows ? k : 0);
    const auto exchange = [&](int64_t i) {
      Integer<T> rows[Simd<T>::width];
      for (int64_t lane = 0; lane < Simd<T>::width; ++lane) rows[lane] = pivots[group.matrix(lane) * n + i] - 1;
      const auto [first, last] = std::minmax_element(std::begin(rows), std::end(rows));
      Integers<T> with;
      std::memcpy(&with, rows, sizeof with);
      exchangeRows<T>(x, k, i, with, *first, *last);
    };
    for (int64_t i = 0; i < n && !transposed; ++i) exchange(i);
    const Lanes<T> lu = transposed ? Lanes<T>{a, n, 1} : Lanes<T>{a, 1, n};
    substitute<T>(lu, false, !transposed, n, k, x);
    substitute<T>(lu, true, transposed, n, k, x);
    for (int64_t i = n - 1; i >= 0 && transposed; --i) exchange(i);
    unpack<T>(x.data, n * k, group, all<T>(), b);
  });
}

template <class T>
void triangularSolve(int64_t count, int64_t n, int64_t k, bool upper, bool unit, bool transposed, const T* triangles, T* b) {
  forEachGroup<T>(count, n * n * k, n * (n + k), [&](const Group& group, Vector<T>* a) {
    const Lanes<T> x{a + n * n, 1, n};
    pack(triangles, n * n, group, a);
    pack(b, n * k, group, x.data);
    substitute<T>(transposed ? Lanes<T>{a, n, 1} : Lanes<T>{a, 1, n}, transposed != upper, unit, n, k, x);
    unpack<T>(x.data, n * k, group, all<T>(), b);
  });
}

template <class T>
void choleskyFactor(int64_t count, int64_t n, bool byRows, T* matrices, int32_t* info) {
  forEachGroup<T>(count, n * n * n, n * n, [&](const Group& group, Vector<T>* a) {
    pack(matrices, n * n, group, a, byRows ? n : 0);
    const Integers<T> positive = factorCholesky<T>({a, 1, n}, n);
    unpack<T>(a, n * n, group, positive, matrices);
    note<T>(group, positive, info);
  });
}

template <class T>
void qrFactor(int64_t count, int64_t rows, int64_t cols, T* matrices, T* tau, int32_t* info) {
  const int64_t size = rows * cols, steps = std::min(rows, cols);
  forEachGroup<T>(count, 2 * size * steps, size + steps, [&](const Group& group, Vector<T>* a) {
    Vector<T>* const factors = a + size;
    pack(matrices, size, group, a);
    Integers<T> regular = all<T>();
    for (int64_t j = 0; j < steps; ++j) {
      Vector<T>* const v = a + j * rows + j;
      regular &= makeReflection<T>(rows - j, v, factors[j]);
      for (int64_t c = j + 1; c < cols; ++c) applyReflection<T>(rows - j, factors[j], v, a + c * rows + j);
    }
    unpack<T>(a, size, group, regular, matrices);
    unpack<T>(factors, steps, group, regular, tau);
    note<T>(group, regular, info);
  });
}

template <class T>
void reflectionProduct(int64_t count, int64_t rows, int64_t cols, int64_t reflections, int64_t width, const T* matrices,
                       const T* tau, T* out) {
  const int64_t size = rows * cols;
  forEachGroup<T>(count, 2 * rows * width * reflections, size + reflections + rows * width,
                  [&](const Group& group, Vector<T>* a) {
    Vector<T> *const factors = a + size, *const q = factors + reflections;
    pack(matrices, size, group, a);
    pack(tau, reflections, group, factors);
    for (int64_t c = 0; c < width; ++c) {
      for (int64_t i = 0; i < rows; ++i) q[c * rows + i] = Vector<T>{} + static_cast<T>(i == c);
    }
    for (int64_t j = reflections - 1; j >= 0; --j) {
      for (int64_t c = j; c < width; ++c) applyReflection<T>(rows - j, factors[j], a + j * rows + j, q + c * rows + j);
    }
    unpack<T>(q, rows * width, group, all<T>(), out);
  });
}

#define FLAMBEAU_INTERLEAVED(T)                                                                             \
  template void luFactor(int64_t, int64_t, int64_t, bool, T*, int32_t*, int32_t*);                          \
  template void luSolve(int64_t, int64_t, int64_t, bool, bool, const T*, const int32_t*, T*);               \
  template void luFactorAndSolve(int64_t, int64_t, int64_t, bool, bool, const System<T>&, int32_t*, int32_t*); \
  template void triangularSolve(int64_t, int64_t, int64_t, bool, bool, bool, const T*, T*);                 \
  template void choleskyFactor(int64_t, int64_t, bool, T*, int32_t*);                                       \
  template void qrFactor(int64_t, int64_t, int64_t, T*, T*, int32_t*);                                      \
  template void reflectionProduct(int64_t, int64_t, int64_t, int64_t, int64_t, const T*, const T*, T*);
FLAMBEAU_INTERLEAVED(float)
FLAMBEAU_INTERLEAVED(double)
#undef FLAMBEAU_INTERLEAVED

}  // namespace interleaved
}  // namespace flambeau
