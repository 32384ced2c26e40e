// Products of a matrix and a vector, and of two vectors: bound by memory, so the matrix is read once, in the
// order in which it lies.
#include "kernels/gemm/block.h"
#include "kernels/gemm/pack.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Elements of the output that are summed at once where columns are contiguous; they stay in the nearest cache.
constexpr int64_t kChunk = 4096;
// Vectors of each of four rows that are multiplied at once.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kUnroll = 4;
#else
constexpr int kUnroll = 2;
#endif

// sums[r] = the product of row r and x; `unroll` vectors at once keep both multipliers busy.
template <class T, int rows, int unroll>
void dotRows(const T* a, int64_t rowStride, const T* x, int64_t k, T* sums) {
  using S = Simd<T>;
  typename S::Vector sum[rows][unroll] = {};
  constexpr int step = unroll * S::width;
  int64_t p = 0;
  for (; p + step <= k; p += step) {
#pragma GCC unroll 8
    for (int u = 0; u < unroll; ++u) {
      const auto xs = S::load(x + p + u * S::width);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) sum[r][u] += S::load(a + r * rowStride + p + u * S::width) * xs;
    }
  }
  for (; p < k; p += S::width) {
    const int64_t count = std::min<int64_t>(S::width, k - p);
    const auto xs = S::load(x + p, count);
    for (int r = 0; r < rows; ++r) sum[r][0] += S::load(a + r * rowStride + p, count) * xs;
  }
  for (int r = 0; r < rows; ++r) {
    for (int u = 1; u < unroll; ++u) sum[r][0] += sum[r][u];
    sums[r] = sumLanes<T>(sum[r][0]);
  }
}

template <class T>
void sumAlongRows(const Matrix<const T>& a, const T* x, int64_t m, int64_t k, T* sums) {
  int64_t row = 0;
  for (; row + 4 <= m; row += 4) dotRows<T, 4, kUnroll>(a.at(row, 0), a.rowStride, x, k, sums + row);
  for (; row < m; ++row) dotRows<T, 1, 8>(a.at(row, 0), a.rowStride, x, k, sums + row);
}

// sums[m] = the product of `cols` columns and x, added to what is there already if `accumulate`.
template <class T, int cols>
void addCols(const T* a, int64_t colStride, const T* x, int64_t m, T* sums, bool accumulate) {
  using S = Simd<T>;
  constexpr int width = S::width;
  const auto sumAt = [&](int64_t i, const auto& load) __attribute__((always_inline)) {
    auto sum = accumulate ? load(sums + i) : typename S::Vector{};
#pragma GCC unroll 8
    for (int c = 0; c < cols; ++c) sum += x[c] * load(a + c * colStride + i);
    return sum;
  };
  const auto whole = [](const T* p) __attribute__((always_inline)) { return S::load(p); };
  int64_t i = 0;
  for (; i + 2 * width <= m; i += 2 * width) {
    const auto first = sumAt(i, whole), second = sumAt(i + width, whole);
    S::store(sums + i, first);
    S::store(sums + i + width, second);
  }
  for (; i < m; i += width) {
    const int64_t count = std::min<int64_t>(width, m - i);
    S::store(sums + i, sumAt(i, [&](const T* p) { return S::load(p, count); }), count);
  }
}

template <class T>
void sumAlongCols(const Matrix<const T>& a, const T* x, int64_t m, int64_t k, T* sums) {
  int64_t p = 0;
  for (; p + 8 <= k; p += 8) addCols<T, 8>(a.at(0, p), a.colStride, x + p, m, sums, p > 0);
  for (; p + 2 <= k; p += 2) addCols<T, 2>(a.at(0, p), a.colStride, x + p, m, sums, p > 0);
  if (p < k) addCols<T, 1>(a.at(0, p), a.colStride, x + p, m, sums, p > 0);
  if (k == 0) std::fill(sums, sums + m, T(0));
}

// sums[m] = a[m, k] @ x[k]
template <class T>
void sumProducts(const Matrix<const T>& a, const T* x, int64_t m, int64_t k, T* sums) {
  if (a.colStride == 1) return sumAlongRows(a, x, m, k, sums);
  if (a.rowStride == 1) return sumAlongCols(a, x, m, k, sums);
  for (int64_t i = 0; i < m; ++i) {
    T sum = 0;
    for (int64_t p = 0; p < k; ++p) sum += *a.at(i, p) * x[p];
    sums[i] = sum;
  }
}

template <class T>
void splitRows(const Gemm<T>& g, const T* x, bool parallel) {
  const int64_t grain = parallel ? std::max<int64_t>(1, kGemmGrain / std::max<int64_t>(g.k, 1)) : g.m;
  parallelFor(g.m, grain, [&](int64_t begin, int64_t end) {
    T sums[kChunk];
    for (int64_t row = begin; row < end; row += kChunk) {
      const int64_t rows = std::min(kChunk, end - row);
      sumProducts(g.a.from(row, 0), x, rows, g.k, sums);
      finishColumn(g, sums, row, rows);
    }
  });
}

// For few long rows: every thread sums a part of k.
template <class T>
void splitDepth(const Gemm<T>& g, const T* x) {
  static thread_local ThreadScratch scratch;
  const int64_t threads = threadCount();
  T* sums = scratch.reserve<T>(threads * g.m);
  parallelFor(threads, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t begin = g.k * i / threads, end = g.k * (i + 1) / threads;
      sumProducts(g.a.from(0, begin), x + begin, g.m, end - begin, sums + i * g.m);
    }
  });
  for (int64_t row = 0; row < g.m; ++row) {
    T sum = 0;
    for (int64_t i = 0; i < threads; ++i) sum += sums[i * g.m + row];
    finishElement(g, sum, row, 0);
  }
}

}  // namespace

template <class T>
void gemv(const Gemm<T>& g, bool parallel) {
  static thread_local ThreadScratch scratch;
  const T* x = g.b.data;
  if (g.b.rowStride != 1) {
    T* copy = scratch.reserve<T>(g.k);
    for (int64_t p = 0; p < g.k; ++p) copy[p] = *g.b.at(p, 0);
    x = copy;
  }
  const bool fewRows = g.m < 8 * threadCount();
  if (parallel && fewRows && g.m * g.k >= 2 * kGemmGrain) return splitDepth(g, x);
  splitRows(g, x, parallel);
}

template void gemv(const Gemm<float>&, bool);
template void gemv(const Gemm<double>&, bool);

}  // namespace flambeau
