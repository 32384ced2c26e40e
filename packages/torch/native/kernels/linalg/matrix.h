// What the decompositions share: matrices whose columns are contiguous, sums of products of them, vectors, and batches.
//
// Every kernel of this family works in place on a batch of matrices without gaps whose columns are contiguous, as
// LAPACK's do. Decompositions are recursive or go by blocks, so that nearly all of the work is products of matrices.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/gemm/gemm.h"
#include "kernels/gemm/simd.h"
#include "kernels/kernel.h"
#include "kernels/linalg/numbers.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

template <class T>
Matrix<const T> constant(const Matrix<T>& a) {
  return {a.data, a.rowStride, a.colStride};
}

// A matrix of so many rows whose columns follow each other.
template <class T>
Matrix<T> columns(T* data, int64_t rows) {
  return {data, 1, rows};
}

// A matrix of a batch of such.
template <class T>
Matrix<T> matrixAt(char* batch, int64_t i, int64_t rows, int64_t cols) {
  return columns(reinterpret_cast<T*>(batch) + i * rows * cols, rows);
}
template <class T>
Matrix<const T> matrixAt(const char* batch, int64_t i, int64_t rows, int64_t cols) {
  return columns(reinterpret_cast<const T*>(batch) + i * rows * cols, rows);
}

// Makes a square matrix lie by columns that lies by rows.
template <class T>
void turnRows(const Matrix<T>& a, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < j; ++i) std::swap(*a.at(i, j), *a.at(j, i));
  }
}

// Copies the matrix of a batch that lies by columns, or by rows if it is square, to where it is to lie by columns; it may be
// there already.
template <class T>
void takeMatrix(const char* batch, int64_t i, int64_t rows, int64_t cols, bool byRows, const Matrix<T>& to) {
  const T* const from = reinterpret_cast<const T*>(batch) + i * rows * cols;
  if (from != to.data) std::copy(from, from + rows * cols, to.data);
  if (byRows) turnRows(to, rows);
}

// A factor of a product: a matrix, or the conjugate of one.
template <class T>
struct Factor {
  Matrix<const T> matrix;
  bool conjugated = false;

  Factor(const Matrix<const T>& a) : matrix(a) {}
  Factor(const Matrix<const T>& a, bool conjugated) : matrix(a), conjugated(conjugated && isComplex<T>) {}

  T at(int64_t row, int64_t col) const { return conjugated ? conjugate(*matrix.at(row, col)) : *matrix.at(row, col); }
  Factor from(int64_t row, int64_t col) const { return {matrix.from(row, col), conjugated}; }
  Factor transposed() const { return {matrix.transposed(), conjugated}; }
};

// The conjugate transpose of a matrix.
template <class T>
Factor<T> adjoint(const Matrix<const T>& a) {
  return {a.transposed(), true};
}

// Multiply-adds up to which loops are faster than a product that looks for the best plan.
constexpr int64_t kLoopProduct = 512;

// A part of the numbers of a matrix: the real ones (0) or the imaginary ones (1).
template <class T>
Matrix<T> partOf(const Matrix<Complex<T>>& a, int part) {
  return {partsOf(a.data) + part, 2 * a.rowStride, 2 * a.colStride};
}
template <class T>
Matrix<const T> partOf(const Matrix<const Complex<T>>& a, int part) {
  return {partsOf(a.data) + part, 2 * a.rowStride, 2 * a.colStride};
}

template <class T>
void multiplyParts(int64_t m, int64_t n, int64_t k, T alpha, const Factor<Complex<T>>& a, const Factor<Complex<T>>& b,
                   T beta, const Matrix<Complex<T>>& c, bool parallel) {
  const T signA = a.conjugated ? -1 : 1, signB = b.conjugated ? -1 : 1;
  const auto add = [&](int partA, int partB, T sign, T kept) {
    const Matrix<T> out = partOf(c, (partA + partB) % 2);
    multiply(Gemm<T>{m, n, k, partOf(a.matrix, partA), partOf(b.matrix, partB), out, {}, alpha * sign, kept, false},
             parallel);
  };
  add(0, 0, 1, beta);
  add(1, 1, -signA * signB, 1);
  add(0, 1, signB, beta);
  add(1, 0, signA, 1);
}

// c[m, n] = beta c + alpha a[m, k] b[k, n]
template <class T>
void addProduct(int64_t m, int64_t n, int64_t k, RealOf<T> alpha, const Factor<T>& a, const Factor<T>& b,
                RealOf<T> beta, const Matrix<T>& c, bool parallel) {
  if (m <= 0 || n <= 0) return;
  if (m * n * k > kLoopProduct) {
    if constexpr (isComplex<T>) return multiplyParts(m, n, k, alpha, a, b, beta, c, parallel);
    else return multiply(Gemm<T>{m, n, k, a.matrix, b.matrix, c, {}, alpha, beta, false}, parallel);
  }
  for (int64_t j = 0; j < n; ++j) {
    T* const column = c.at(0, j);
    if (beta != 1) {
      for (int64_t i = 0; i < m; ++i) {
        column[i * c.rowStride] = beta == 0 ? T(0) : T(beta) * column[i * c.rowStride];
      }
    }
    for (int64_t p = 0; p < k; ++p) {
      const T factor = T(alpha) * b.at(p, j);
      const T* const from = a.matrix.at(0, p);
      if (a.conjugated) {
        for (int64_t i = 0; i < m; ++i) column[i * c.rowStride] += factor * conjugate(from[i * a.matrix.rowStride]);
      } else {
        for (int64_t i = 0; i < m; ++i) column[i * c.rowStride] += factor * from[i * a.matrix.rowStride];
      }
    }
  }
}

// y += alpha x
template <class T>
inline void addScaled(int64_t n, T alpha, const T* __restrict x, T* __restrict y) {
  for (int64_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

template <class T>
inline void scale(int64_t n, T alpha, T* x) {
  for (int64_t i = 0; i < n; ++i) x[i] *= alpha;
}

// x *= alpha, which is real
template <class T>
inline void scaleParts(int64_t n, RealOf<T> alpha, T* x) {
  scale(kParts<T> * n, alpha, partsOf(x));
}

template <class T>
inline T realDotProduct(int64_t n, const T* x, const T* y) {
  using S = Simd<T>;
  typename S::Vector sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * S::width <= n; i += 4 * S::width) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums[v] += S::load(x + i + v * S::width) * S::load(y + i + v * S::width);
  }
  for (; i < n; i += S::width) {
    const int64_t count = std::min<int64_t>(S::width, n - i);
    sums[0] += S::load(x + i, count) * S::load(y + i, count);
  }
  return sumLanes<T>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// The sum of the products of two vectors' elements, of which those of the first are conjugated.
template <class T>
inline T dotProduct(int64_t n, const T* x, const T* y, bool conjugated = true) {
  if constexpr (isComplex<T>) {
    const RealOf<T> sign = conjugated ? -1 : 1;
    T sum(0);
    for (int64_t i = 0; i < n; ++i) sum += T(x[i].re, sign * x[i].im) * y[i];
    return sum;
  } else {
    return realDotProduct(n, x, y);
  }
}

// The 2-norm of a vector, without overflow on the way.
template <class T>
RealOf<T> normOf(int64_t n, const T* x) {
  using R = RealOf<T>;
  const R square = realPart(dotProduct(n, x, x));
  constexpr R tiny = std::numeric_limits<R>::min() / std::numeric_limits<R>::epsilon();
  if (square > tiny && square < std::numeric_limits<R>::max()) return std::sqrt(square);
  const R* const parts = partsOf(x);
  R largest = 0;
  for (int64_t i = 0; i < kParts<T> * n; ++i) {
    const R size = std::abs(parts[i]);
    if (!(size <= largest)) largest = size;
  }
  if (largest == R(0) || !std::isfinite(largest)) return largest;
  R sum = 0;
  for (int64_t i = 0; i < kParts<T> * n; ++i) sum += (parts[i] / largest) * (parts[i] / largest);
  return largest * std::sqrt(sum);
}

// The largest of a vector's lanes.
template <class T, int s = Simd<T>::width / 2>
inline T largestLane(typename Simd<T>::Vector v) {
  if constexpr (s == 0) {
    return v[0];
  } else {
    auto other = v;
    simd::exchange<s>(v, other, std::make_integer_sequence<int, Simd<T>::width>{});
    return largestLane<T, s / 2>(v > other ? v : other);
  }
}

template <class T>
int64_t realIndexOfLargest(int64_t n, const T* x) {
  using S = Simd<T>;
  typename S::Vector most = {};
  const auto take = [&](typename S::Vector value) {
    const auto size = value < T(0) ? -value : value;
    most = size > most ? size : most;
  };
  int64_t i = 0;
  for (; i + S::width <= n; i += S::width) take(S::load(x + i));
  if (i < n) take(S::load(x + i, n - i));
  const T largest = largestLane<T>(most);
  for (int64_t at = 0; at < n; ++at) {
    if (std::abs(x[at]) == largest) return at;
  }
  return 0;
}

// The first of the elements of the largest magnitude, or of the largest sum of both parts' magnitudes.
template <class T>
int64_t indexOfLargest(int64_t n, const T* x) {
  if constexpr (isComplex<T>) {
    int64_t at = 0;
    for (int64_t i = 1; i < n; ++i) {
      if (quickMagnitude(x[i]) > quickMagnitude(x[at])) at = i;
    }
    return at;
  } else {
    return realIndexOfLargest(n, x);
  }
}

// Calls body(index, parallel) for each matrix of a batch. Many are shared out among the threads, few are taken one after
// the other by all of them. `work` is about the number of multiply-adds for one.
template <class Body>
void forEachMatrix(int64_t count, int64_t work, const Body& body) {
  if (count >= 2 * threadCount() || work < kGemmGrain) {
    const int64_t grain = std::max<int64_t>(1, kGemmGrain / std::max<int64_t>(work, 1));
    return parallelFor(count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) body(i, false);
    });
  }
  for (int64_t i = 0; i < count; ++i) body(i, true);
}

// About how many multiply-adds take the time of work on a matrix, small loops included.
inline int64_t workOf(int64_t rows, int64_t cols, int64_t depth) { return (rows + 8) * (cols + 8) * (depth + 8); }

// What `info` says of matrices with elements that are not finite.
constexpr int32_t kNotFinite = -1;

// The factor by which a matrix is multiplied so that squares of its elements neither overflow nor vanish, mostly 1; NaN if
// it holds something that is not finite.
template <class T>
RealOf<T> safeScale(const T* data, int64_t count) {
  using R = RealOf<T>;
  using Limits = std::numeric_limits<R>;
  const R* const parts = partsOf(data);
  R largest = 0;
  for (int64_t i = 0; i < kParts<T> * count; ++i) {
    const R size = std::abs(parts[i]);
    if (!(size <= Limits::max())) return Limits::quiet_NaN();
    largest = std::max(largest, size);
  }
  const R small = std::sqrt(Limits::min() / Limits::epsilon());
  if (largest == R(0) || (largest > small && largest < 1 / small)) return 1;
  // A power of 2 changes no digits.
  int exponent;
  std::frexp(largest, &exponent);
  return std::ldexp(R(1), std::clamp(-exponent, Limits::min_exponent, Limits::max_exponent - 1));
}

// Real numbers as those of which matrices are made: themselves, or complex ones in `room`.
template <class T>
T* asNumbers(RealOf<T>* x, int64_t n, T* room) {
  if constexpr (isComplex<T>) {
    for (int64_t i = 0; i < n; ++i) room[i] = T(x[i]);
    return room;
  } else {
    return x;
  }
}

// Results 0 and 1: the first matrix whose `info` is not 0, or -1, and its `info`.
inline void reportFailure(Params& params, int64_t count, const int32_t* info) {
  params.result(0, -1);
  for (int64_t i = 0; i < count; ++i) {
    if (info[i] == 0) continue;
    params.result(0, static_cast<double>(i));
    params.result(1, info[i]);
    return;
  }
}

}  // namespace flambeau
