// The LU decomposition with partial pivoting, and systems of equations solved by it.
#pragma once
#include "kernels/linalg/interleaved.h"
#include "kernels/linalg/triangle.h"

namespace flambeau {
namespace lu {

// Columns that are eliminated one by one.
constexpr int64_t kPanel = 16;

// Exchanges that are worth another thread.
constexpr int64_t kExchangeGrain = 1 << 13;

// Exchanges the rows from `begin` to `end` with those that the pivots name, which are counted from `base`.
template <class T>
void exchangeRows(const Matrix<T>& a, int64_t cols, const int32_t* pivots, int64_t begin, int64_t end, int32_t base,
                  bool parallel) {
  constexpr int64_t several = 4;  // columns, whose exchanges do not wait for each other
  const auto exchange = [&](int64_t first, int64_t last) {
    int64_t c = first;
    for (; c + several <= last; c += several) {
      T* const column = a.at(0, c);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t pivot = pivots[i] - base;
#pragma GCC unroll 4
        for (int64_t v = 0; v < several; ++v) std::swap(column[i + v * a.colStride], column[pivot + v * a.colStride]);
      }
    }
    for (; c < last; ++c) {
      T* const column = a.at(0, c);
      for (int64_t i = begin; i < end; ++i) std::swap(column[i], column[pivots[i] - base]);
    }
  };
  if (!parallel || end <= begin) return exchange(0, cols);
  parallelFor(cols, kExchangeGrain / (end - begin) + 1, exchange);
}

// Takes multiples of a column's lower part from those of the columns beside it: a[rows, cols] -= column factors, which are
// in the row above.
template <class T>
void eliminate(int64_t rows, int64_t cols, const T* column, const Matrix<T>& a) {
  if constexpr (isComplex<T>) {
    for (int64_t c = 0; c < cols; ++c) addScaled(rows, -*a.at(-1, c), column, a.at(0, c));
  } else {
    using S = Simd<T>;
    constexpr int64_t several = 4;
    for (int64_t c = 0; c < cols; c += several) {
      const int64_t count = std::min(several, cols - c);
      T factors[several] = {};
      for (int64_t v = 0; v < count; ++v) factors[v] = *a.at(-1, c + v);
      int64_t i = 0;
      for (; i + S::width <= rows; i += S::width) {
        const auto x = S::load(column + i);
        for (int64_t v = 0; v < count; ++v) S::store(a.at(i, c + v), S::load(a.at(i, c + v)) - factors[v] * x);
      }
      if (i == rows) continue;
      const auto x = S::load(column + i, rows - i);
      for (int64_t v = 0; v < count; ++v) {
        S::store(a.at(i, c + v), S::load(a.at(i, c + v), rows - i) - factors[v] * x, rows - i);
      }
    }
  }
}

// Factors a[rows, cols] into a unit lower and an upper triangle, in place; `pivots` (from 0) says with which row each one
// was exchanged. Returns the first column without a pivot, from 1, or 0.
template <class T>
int64_t factorPanel(const Matrix<T>& a, int64_t rows, int64_t cols, int32_t* pivots) {
  int64_t failed = 0;
  for (int64_t j = 0; j < std::min(rows, cols); ++j) {
    T* const column = a.at(0, j);
    const int64_t at = j + indexOfLargest(rows - j, column + j);
    pivots[j] = static_cast<int32_t>(at);
    if (column[at] == T(0)) {
      if (failed == 0) failed = j + 1;
      continue;
    }
    if (at != j) {
      for (int64_t c = 0; c < cols; ++c) std::swap(*a.at(j, c), *a.at(at, c));
    }
    const T pivot = column[j];
    if (magnitude(pivot) >= std::numeric_limits<RealOf<T>>::min()) {
      scale(rows - j - 1, T(1) / pivot, column + j + 1);
    } else {
      for (int64_t i = j + 1; i < rows; ++i) column[i] /= pivot;
    }
    eliminate(rows - j - 1, cols - j - 1, column + j + 1, a.from(j + 1, j + 1));
  }
  return failed;
}

// The same for any size: the left half of the columns, what follows from it for the right half, and what is left.
template <class T>
int64_t factor(const Matrix<T>& a, int64_t rows, int64_t cols, int32_t* pivots, bool parallel) {
  const int64_t steps = std::min(rows, cols);
  if (cols <= kPanel || rows <= kPanel) return factorPanel(a, rows, cols, pivots);
  const int64_t left = cols > rows ? rows : std::max(steps / 2 / kPanel * kPanel, kPanel);
  const int64_t right = cols - left, below = rows - left;
  const Matrix<T> beside = a.from(0, left);
  int64_t failed = factor(a, rows, left, pivots, parallel);
  exchangeRows(beside, right, pivots, 0, std::min(rows, left), 0, parallel);
  solveTriangle<T>(constant(a), false, true, std::min(rows, left), right, beside, parallel);
  if (below <= 0) return failed;
  const Matrix<T> rest = a.from(left, left);
  addProduct<T>(below, right, left, -1, constant(a.from(left, 0)), constant(beside), 1, rest, parallel);
  const int64_t later = factor(rest, below, right, pivots + left, parallel);
  exchangeRows(a.from(left, 0), left, pivots + left, 0, std::min(below, right), 0, parallel);
  for (int64_t i = left; i < steps; ++i) pivots[i] += static_cast<int32_t>(left);
  if (failed == 0 && later > 0) failed = left + later;
  return failed;
}

// The same with pivots that are counted from 1, as in the results.
template <class T>
int32_t factorCounted(const Matrix<T>& a, int64_t rows, int64_t cols, int32_t* pivots, bool parallel) {
  const int64_t failed = factor(a, rows, cols, pivots, parallel);
  for (int64_t j = 0; j < std::min(rows, cols); ++j) ++pivots[j];
  return static_cast<int32_t>(failed);
}

template <class T>
void solveFactored(const Matrix<const T>& lu, const int32_t* pivots, int64_t n, int64_t k, const Matrix<T>& b,
                   bool ofAdjoint, bool parallel) {
  if (!ofAdjoint) {
    exchangeRows(b, k, pivots, 0, n, 1, parallel);
    solveTriangle<T>(lu, false, true, n, k, b, parallel);
    return solveTriangle<T>(lu, true, false, n, k, b, parallel);
  }
  solveTriangle<T>(adjoint(lu), false, false, n, k, b, parallel);
  solveTriangle<T>(adjoint(lu), true, true, n, k, b, parallel);
  for (int64_t c = 0; c < k; ++c) {
    T* const column = b.at(0, c);
    for (int64_t i = n - 1; i >= 0; --i) std::swap(column[i], column[pivots[i] - 1]);
  }
}

}  // namespace lu

// (dtype, count, rows, cols, whether they are square and lie by rows, matrices, pivots, info): pivots are counted from 1
template <class Numbers>
void luFactor(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer();
  const bool byRows = params.flag() && rows == cols;
  char* const data = params.pointer();
  int32_t* const pivots = params.pointer<int32_t>();
  int32_t* const info = params.pointer<int32_t>();
  const int64_t steps = std::min(rows, cols);
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const auto factor = [&](int64_t i, bool parallel) {
      const Matrix<T> a = matrixAt<T>(data, i, rows, cols);
      if (byRows) turnRows(a, rows);
      info[i] = lu::factorCounted(a, rows, cols, pivots + i * steps, parallel);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suitsElimination<T>(count, rows, cols)) {
        interleaved::luFactor(count, rows, cols, byRows, reinterpret_cast<T*>(data), pivots, info);
        return interleaved::forEachLeft(count, workOf(rows, cols, steps), info, factor);
      }
    }
    forEachMatrix(count, workOf(rows, cols, steps), factor);
  });
  reportFailure(params, count, info);
}

// (dtype, count, n, columns of the right-hand sides, whether the matrices lie by rows, whether square right-hand sides do,
// matrices, right-hand sides, LU, pivots, info, solutions): `luFactor` and `luSolve` in one. LU and solutions may be where
// what they are made of is.
template <class Numbers>
void luFactorAndSolve(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer(), k = params.integer();
  const bool byRows = params.flag(), rightByRows = params.flag() && n == k;
  const char *const matrices = params.pointer(), *const given = params.pointer();
  char* const factors = params.pointer();
  int32_t* const pivots = params.pointer<int32_t>();
  int32_t* const info = params.pointer<int32_t>();
  char* const solutions = params.pointer();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const auto solve = [&](int64_t i, bool parallel) {
      int32_t* const own = pivots + i * n;
      const Matrix<T> a = matrixAt<T>(factors, i, n, n), x = matrixAt<T>(solutions, i, n, k);
      takeMatrix(matrices, i, n, n, byRows, a);
      info[i] = lu::factorCounted(a, n, n, own, parallel);
      takeMatrix(given, i, n, k, rightByRows, x);
      lu::solveFactored<T>(constant(a), own, n, k, x, false, parallel);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suitsElimination<T>(count, n, n) && k <= interleaved::kMostRows) {
        const interleaved::System<T> system = {reinterpret_cast<const T*>(matrices), reinterpret_cast<const T*>(given),
                                               reinterpret_cast<T*>(factors), reinterpret_cast<T*>(solutions)};
        interleaved::luFactorAndSolve(count, n, k, byRows, rightByRows, system, pivots, info);
        return interleaved::forEachLeft(count, workOf(n, n, n + k), info, solve);
      }
    }
    forEachMatrix(count, workOf(n, n, n + k), solve);
  });
  reportFailure(params, count, info);
}

// (dtype, count, n, LU, pivots, determinants)
template <class Numbers>
void luDeterminant(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  const char* const factors = params.pointer();
  const int32_t* const pivots = params.pointer<const int32_t>();
  char* const out = params.pointer();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    forEachMatrix(count, 4 * (n + 1), [&](int64_t i, bool) {
      const Matrix<const T> lu = matrixAt<T>(factors, i, n, n);
      // Products on the way may be far larger or smaller than the last.
      using Wide = std::conditional_t<isComplex<T>, Complex<double>, double>;
      Wide product(1);
      for (int64_t j = 0; j < n; ++j) {
        product *= convert<Wide>(*lu.at(j, j));
        if (pivots[i * n + j] != j + 1) product = -product;
      }
      reinterpret_cast<T*>(out)[i] = convert<T>(product);
    });
  });
}

// (dtype, count, n, columns of the right-hand sides, whether it is the adjoint, whether these are square and lie by rows,
// LU, pivots, right-hand sides): status 1 for a pivot below 1, 2 for one above n
template <class Numbers>
void luSolve(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer(), k = params.integer();
  const bool ofAdjoint = params.flag();
  const bool byRows = params.flag() && n == k;
  const char* const factors = params.pointer();
  const int32_t* const given = params.pointer<const int32_t>();
  char* const b = params.pointer();
  // What is in memory may change; the copy that was checked does not.
  const Scratch<int32_t> pivots(count * n);
  for (int64_t i = 0; i < count * n; ++i) {
    const int32_t pivot = given[i];
    if (pivot < 1) return params.fail(1, pivot);
    if (pivot > n) return params.fail(2, pivot);
    pivots.get()[i] = pivot;
  }
  Numbers::dispatch(dtype, [&]<class T>(T) {
    if constexpr (!isComplex<T>) {
      if (interleaved::suitsElimination<T>(count, n, n) && k <= interleaved::kMostRows) {
        return interleaved::luSolve(count, n, k, ofAdjoint, byRows, reinterpret_cast<const T*>(factors), pivots.get(),
                                    reinterpret_cast<T*>(b));
      }
    }
    forEachMatrix(count, workOf(n, n, k), [&](int64_t i, bool parallel) {
      const Matrix<T> right = matrixAt<T>(b, i, n, k);
      if (byRows) turnRows(right, n);
      lu::solveFactored<T>(matrixAt<T>(factors, i, n, n), pivots.get() + i * n, n, k, right, ofAdjoint, parallel);
    });
  });
}

// (dtype, count, n, columns, upper, unit, transposed, triangles, right-hand sides)
template <class Numbers>
void triangularSolve(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer(), k = params.integer();
  const bool upper = params.flag(), unit = params.flag(), transposed = params.flag();
  const char* const triangles = params.pointer();
  char* const b = params.pointer();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    if constexpr (!isComplex<T>) {
      if (interleaved::suitsElimination<T>(count, n, n) && k <= interleaved::kMostRows) {
        return interleaved::triangularSolve(count, n, k, upper, unit, transposed, reinterpret_cast<const T*>(triangles),
                                            reinterpret_cast<T*>(b));
      }
    }
    forEachMatrix(count, workOf(n, n, k), [&](int64_t i, bool parallel) {
      const Matrix<const T> a = matrixAt<T>(triangles, i, n, n);
      solveTriangle<T>(transposed ? a.transposed() : a, transposed != upper, unit, n, k, matrixAt<T>(b, i, n, k),
                    parallel);
    });
  });
}

}  // namespace flambeau
