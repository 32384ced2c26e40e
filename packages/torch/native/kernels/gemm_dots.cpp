// Products of which both operands lie along k, and one is thin: every element of the output is a dot product, so
// nothing is packed and nothing padded. (A layer of a network, where it has few outputs or the batch few rows.)
#include <algorithm>

#include "kernels/gemm_block.h"

namespace flambeau {
namespace {

// The tile of the output that is summed in registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileRows = 4;
#else
constexpr int kTileRows = 2;
#endif
constexpr int kTileCols = 4;
// Elements of k between visits to the output, and rows of it that are visited together: what is read too soon
// after it was written in smaller pieces makes the processor wait.
constexpr int64_t kDepth = 2048, kRows = 32;

// The rows of a tile and its columns; where the matrix ends, its last row stands in for those that follow.
template <class T>
struct Tile {
  const T* a[kTileRows];
  const T* b[kTileCols];
  int64_t depth;
};

// sums[kTileRows][kTileCols], of which the first `cols` in a row count.
template <class T, int cols>
void multiplyTile(const Tile<T>& tile, T* sums) {
  using S = Simd<T>;
  constexpr int count = kTileRows * kTileCols, width = S::width;
  static_assert(count % width == 0);
  typename S::Vector sum[count] = {};
  const auto step = [&](const auto& load) __attribute__((always_inline)) {
    typename S::Vector b[cols];
#pragma GCC unroll 4
    for (int c = 0; c < cols; ++c) b[c] = load(tile.b[c]);
#pragma GCC unroll 4
    for (int r = 0; r < kTileRows; ++r) {
      const auto a = load(tile.a[r]);
#pragma GCC unroll 4
      for (int c = 0; c < cols; ++c) sum[r * kTileCols + c] += a * b[c];
    }
  };
  int64_t p = 0;
  for (; p + width <= tile.depth; p += width) step([&](const T* from) { return S::load(from + p); });
  if (p < tile.depth) step([&](const T* from) { return S::load(from + p, tile.depth - p); });
#pragma GCC unroll 8
  for (int i = 0; i < count; i += width) {
    typename S::Vector group[width];
#pragma GCC unroll 16
    for (int j = 0; j < width; ++j) group[j] = sum[i + j];
    S::store(sums + i, sumLanes<T>(group));
  }
}

template <class T>
void multiplyTile(const Tile<T>& tile, int64_t cols, T* sums) {
  switch (cols) {
    case 1: return multiplyTile<T, 1>(tile, sums);
    case 2: return multiplyTile<T, 2>(tile, sums);
    case 3: return multiplyTile<T, 3>(tile, sums);
    default: return multiplyTile<T, 4>(tile, sums);
  }
}

// A tile's rows, with all columns of the problem, to rows of kBlockCols sums.
template <class T>
void multiplyRows(const Gemm<T>& g, int64_t row, int64_t rows, T* sums) {
  alignas(kVectorBytes) T part[kTileRows * kTileCols];
  Tile<T> tile;
  tile.depth = g.k;
  for (int64_t r = 0; r < kTileRows; ++r) tile.a[r] = g.a.at(row + std::min(r, rows - 1), 0);
  for (int64_t col = 0; col < g.n; col += kTileCols) {
    const int64_t cols = std::min<int64_t>(kTileCols, g.n - col);
    for (int64_t c = 0; c < cols; ++c) tile.b[c] = g.b.at(0, col + c);
    multiplyTile(tile, cols, part);
    for (int64_t r = 0; r < kTileRows; ++r) std::copy_n(part + r * kTileCols, kTileCols, sums + r * kBlockCols<T> + col);
  }
}

template <class T>
void multiplyStep(const Gemm<T>& g) {
  // Vectors are finished whole, and what is beyond the columns must not look like numbers that are slow to compute with.
  alignas(kVectorBytes) T sums[kRows * kBlockCols<T>] = {};
  for (int64_t first = 0; first < g.m; first += kRows) {
    const int64_t rows = std::min(kRows, g.m - first);
    for (int64_t i = 0; i < rows; i += kTileRows) {
      multiplyRows(g, first + i, std::min<int64_t>(kTileRows, rows - i), sums + i * kBlockCols<T>);
    }
    finish(g, sums, first, 0, rows, g.n);
  }
}

}  // namespace

template <class T>
void gemmDots(const Gemm<T>& g) {
  int64_t begin = 0;
  do {
    const int64_t end = std::min(g.k, begin + kDepth);
    multiplyStep(g.step(begin, end));
    begin = end;
  } while (begin < g.k);
}

template void gemmDots(const Gemm<float>&);
template void gemmDots(const Gemm<double>&);

}  // namespace flambeau
