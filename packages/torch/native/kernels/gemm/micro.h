// The innermost product: a block of the output small enough to be summed in registers.
#pragma once
#include <array>

#include "kernels/gemm/simd.h"

namespace flambeau {

// Rows of the block: as many as leave registers for one row of `b` and one element of `a`.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kBlockRows = 12;
#elif defined(__AVX2__)
constexpr int kBlockRows = 6;
#else
constexpr int kBlockRows = 4;
#endif
constexpr int kBlockVectors = 2;

template <class T>
constexpr int kBlockCols = kBlockVectors * Simd<T>::width;

// What a block multiplies: `depth` columns of a, whose elements may lie anywhere, and rows of b that are vectors.
template <class T>
struct BlockOperands {
  int64_t depth;
  const T* a;
  int64_t aRowStride, aStep;
  const T* b;
  int64_t bStep;
};

// What becomes of the sums of a block: c = a b, c + a b or c - a b.
enum class Into { Store, Add, Subtract };

template <class T, int rows, int vectors>
void multiplyBlock(const BlockOperands<T>& x, T* c, int64_t cRowStride, Into into) {
  using S = Simd<T>;
  // One address for three rows: the other two are reached by addressing with an index.
  constexpr int groups = (rows + 2) / 3;
  const T* a[groups];
  a[0] = x.a;
#pragma GCC unroll 16
  for (int g = 1; g < groups; ++g) a[g] = a[g - 1] + 3 * x.aRowStride;
  const T* b = x.b;
  const int64_t aRowStride = x.aRowStride, aStep = x.aStep, bStep = x.bStep;
  typename S::Vector sum[rows][vectors] = {};
  const auto step = [&]() __attribute__((always_inline)) {
    typename S::Vector row[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) row[v] = S::load(b + v * S::width);
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      const T scalar = a[r / 3][r % 3 * aRowStride];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[r][v] += scalar * row[v];
    }
#pragma GCC unroll 16
    for (int g = 0; g < groups; ++g) a[g] += aStep;
    b += bStep;
  };
  // Two steps at a time, as a longer loop body keeps the multipliers busier.
  for (int64_t p = x.depth / 2; p > 0; --p) {
    step();
    step();
  }
  if (x.depth % 2 != 0) step();
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      T* to = c + v * S::width;
      S::store(to, into == Into::Store ? sum[r][v] : into == Into::Add ? S::load(to) + sum[r][v] : S::load(to) - sum[r][v]);
    }
    c += cRowStride;
  }
}

template <class T>
using MultiplyBlock = void (*)(const BlockOperands<T>&, T*, int64_t, Into);

template <class T, int vectors, int... row>
constexpr std::array<MultiplyBlock<T>, kBlockRows> blocksOfVectors(std::integer_sequence<int, row...>) {
  return {multiplyBlock<T, row + 1, vectors>...};
}

// The function for a block of up to kBlockRows rows and one or two vectors.
template <class T>
inline MultiplyBlock<T> blockFunction(int64_t rows, int64_t vectors) {
  using Rows = std::make_integer_sequence<int, kBlockRows>;
  static constexpr std::array<MultiplyBlock<T>, kBlockRows> table[kBlockVectors] = {
      blocksOfVectors<T, 1>(Rows{}), blocksOfVectors<T, 2>(Rows{})};
  return table[vectors - 1][rows - 1];
}

// Wider blocks of fewer rows, for products of at most so many steps.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kWideRows = 4, kWideVectors = 4, kFewSteps = 12;
#else
constexpr int kWideRows = 3, kWideVectors = 4, kFewSteps = 4;
#endif

template <class T, int... row>
constexpr std::array<MultiplyBlock<T>, kWideRows> wideBlocks(std::integer_sequence<int, row...>) {
  return {multiplyBlock<T, row + 1, kWideVectors>...};
}

// The function for a block of up to kWideRows rows and kWideVectors vectors.
template <class T>
inline MultiplyBlock<T> wideBlockFunction(int64_t rows) {
  static constexpr auto table = wideBlocks<T>(std::make_integer_sequence<int, kWideRows>{});
  return table[rows - 1];
}

}  // namespace flambeau
