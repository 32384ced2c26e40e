// Eigenvalues and singular values of interleaved matrices by Jacobi's rotations. They are made in rounds of pairs that have
// no row or column in common, so that the angles of a round do not wait for each other. A matrix that needs no more of them
// is not changed by those that others need.
#include "kernels/linalg/lanes.h"
#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace interleaved {
namespace {

// Most matrices need 5 to 8; those that need more are left to the caller.
constexpr int kMostSweeps = 16;

// Columns p and q become c aₚ - s a_q and c a_q + s aₚ, written so that small angles make small errors; `ratio` is s / (1 + c).
template <class T>
struct Rotation {
  int64_t p, q;
  Vector<T> s, ratio;

  void apply(Vector<T>& x, Vector<T>& y) const {
    const Vector<T> before = x;
    x -= s * (y + ratio * x);
    y += s * (before - ratio * y);
  }
  void apply(int64_t n, Vector<T>* x, Vector<T>* y) const {
    for (int64_t i = 0; i < n; ++i) apply(x[i], y[i]);
  }
};

// Calls angle(rotation), which gives the lanes of the matrices that need it, for each pair of columns, and apply(rotation) for
// those that any needs, until there are none or the sweeps end. The lanes of the matrices that need no more.
template <class T, class Angle, class Apply>
Integers<T> sweep(int64_t n, const Angle& angle, const Apply& apply) {
  const int64_t places = n + n % 2, turns = places - 1;
  Integers<T> open = {};
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    open = Integers<T>{};
    for (int64_t turn = 0; turn < turns; ++turn) {
      Rotation<T> rotations[kMostRows / 2];
      int64_t needed = 0;
      for (int64_t i = 0; i < places / 2; ++i) {
        const int64_t one = i == 0 ? turns : (turn + i) % turns, other = (turn + turns - i) % turns;
        if (std::max(one, other) >= n) continue;
        Rotation<T>& rotation = rotations[needed];
        rotation.p = std::min(one, other), rotation.q = std::max(one, other);
        const Integers<T> lanes = angle(rotation);
        if (!any<T>(lanes)) continue;
        open |= lanes;
        ++needed;
      }
      for (int64_t i = 0; i < needed; ++i) apply(rotations[i]);
    }
    if (!any<T>(open)) break;
  }
  return ~open;
}

// The tangent of the smaller angle that makes [a, b; b, a + d] diagonal.
template <class T>
Vector<T> tangentOf(const Vector<T>& d, const Vector<T>& b) {
  const Vector<T> twice = b + b, root = rootOf<T>(d * d + twice * twice);
  return twice / (d < Vector<T>{} ? d - root : d + root);
}

// No rotation where none is needed.
template <class T>
Vector<T> turn(Rotation<T>& rotation, const Integers<T>& needed, const Vector<T>& tangent) {
  const Vector<T> t = needed ? tangent : Vector<T>{};
  const Vector<T> root = rootOf<T>(1 + t * t);
  rotation.s = t / root;
  rotation.ratio = t / (root + 1);
  return t;
}

// Multiplies matrices by powers of 2 that bring their largest elements to between 1 and 2, and `back`. The lanes of those that
// are finite and not so small that digits are lost on the way back.
template <class T>
class Scaling {
 public:
  Integers<T> usual = all<T>();
  Vector<T> factor, back;

  void see(const Vector<T>& x) {
    const Vector<T> size = sizeOf(x);
    usual &= size <= Vector<T>{} + std::numeric_limits<T>::max();
    largest_ = size > largest_ ? size : largest_;
  }
  void find() {
    using Limits = std::numeric_limits<T>;
    constexpr int digits = Limits::digits - 1;
    constexpr Integer<T> one = Integer<T>{Limits::max_exponent - 1} << digits;
    const Vector<T> least = Vector<T>{} + Limits::min() * 16 / Limits::epsilon();
    const Vector<T> most = Vector<T>{} + Limits::max() / 2;
    usual &= (largest_ > least) & (largest_ < most);
    const Integers<T> power = (Integers<T>)(usual ? largest_ : Vector<T>{} + 1) >> digits << digits;
    factor = (Vector<T>)(2 * one - power);
    back = (Vector<T>)power;
  }

 private:
  Vector<T> largest_ = {};
};

// Exchanges what is in two columns where it is wanted.
template <class T>
void exchange(const Integers<T>& wanted, int64_t n, Vector<T>* x, Vector<T>* y) {
  for (int64_t i = 0; i < n; ++i) {
    const Vector<T> before = x[i];
    x[i] = wanted ? y[i] : x[i];
    y[i] = wanted ? before : y[i];
  }
}

// Makes the lower triangle of `a` diagonal, and `vectors`, where they are wanted, the eigenvectors.
template <class T>
Integers<T> diagonalize(int64_t n, const Lanes<T>& a, Vector<T>* vectors) {
  using V = Vector<T>;
  constexpr T eps = std::numeric_limits<T>::epsilon() / 2;
  const V least = V{} + std::sqrt(std::numeric_limits<T>::min());
  const auto angle = [&](Rotation<T>& rotation) {
    V &first = a.at(rotation.p, rotation.p), &second = a.at(rotation.q, rotation.q);
    V& beside = a.at(rotation.q, rotation.p);
    const Integers<T> needed = (sizeOf(beside) > least) & (beside * beside > eps * eps * sizeOf(first * second));
    if (!any<T>(needed)) return needed;
    const V change = turn<T>(rotation, needed, tangentOf<T>(second - first, beside)) * beside;
    first -= change;
    second += change;
    beside = needed ? V{} : beside;
    return needed;
  };
  return sweep<T>(n, angle, [&](const Rotation<T>& rotation) {
    const int64_t p = rotation.p, q = rotation.q;
    for (int64_t i = 0; i < p; ++i) rotation.apply(a.at(p, i), a.at(q, i));
    for (int64_t i = p + 1; i < q; ++i) rotation.apply(a.at(i, p), a.at(q, i));
    for (int64_t i = q + 1; i < n; ++i) rotation.apply(a.at(i, p), a.at(i, q));
    if (vectors != nullptr) rotation.apply(n, vectors + p * n, vectors + q * n);
  });
}

// Makes the columns of a[rows, n] orthogonal by rotations, which `vectors`, where they are wanted, gathers.
template <class T>
Integers<T> orthogonalize(int64_t rows, int64_t n, Vector<T>* a, Vector<T>* vectors) {
  using V = Vector<T>;
  const T tolerance = std::numeric_limits<T>::epsilon() * std::sqrt(static_cast<T>(rows));
  const auto angle = [&](Rotation<T>& rotation) {
    const V *const x = a + rotation.p * rows, *const y = a + rotation.q * rows;
    V first = {}, second = {}, beside = {};
    for (int64_t i = 0; i < rows; ++i) {
      first += x[i] * x[i];
      second += y[i] * y[i];
      beside += x[i] * y[i];
    }
    // Shares of the sum of both, whose squares do not vanish together.
    const V inverse = 1 / (first + second);
    first *= inverse, second *= inverse, beside *= inverse;
    const Integers<T> needed = beside * beside > tolerance * tolerance * (first * second);
    if (any<T>(needed)) turn<T>(rotation, needed, tangentOf<T>(second - first, beside));
    return needed;
  };
  return sweep<T>(n, angle, [&](const Rotation<T>& rotation) {
    rotation.apply(rows, a + rotation.p * rows, a + rotation.q * rows);
    if (vectors != nullptr) rotation.apply(n, vectors + rotation.p * n, vectors + rotation.q * n);
  });
}

template <class T>
void makeIdentity(int64_t n, Vector<T>* columns) {
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < n; ++i) columns[j * n + i] = Vector<T>{} + static_cast<T>(i == j);
  }
}

}  // namespace

template <class T>
void symmetricEigen(int64_t count, int64_t n, bool wantsVectors, T* matrices, T* values, int32_t* info) {
  using V = Vector<T>;
  forEachGroup<T>(count, 16 * n * n * n, 2 * n * n + n, [&](const Group& group, V* memory) {
    const WithoutTiny scope;
    const Lanes<T> a{memory, 1, n};
    V *const vectors = wantsVectors ? memory + n * n : nullptr, *const diagonal = memory + 2 * n * n;
    pack(matrices, n * n, group, memory);
    Scaling<T> scaling;
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = j; i < n; ++i) scaling.see(a.at(i, j));
    }
    scaling.find();
    for (int64_t e = 0; e < n * n; ++e) memory[e] *= scaling.factor;
    if (wantsVectors) makeIdentity<T>(n, vectors);
    const Integers<T> done = scaling.usual & diagonalize<T>(n, a, vectors);
    for (int64_t i = 0; i < n; ++i) diagonal[i] = a.at(i, i) * scaling.back;
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = i + 1; j < n; ++j) {
        const Integers<T> wrong = diagonal[i] > diagonal[j];
        exchange<T>(wrong, 1, diagonal + i, diagonal + j);
        if (wantsVectors) exchange<T>(wrong, n, vectors + i * n, vectors + j * n);
      }
    }
    unpack<T>(diagonal, n, group, done, values);
    if (wantsVectors) unpack<T>(vectors, n * n, group, done, matrices);
    note<T>(group, done, info);
  });
}

template <class T>
void singularValues(int64_t count, int64_t rows, int64_t n, const T* matrices, T* values, T* u, T* v, int32_t* info) {
  using V = Vector<T>;
  const int64_t size = rows * n;
  forEachGroup<T>(count, 16 * size * n, size + n * n + n, [&](const Group& group, V* a) {
    const WithoutTiny scope;
    V *const right = u == nullptr ? nullptr : a + size, *const sizes = a + size + n * n;
    pack(matrices, size, group, a);
    Scaling<T> scaling;
    for (int64_t e = 0; e < size; ++e) scaling.see(a[e]);
    scaling.find();
    for (int64_t e = 0; e < size; ++e) a[e] *= scaling.factor;
    if (right != nullptr) makeIdentity<T>(n, right);
    Integers<T> done = scaling.usual & orthogonalize<T>(rows, n, a, right);
    for (int64_t j = 0; j < n; ++j) {
      V square = {};
      for (int64_t i = 0; i < rows; ++i) square += a[j * rows + i] * a[j * rows + i];
      sizes[j] = rootOf<T>(square);
    }
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = i + 1; j < n; ++j) {
        const Integers<T> wrong = sizes[i] < sizes[j];
        exchange<T>(wrong, 1, sizes + i, sizes + j);
        if (right == nullptr) continue;
        exchange<T>(wrong, rows, a + i * rows, a + j * rows);
        exchange<T>(wrong, n, right + i * n, right + j * n);
      }
    }
    if (right != nullptr) {
      // A column that is nearly 0 has no direction.
      constexpr T tiny = std::numeric_limits<T>::min();
      done &= sizes[n - 1] > std::sqrt(tiny) / std::numeric_limits<T>::epsilon() * 16 * sizes[0];
      for (int64_t j = 0; j < n; ++j) {
        for (int64_t i = 0; i < rows; ++i) a[j * rows + i] /= sizes[j];
      }
      unpack<T>(a, size, group, done, u);
      unpack<T>(right, n * n, group, done, v);
    }
    for (int64_t j = 0; j < n; ++j) sizes[j] *= scaling.back;
    unpack<T>(sizes, n, group, done, values);
    note<T>(group, done, info);
  });
}

#define FLAMBEAU_INTERLEAVED(T)                                              \
  template void symmetricEigen(int64_t, int64_t, bool, T*, T*, int32_t*);    \
  template void singularValues(int64_t, int64_t, int64_t, const T*, T*, T*, T*, int32_t*);
FLAMBEAU_INTERLEAVED(float)
FLAMBEAU_INTERLEAVED(double)
#undef FLAMBEAU_INTERLEAVED

}  // namespace interleaved
}  // namespace flambeau
