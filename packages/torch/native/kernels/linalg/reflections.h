// Householder reflections H = I - tau v vᴴ, where v begins with 1, and products of many of them as I - V T Vᴴ.
#pragma once
#include "kernels/linalg/matrix.h"

namespace flambeau {

// Reflections that are applied together.
constexpr int64_t kReflections = 32;
// So few, of matrices so small, are applied one by one: to put them together would take longer.
constexpr int64_t kFewReflections = kReflections / 4, kFewElements = 1024;

// Makes the reflection whose inverse takes (first, x) of n elements to (first, 0), with a real number in the first place.
// `first` becomes its new value, x what follows the 1 in v; returns tau.
template <class T>
T makeReflection(int64_t n, T& first, T* x) {
  using R = RealOf<T>;
  R rest = n > 1 ? normOf(n - 1, x) : R(0);
  if (rest == R(0) && (!isComplex<T> || first == T(realPart(first)))) return T(0);
  const auto endOf = [&] { return -std::copysign(std::hypot(magnitude(first), rest), realPart(first)); };
  R end = endOf();
  // Numbers so small that their quotients have few digits are made larger first.
  constexpr R least = std::numeric_limits<R>::min() / std::numeric_limits<R>::epsilon();
  int times = 0;
  while (std::abs(end) < least && times < 20) {
    scaleParts(n - 1, 1 / least, x);
    first /= T(least);
    end /= least;
    ++times;
  }
  if (times > 0) {
    rest = n > 1 ? normOf(n - 1, x) : R(0);
    end = endOf();
  }
  const T tau = (T(end) - first) / T(end);
  scale(n - 1, T(1) / (first - T(end)), x);
  for (; times > 0; --times) end *= least;
  first = T(end);
  return tau;
}

// A column of n + 1 elements becomes its product with the reflection of `tau` and v, of which v holds what follows the 1.
template <class T>
void applyReflection(int64_t n, T tau, const T* v, T* to) {
  const T factor = tau * (*to + dotProduct(n, v, to + 1));
  *to -= factor;
  addScaled(n, -factor, v, to + 1);
}

// A product H₁ H₂ … of up to kReflections reflections of `rows` elements: V with its ones and zeros, and T.
template <class T>
class ReflectionBlock {
 public:
  ReflectionBlock(int64_t rows, int64_t cols)
      : memory_(kReflections * (rows + 2 * kReflections + 2 * cols)), v_(memory_.get()), t_(v_ + kReflections * rows),
        products_(t_ + kReflections * kReflections), work_(products_ + kReflections * kReflections),
        scaled_(work_ + kReflections * cols) {}

  // Reads `count` reflections from below the diagonal of `a`, which has as many rows as they have elements.
  void read(const Matrix<const T>& a, int64_t rows, int64_t count, const T* tau, bool parallel) {
    rows_ = rows;
    count_ = count;
    for (int64_t j = 0; j < count; ++j) {
      T* const to = v_ + j * rows;
      for (int64_t i = 0; i < std::min(j, rows); ++i) to[i] = T(0);
      if (j < rows) to[j] = T(1);
      for (int64_t i = j + 1; i < rows; ++i) to[i] = *a.at(i, j);
    }
    const Matrix<const T> v = columns<const T>(v_, rows);
    addProduct<T>(count, count, rows, 1, adjoint(v), v, 0, columns(products_, count), parallel);
    for (int64_t j = 0; j < count; ++j) {
      T* const column = t_ + j * count;
      for (int64_t i = 0; i < count; ++i) column[i] = T(0);
      for (int64_t p = 0; p < j; ++p) addScaled(p + 1, -tau[j] * products_[j * count + p], t_ + p * count, column);
      column[j] = tau[j];
    }
  }

  // c[rows, cols] becomes its product with the reflections, or with their inverse.
  void apply(const Matrix<T>& c, int64_t cols, bool inverse, bool parallel) const {
    if (cols <= 0) return;
    const Matrix<const T> v = columns<const T>(v_, rows_), t = columns<const T>(t_, count_);
    const Matrix<T> work = columns(work_, count_), scaled = columns(scaled_, count_);
    addProduct<T>(count_, cols, rows_, 1, adjoint(v), constant(c), 0, work, parallel);
    addProduct<T>(count_, cols, count_, 1, inverse ? adjoint(t) : t, constant(work), 0, scaled, parallel);
    addProduct<T>(rows_, cols, count_, -1, v, constant(scaled), 1, c, parallel);
  }

 private:
  const Scratch<T> memory_;
  T *const v_, *const t_, *const products_, *const work_, *const scaled_;
  int64_t rows_ = 0, count_ = 0;
};

// c[rows, cols] becomes its product with the first `count` reflections below the diagonal of a[rows, …], or with their
// inverse. Where `triangular`, the columns of c up to those of a block are known to be zero below its first row.
template <class T>
void applyReflections(const Matrix<const T>& a, int64_t rows, int64_t count, const T* tau, const Matrix<T>& c,
                      int64_t cols, bool inverse, bool triangular, bool parallel) {
  const bool isSmall = count <= std::min(kFewReflections, rows) && rows * cols <= kFewElements;
  if (isSmall && a.rowStride == 1 && c.rowStride == 1) {
    for (int64_t step = 0; step < count; ++step) {
      const int64_t j = inverse ? step : count - 1 - step;
      const T factor = inverse ? conjugate(tau[j]) : tau[j];
      for (int64_t col = triangular ? j : 0; col < cols; ++col) {
        applyReflection(rows - j - 1, factor, a.at(j, j) + 1, c.at(j, col));
      }
    }
    return;
  }
  ReflectionBlock<T> block(rows, cols);
  const int64_t blocks = (count + kReflections - 1) / kReflections;
  for (int64_t step = 0; step < blocks; ++step) {
    const int64_t j = (inverse ? step : blocks - 1 - step) * kReflections;
    const int64_t skipped = triangular ? std::min(j, cols) : 0;
    block.read(a.from(j, j), rows - j, std::min(kReflections, count - j), tau + j, parallel);
    block.apply(c.from(j, skipped), cols - skipped, inverse, parallel);
  }
}

// The first columns of the product of reflections, from those below the diagonal of `a`.
template <class T>
void formReflections(const Matrix<const T>& a, int64_t rows, int64_t count, const T* tau, const Matrix<T>& q,
                     int64_t cols, bool parallel) {
  for (int64_t j = 0; j < cols; ++j) {
    std::fill(q.at(0, j), q.at(0, j) + rows, T(0));
    if (j < rows) *q.at(j, j) = T(1);
  }
  applyReflections(a, rows, count, tau, q, cols, false, true, parallel);
}

// Factors a[rows, cols] = Q R in place: R from the diagonal on, and below it the reflections of which Q is made.
template <class T>
void factorByReflections(const Matrix<T>& a, int64_t rows, int64_t cols, T* tau, int64_t width, bool parallel) {
  constexpr int64_t narrow = kFewReflections;
  const int64_t steps = std::min(rows, cols);
  if (width <= narrow && steps <= narrow) {
    for (int64_t j = 0; j < steps; ++j) {
      T *const own = a.at(j, j), *const v = own + 1;
      tau[j] = makeReflection(rows - j, *own, v);
      for (int64_t c = j + 1; c < cols; ++c) applyReflection(rows - j - 1, conjugate(tau[j]), v, a.at(j, c));
    }
    return;
  }
  ReflectionBlock<T> block(rows, cols);
  for (int64_t j = 0; j < steps; j += width) {
    const int64_t count = std::min(width, steps - j), right = cols - j - count;
    factorByReflections(a.from(j, j), rows - j, count, tau + j, narrow, parallel);
    if (right == 0) continue;
    block.read(constant(a.from(j, j)), rows - j, count, tau + j, parallel);
    block.apply(a.from(j, j + count), right, true, parallel);
  }
}

template <class T>
void factorByReflections(const Matrix<T>& a, int64_t rows, int64_t cols, T* tau, bool parallel) {
  factorByReflections(a, rows, cols, tau, std::min(rows, cols) > kFewReflections ? kReflections : kFewReflections,
                      parallel);
}

}  // namespace flambeau
