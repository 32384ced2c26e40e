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

// Multiply-adds up to which loops are faster than a product that looks for the best plan.
constexpr int64_t kLoopProduct = 512;

// c[m, n] = beta c + alpha a[m, k] b[k, n]
template <class T>
void addProduct(int64_t m, int64_t n, int64_t k, T alpha, Matrix<const T> a, Matrix<const T> b, T beta, Matrix<T> c,
                bool parallel) {
  if (m <= 0 || n <= 0) return;
  if (m * n * k > kLoopProduct) return multiply(Gemm<T>{m, n, k, a, b, c, {}, alpha, beta, false}, parallel);
  for (int64_t j = 0; j < n; ++j) {
    T* const column = c.at(0, j);
    if (beta != T(1)) {
      for (int64_t i = 0; i < m; ++i) column[i * c.rowStride] = beta == T(0) ? T(0) : beta * column[i * c.rowStride];
    }
    for (int64_t p = 0; p < k; ++p) {
      const T factor = alpha * *b.at(p, j);
      const T* const from = a.at(0, p);
      for (int64_t i = 0; i < m; ++i) column[i * c.rowStride] += factor * from[i * a.rowStride];
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

// The sum of the products of two vectors' elements.
template <class T>
inline T dotProduct(int64_t n, const T* x, const T* y) {
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

// The 2-norm of a vector, without overflow on the way.
template <class T>
T normOf(int64_t n, const T* x) {
  const T square = dotProduct(n, x, x);
  constexpr T tiny = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  if (square > tiny && square < std::numeric_limits<T>::max()) return std::sqrt(square);
  T largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T size = std::abs(x[i]);
    if (!(size <= largest)) largest = size;
  }
  if (largest == T(0) || !std::isfinite(largest)) return largest;
  T sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += (x[i] / largest) * (x[i] / largest);
  return largest * std::sqrt(sum);
}

// The first of the elements of the largest magnitude.
template <class T>
int64_t indexOfLargest(int64_t n, const T* x) {
  using S = Simd<T>;
  T largest = -1;
  int64_t i = 0;
  if (n >= 4 * S::width) {
    typename S::Vector most = S::load(x) < T(0) ? -S::load(x) : S::load(x);
    for (i = S::width; i + S::width <= n; i += S::width) {
      const auto value = S::load(x + i);
      const auto size = value < T(0) ? -value : value;
      most = size > most ? size : most;
    }
    for (int lane = 0; lane < S::width; ++lane) largest = std::max<T>(largest, most[lane]);
  }
  for (; i < n; ++i) largest = std::max<T>(largest, std::abs(x[i]));
  for (int64_t at = 0; at < n; ++at) {
    if (std::abs(x[at]) == largest) return at;
  }
  return 0;
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
