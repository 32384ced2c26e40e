// The singular value decomposition: reflections from both sides make the matrix bidiagonal, rotations make that diagonal.
#include <numeric>

#include "kernels/linalg/reflections.h"
#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace {

// Makes a[rows, n] with rows >= n upper bidiagonal: the diagonal, what is above it, the left reflections below the diagonal
// of `a`, and the right ones below the diagonal of `right`.
template <class T>
class Bidiagonal {
 public:
  Bidiagonal(const Matrix<T>& a, int64_t rows, int64_t n, bool parallel)
      : a_(a), rows_(rows), n_(n), parallel_(parallel), memory_(n * n + 4 * n + 2 * kReflections * (rows + n)),
        right(columns(memory_.get(), n)), diagonal(memory_.get() + n * n), above(diagonal + n), tauLeft(above + n),
        tauRight(tauLeft + n), tall_(tauRight + n), wide_(tall_ + 2 * kReflections * rows) {
    std::fill(memory_.get(), memory_.get() + n * n, T(0));
    for (int64_t j = 0; j < n; j += kReflections) reduce(j, std::min(kReflections, n - j));
  }

 private:
  // The next columns and rows. What their reflections do to the rest is A - [V X] [Y U]ᵀ, where V and U are the
  // reflections from the left and the right; it is done at the end.
  void reduce(int64_t begin, int64_t count) {
    const int64_t rows = rows_ - begin, cols = n_ - begin;
    const Matrix<T> tall = columns(tall_, rows), wide = columns(wide_, cols);
    std::fill(tall_, tall_ + 2 * rows * count, T(0));
    std::fill(wide_, wide_ + 2 * cols * count, T(0));
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = begin + j, below = rows - j, beside = cols - j - 1;
      T* const column = a_.at(at, at);
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below, -*wide.at(j, p), tall.at(j, p), column);
        addScaled(below, -*wide.at(j, count + p), tall.at(j, count + p), column);
      }
      tauLeft[at] = makeReflection(below, column[0], column + 1);
      diagonal[at] = column[0];
      T* const v = tall.at(j, j);
      v[0] = 1;
      std::copy(column + 1, column + below, v + 1);
      if (beside == 0) break;
      // y = tau (Aᵀ v - Y Vᵀ v - U Xᵀ v)
      T* const y = wide.at(j + 1, j);
      addProduct<T>(beside, 1, below, tauLeft[at], constant(a_.from(at, at + 1)).transposed(), columns<const T>(v, below), 0,
                    columns(y, beside), parallel_);
      for (int64_t p = 0; p < j; ++p) {
        addScaled(beside, -tauLeft[at] * dotProduct(below, tall.at(j, p), v), wide.at(j + 1, p), y);
        addScaled(beside, -tauLeft[at] * dotProduct(below, tall.at(j, count + p), v), wide.at(j + 1, count + p), y);
      }
      // The row, as all reflections from the left and those from the right before leave it.
      T* const row = right.at(at + 1, at);
      for (int64_t c = 0; c < beside; ++c) row[c] = *a_.at(at, at + 1 + c);
      for (int64_t p = 0; p <= j; ++p) addScaled(beside, -*tall.at(j, p), wide.at(j + 1, p), row);
      for (int64_t p = 0; p < j; ++p) addScaled(beside, -*tall.at(j, count + p), wide.at(j + 1, count + p), row);
      tauRight[at] = makeReflection(beside, row[0], row + 1);
      above[at] = row[0];
      T* const u = wide.at(j + 1, count + j);
      u[0] = 1;
      std::copy(row + 1, row + beside, u + 1);
      if (below == 1) continue;
      // x = tau (A u - V Yᵀ u - X Uᵀ u)
      T* const x = tall.at(j + 1, count + j);
      addProduct<T>(below - 1, 1, beside, tauRight[at], constant(a_.from(at + 1, at + 1)), columns<const T>(u, beside), 0,
                    columns(x, below - 1), parallel_);
      for (int64_t p = 0; p <= j; ++p) {
        addScaled(below - 1, -tauRight[at] * dotProduct(beside, wide.at(j + 1, p), u), tall.at(j + 1, p), x);
      }
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below - 1, -tauRight[at] * dotProduct(beside, wide.at(j + 1, count + p), u), tall.at(j + 1, count + p), x);
      }
    }
    if (cols == count) return;
    addProduct<T>(rows - count, cols - count, 2 * count, -1, constant(tall.from(count, 0)),
                  constant(wide.from(count, 0)).transposed(), 1, a_.from(begin + count, begin + count), parallel_);
  }

  const Matrix<T> a_;
  const int64_t rows_, n_;
  const bool parallel_;
  const Scratch<T> memory_;

 public:
  const Matrix<T> right;
  T *const diagonal, *const above, *const tauLeft, *const tauRight;

 private:
  T *const tall_, *const wide_;
};

// Makes an upper bidiagonal matrix diagonal by implicit QR steps, after Demmel and Kahan: small singular values are as
// accurate as large ones.
template <class T>
class Diagonalization {
 public:
  Diagonalization(int64_t n, T* d, T* e, RotatedColumns<T>& left, RotatedColumns<T>& right)
      : n_(n), d_(d), e_(e), left_(left), right_(right) {}

  // False if the steps do not end.
  bool run() {
    if (n_ == 0) return true;
    findThreshold();
    int64_t steps = 0, last = n_ - 1, oldFirst = -1, oldLast = -1;
    while (last > 0) {
      if (std::abs(d_[last]) <= threshold_) d_[last] = 0;
      int64_t first = last;
      largest_ = std::abs(d_[last]);
      while (first > 0) {
        if (std::abs(d_[first - 1]) <= threshold_) d_[first - 1] = 0;
        if (std::abs(e_[first - 1]) <= threshold_) {
          e_[first - 1] = 0;
          break;
        }
        --first;
        largest_ = std::max({largest_, std::abs(d_[first]), std::abs(e_[first])});
      }
      if (first == last) {
        --last;
        continue;
      }
      if (first != oldFirst || last != oldLast) down_ = std::abs(d_[first]) >= std::abs(d_[last]);
      oldFirst = first, oldLast = last;
      if (hasConverged(first, last)) continue;
      if (steps > 6 * n_ * n_ + 30) return false;
      steps += last - first;
      const T shift = shiftOf(first, last);
      if (shift == T(0)) down_ ? zeroDown(first, last) : zeroUp(first, last);
      else down_ ? stepDown(first, last, shift) : stepUp(first, last, shift);
    }
    return true;
  }

 private:
  static constexpr T kEps = std::numeric_limits<T>::epsilon() / 2;
  T tolerance_ = 0, threshold_ = 0, largest_ = 0, smallest_ = 0;
  bool down_ = true;

  void findThreshold() {
    tolerance_ = std::clamp<T>(std::pow(kEps, T(-0.125)), 10, 100) * kEps;
    T mu = std::abs(d_[0]), smallest = mu;
    for (int64_t i = 1; i < n_ && smallest > 0; ++i) {
      mu = std::abs(d_[i]) * (mu / (mu + std::abs(e_[i - 1])));
      smallest = std::min(smallest, mu);
    }
    const T size = static_cast<T>(n_);
    threshold_ = std::max(tolerance_ * smallest / std::sqrt(size), 6 * size * size * std::numeric_limits<T>::min());
  }

  // Drops what is negligible beside the diagonal between these, and estimates the smallest singular value there.
  bool hasConverged(int64_t first, int64_t last) {
    T& end = down_ ? e_[last - 1] : e_[first];
    if (std::abs(end) <= tolerance_ * std::abs(down_ ? d_[last] : d_[first])) {
      end = 0;
      return true;
    }
    T mu = std::abs(down_ ? d_[first] : d_[last]);
    smallest_ = mu;
    for (int64_t step = 0; step < last - first; ++step) {
      const int64_t i = down_ ? first + step : last - 1 - step;
      if (std::abs(e_[i]) <= tolerance_ * mu) {
        e_[i] = 0;
        return true;
      }
      mu = std::abs(d_[down_ ? i + 1 : i]) * (mu / (mu + std::abs(e_[i])));
      smallest_ = std::min(smallest_, mu);
    }
    return false;
  }

  T shiftOf(int64_t first, int64_t last) const {
    if (n_ * tolerance_ * (smallest_ / largest_) <= std::max(kEps, T(0.01) * tolerance_)) return 0;
    const T start = std::abs(down_ ? d_[first] : d_[last]);
    const T shift = down_ ? smallerOf(d_[last - 1], e_[last - 1], d_[last]) : smallerOf(d_[first], e_[first], d_[first + 1]);
    if (start > 0 && (shift / start) * (shift / start) < kEps) return 0;
    return shift;
  }

  // The smaller singular value of [f g; 0 h].
  static T smallerOf(T f, T g, T h) {
    const T fa = std::abs(f), ga = std::abs(g), ha = std::abs(h);
    const T low = std::min(fa, ha), high = std::max(fa, ha);
    if (low == T(0)) return 0;
    const T as = 1 + low / high, at = (high - low) / high;
    if (ga < high) {
      const T au = (ga / high) * (ga / high);
      return low * (2 / (std::sqrt(as * as + au) + std::sqrt(at * at + au)));
    }
    const T au = high / ga;
    if (au == T(0)) return low * high / ga;
    const T c = 1 / (std::sqrt(1 + (as * au) * (as * au)) + std::sqrt(1 + (at * au) * (at * au)));
    return 2 * (low * c * au);
  }

  void zeroDown(int64_t first, int64_t last) {
    T c = 1, s = 0, oldC = 1, oldS = 0;
    for (int64_t i = first; i < last; ++i) {
      const T r = makeRotation(d_[i] * c, e_[i], c, s);
      if (i > first) e_[i - 1] = oldS * r;
      d_[i] = makeRotation(oldC * r, d_[i + 1] * s, oldC, oldS);
      right_.rotate(i, c, s);
      left_.rotate(i, oldC, oldS);
    }
    const T h = d_[last] * c;
    d_[last] = h * oldC;
    e_[last - 1] = h * oldS;
    if (std::abs(e_[last - 1]) <= threshold_) e_[last - 1] = 0;
  }

  void zeroUp(int64_t first, int64_t last) {
    T c = 1, s = 0, oldC = 1, oldS = 0;
    for (int64_t i = last; i > first; --i) {
      const T r = makeRotation(d_[i] * c, e_[i - 1], c, s);
      if (i < last) e_[i] = oldS * r;
      d_[i] = makeRotation(oldC * r, d_[i - 1] * s, oldC, oldS);
      left_.rotate(i - 1, c, -s);
      right_.rotate(i - 1, oldC, -oldS);
    }
    const T h = d_[first] * c;
    d_[first] = h * oldC;
    e_[first] = h * oldS;
    if (std::abs(e_[first]) <= threshold_) e_[first] = 0;
  }

  void stepDown(int64_t first, int64_t last, T shift) {
    T f = (std::abs(d_[first]) - shift) * (std::copysign(T(1), d_[first]) + shift / d_[first]), g = e_[first], c, s;
    for (int64_t i = first; i < last; ++i) {
      const T r = makeRotation(f, g, c, s);
      if (i > first) e_[i - 1] = r;
      f = c * d_[i] + s * e_[i];
      e_[i] = c * e_[i] - s * d_[i];
      g = s * d_[i + 1];
      d_[i + 1] = c * d_[i + 1];
      right_.rotate(i, c, s);
      d_[i] = makeRotation(f, g, c, s);
      f = c * e_[i] + s * d_[i + 1];
      d_[i + 1] = c * d_[i + 1] - s * e_[i];
      if (i + 1 < last) {
        g = s * e_[i + 1];
        e_[i + 1] = c * e_[i + 1];
      }
      left_.rotate(i, c, s);
    }
    e_[last - 1] = f;
    if (std::abs(f) <= threshold_) e_[last - 1] = 0;
  }

  void stepUp(int64_t first, int64_t last, T shift) {
    T f = (std::abs(d_[last]) - shift) * (std::copysign(T(1), d_[last]) + shift / d_[last]), g = e_[last - 1], c, s;
    for (int64_t i = last; i > first; --i) {
      const T r = makeRotation(f, g, c, s);
      if (i < last) e_[i] = r;
      f = c * d_[i] + s * e_[i - 1];
      e_[i - 1] = c * e_[i - 1] - s * d_[i];
      g = s * d_[i - 1];
      d_[i - 1] = c * d_[i - 1];
      left_.rotate(i - 1, c, -s);
      d_[i] = makeRotation(f, g, c, s);
      f = c * e_[i - 1] + s * d_[i - 1];
      d_[i - 1] = c * d_[i - 1] - s * e_[i - 1];
      if (i - 1 > first) {
        g = s * e_[i - 2];
        e_[i - 2] = c * e_[i - 2];
      }
      right_.rotate(i - 1, c, -s);
    }
    e_[first] = f;
    if (std::abs(f) <= threshold_) e_[first] = 0;
  }

  const int64_t n_;
  T *const d_, *const e_;
  RotatedColumns<T>&left_, &right_;
};

// Where the results of one matrix go: U has `width` columns, V n of them.
template <class T>
struct Singular {
  T *values, *u, *v;
  int64_t width;
};

// Singular values in descending order, and where they are wanted the vectors of a[rows, n], rows >= n, which is lost.
template <class T>
int32_t decompose(T* data, int64_t rows, int64_t n, const Singular<T>& out, bool parallel) {
  const Matrix<T> a = columns(data, rows);
  const bool wantsVectors = out.u != nullptr;
  const T factor = safeScale(data, rows * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != T(1)) scale(rows * n, factor, data);
  // Of a tall matrix it is done for R alone.
  const bool isTall = rows > 2 * n;
  const Scratch<T> memory(n + (isTall ? n * n : 0) + (wantsVectors ? n * n : 0));
  T *const tau = memory.get(), *const triangle = tau + n, *const rotatedData = triangle + (isTall ? n * n : 0);
  Matrix<T> square = a;
  int64_t height = rows;
  if (isTall) {
    factorByReflections(a, rows, n, tau, parallel);
    square = columns(triangle, n), height = n;
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < n; ++i) *square.at(i, j) = i <= j ? *a.at(i, j) : T(0);
    }
  }
  const Bidiagonal<T> reduced(square, height, n, parallel);
  RotatedColumns<T> left(n, wantsVectors, parallel), right(n, wantsVectors, parallel);
  if (!Diagonalization<T>(n, reduced.diagonal, reduced.above, left, right).run()) return 1;
  const Scratch<int64_t> places(n);
  const Scratch<T> signs(n);
  int64_t* const order = places.get();
  std::iota(order, order + n, 0);
  for (int64_t i = 0; i < n; ++i) {
    signs.get()[i] = std::signbit(reduced.diagonal[i]) ? -1 : 1;
    reduced.diagonal[i] = std::abs(reduced.diagonal[i]);
  }
  std::stable_sort(order, order + n, [&](int64_t i, int64_t j) { return reduced.diagonal[i] > reduced.diagonal[j]; });
  for (int64_t i = 0; i < n; ++i) out.values[i] = reduced.diagonal[order[i]] / factor;
  if (!wantsVectors) return 0;
  const Matrix<T> u = columns(out.u, rows), v = columns(out.v, n), rotated = columns(rotatedData, n);
  right.write(v, order, signs.get());
  if (n > 1) {
    applyReflections<T>(constant(reduced.right.from(1, 0)), n - 1, n - 1, reduced.tauRight, v.from(1, 0), n, false, false,
                        parallel);
  }
  left.write(rotated, order, nullptr);
  for (int64_t j = 0; j < out.width; ++j) {
    std::fill(u.at(0, j), u.at(0, j) + rows, T(0));
    if (j < n) std::copy(rotated.at(0, j), rotated.at(0, j) + n, u.at(0, j));
    else *u.at(j, j) = 1;
  }
  if (isTall) {
    applyReflections<T>(constant(square), n, n, reduced.tauLeft, u, n, false, false, parallel);
    applyReflections<T>(constant(a), rows, n, tau, u, out.width, false, false, parallel);
  } else {
    applyReflections<T>(constant(a), rows, n, reduced.tauLeft, u, out.width, false, false, parallel);
  }
  return 0;
}

}  // namespace

// (dtype, count, rows, cols, columns of U, matrices, singular values, U or 0, V or 0, info): rows >= cols, and the matrices
// are lost
FLAMBEAU_KERNEL(singularValues) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer(), width = params.integer();
  char *const data = params.pointer(), *const values = params.pointer(), *const u = params.pointer(),
       *const v = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  dispatchFloating(dtype, [&]<class T>(T) {
    forEachMatrix(count, 16 * workOf(rows, cols, cols), [&](int64_t i, bool parallel) {
      const Singular<T> out = {reinterpret_cast<T*>(values) + i * cols,
                               u == nullptr ? nullptr : reinterpret_cast<T*>(u) + i * rows * width,
                               v == nullptr ? nullptr : reinterpret_cast<T*>(v) + i * cols * cols, width};
      info[i] = decompose(reinterpret_cast<T*>(data) + i * rows * cols, rows, cols, out, parallel);
    });
  });
  reportFailure(params, count, info);
}

}  // namespace flambeau
