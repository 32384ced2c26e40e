// Products of a matrix that lies along k with one of few columns: every element of the output is a dot product, so
// nothing is padded, and nothing copied but the few columns, where they do not lie along k too. (A layer of a network,
// where it has few outputs or the batch few rows.)
#include <algorithm>
#include <array>

#include "kernels/gemm/block.h"
#include "kernels/gemm/pack.h"

namespace flambeau {
namespace {

// The tile of the output that is summed in registers, at most.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileRows = 4, kTileCols = 6;
#else
constexpr int kTileRows = 2, kTileCols = 4;
#endif
// Elements of k between visits to the output, and rows of it that are visited together: what is read too soon
// after it was written in smaller pieces makes the processor wait.
constexpr int64_t kDotDepth = 2048, kDotRows = 32;

// sums[r][c] = the product of row r of a and column c of b, which lie along k, for a tile of kTileRows x cols; rows of
// sums are kBlockCols apart.
template <class T, int cols>
void multiplyTile(const Matrix<const T>& a, const Matrix<const T>& b, int64_t depth, T* sums) {
  using S = Simd<T>;
  constexpr int width = S::width, count = (kTileRows * cols + width - 1) / width * width;
  const T *row[kTileRows] = {a.data}, *col[cols] = {b.data};
#pragma GCC unroll 8
  for (int r = 1; r < kTileRows; ++r) row[r] = row[r - 1] + a.rowStride;
#pragma GCC unroll 8
  for (int c = 1; c < cols; ++c) col[c] = col[c - 1] + b.colStride;
  typename S::Vector sum[count] = {};
  const auto step = [&](const auto& load) __attribute__((always_inline)) {
    typename S::Vector factor[cols];
#pragma GCC unroll 8
    for (int c = 0; c < cols; ++c) factor[c] = load(col[c]);
#pragma GCC unroll 8
    for (int r = 0; r < kTileRows; ++r) {
      const auto value = load(row[r]);
#pragma GCC unroll 8
      for (int c = 0; c < cols; ++c) sum[r * cols + c] += value * factor[c];
    }
  };
  int64_t p = 0;
  for (; p + width <= depth; p += width) step([&](const T* from) { return S::load(from + p); });
  if (p < depth) step([&](const T* from) { return S::load(from + p, depth - p); });
  alignas(kVectorBytes) T totals[count];
#pragma GCC unroll 8
  for (int i = 0; i < count; i += width) {
    typename S::Vector group[width];
#pragma GCC unroll 16
    for (int j = 0; j < width; ++j) group[j] = sum[i + j];
    S::store(totals + i, sumLanes<T>(group));
  }
#pragma GCC unroll 8
  for (int r = 0; r < kTileRows; ++r) std::copy_n(totals + r * cols, cols, sums + r * kBlockCols<T>);
}

template <class T>
using MultiplyTile = void (*)(const Matrix<const T>&, const Matrix<const T>&, int64_t, T*);

// The function for a tile of each number of columns.
template <class T, int... col>
constexpr std::array<MultiplyTile<T>, kTileCols> tileFunctions(std::integer_sequence<int, col...>) {
  return {multiplyTile<T, col + 1>...};
}

// A tile's rows, with all columns of the problem.
template <class T>
void multiplyRows(const Gemm<T>& g, const Matrix<const T>& a, T* sums) {
  static constexpr auto functions = tileFunctions<T>(std::make_integer_sequence<int, kTileCols>{});
  const Split tiles(g.n, (g.n + kTileCols - 1) / kTileCols);
  for (int64_t i = 0; i < tiles.parts; ++i) {
    const int64_t col = tiles.begin(i);
    functions[tiles.size(i) - 1](a, g.b.from(0, col), g.k, sums + col);
  }
}

template <class T>
void multiplyStep(const Gemm<T>& g) {
  // Vectors are finished whole: what is beyond the columns must not look like subnormal numbers, which are slow.
  alignas(kVectorBytes) T sums[(kDotRows + kTileRows) * kBlockCols<T>] = {};
  for (int64_t first = 0; first < g.m; first += kDotRows) {
    const int64_t rows = std::min(kDotRows, g.m - first);
    int64_t i = 0;
    for (; i + kTileRows <= rows; i += kTileRows) multiplyRows(g, g.a.from(first + i, 0), sums + i * kBlockCols<T>);
    // Of the rest each row fills a tile: written in this order, what is too much is overwritten or beyond the end.
    for (; i < rows; ++i) multiplyRows(g, {g.a.at(first + i, 0), 0, 1}, sums + i * kBlockCols<T>);
    finish(g, sums, first, 0, rows, g.n);
  }
}

}  // namespace

template <class T>
void gemmDots(const Gemm<T>& g) {
  static thread_local ThreadScratch scratch;
  int64_t begin = 0;
  do {
    const int64_t end = std::min(g.k, begin + kDotDepth);
    Gemm<T> step = g.step(begin, end);
    if (g.b.rowStride != 1) {
      // With a vector between them, for columns that lie a power of two apart would be in each other's way.
      const int vectors = static_cast<int>(step.k / Simd<T>::width + 2);
      const int64_t apart = vectors * Simd<T>::width;
      T* cols = scratch.reserve<T>(step.n * apart);
      pack(step.b.transposed(), step.n, step.k, vectors, cols);
      step.b = {cols, 1, apart};
    }
    multiplyStep(step);
    begin = end;
  } while (begin < g.k);
}

template void gemmDots(const Gemm<float>&);
template void gemmDots(const Gemm<double>&);

}  // namespace flambeau
