// The innermost product of convolutions: positions of the result as rows, channels as vectors, sums in registers.
#pragma once
#include <array>

#include "kernels/gemm/micro.h"

namespace flambeau {

// Positions of the block: as many as leave registers for one row of `b` and one element of the source.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kPositions = 14, kSinglePositions = 16;
#else
constexpr int kPositions = kBlockRows, kSinglePositions = kBlockRows;
#endif
// The same for blocks of so many vectors: of one there is room for more.
constexpr int positionsOf(int64_t vectors) { return vectors == 1 ? kSinglePositions : kPositions; }

// Steps by which rows of `b` are fetched before they are used.
constexpr int kAhead = 8;

// What a block multiplies: the source elements at `a` + each of the offsets, the same for each row further by
// aRowStride, and for each offset a row of `b` of full vectors, next to each other.
template <class T>
struct TapOperands {
  int64_t depth;
  const int64_t* offsets;
  const T* a;
  int64_t aRowStride;
  const T* b;
};

// Wider blocks for few positions, which else would be too few sums to hide the time that each takes.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kWidePositions = 7, kWideTapVectors = 4;
#else
constexpr int kWidePositions = 3, kWideTapVectors = 4;
#endif
// Where the sums of the second pair of vectors begin, behind those of the first.
template <class T>
constexpr int kNextSums = kSinglePositions * kBlockCols<T>;

// c[rows, vectors] = the sum over the offsets of a[offset] b, plus c where `accumulate`; pairs of vectors are kNextSums
// apart.
template <class T, int rows, int vectors>
void multiplyTaps(const TapOperands<T>& x, T* c, int64_t cRowStride, bool accumulate) {
  using S = Simd<T>;
  // One address for three rows: the other two are reached by addressing with an index.
  constexpr int groups = (rows + 2) / 3;
  const int64_t aRowStride = x.aRowStride;
  const T* a[groups];
  a[0] = x.a;
#pragma GCC unroll 16
  for (int g = 1; g < groups; ++g) a[g] = a[g - 1] + 3 * aRowStride;
  const T* b = x.b;
  typename S::Vector sum[rows][vectors] = {};
  const int64_t *offset = x.offsets, *end = offset + x.depth;
  for (; offset != end; ++offset, b += vectors * S::width) {
    typename S::Vector row[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      row[v] = S::load(b + v * S::width);
      __builtin_prefetch(b + kAhead * vectors * S::width + v * S::width);
    }
#pragma GCC unroll 16
    for (int g = 0; g < groups; ++g) {
      const T* from = a[g] + *offset;
#pragma GCC unroll 3
      for (int i = 0; i < 3; ++i) {
        const int r = 3 * g + i;
        if (r >= rows) break;
        const T scalar = from[i * aRowStride];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) sum[r][v] += scalar * row[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      T* to = c + v / kBlockVectors * kNextSums<T> + v % kBlockVectors * S::width;
      S::store(to, accumulate ? sum[r][v] + S::load(to) : sum[r][v]);
    }
    c += cRowStride;
  }
}

template <class T>
using MultiplyTaps = void (*)(const TapOperands<T>&, T*, int64_t, bool);

template <class T, int vectors, int... row>
constexpr std::array<MultiplyTaps<T>, sizeof...(row)> tapsOfVectors(std::integer_sequence<int, row...>) {
  return {multiplyTaps<T, row + 1, vectors>...};
}

// The function for a block of up to kWidePositions rows, and more than kBlockVectors vectors up to kWideTapVectors.
template <class T>
inline MultiplyTaps<T> wideTapsFunction(int64_t rows, int64_t vectors) {
  static_assert(kWideTapVectors == kBlockVectors + 2);
  using Rows = std::make_integer_sequence<int, kWidePositions>;
  static constexpr std::array<MultiplyTaps<T>, kWidePositions> table[2] = {
      tapsOfVectors<T, kBlockVectors + 1>(Rows{}), tapsOfVectors<T, kWideTapVectors>(Rows{})};
  return table[vectors - kBlockVectors - 1][rows - 1];
}

// The function for a block of up to kBlockVectors vectors and so many rows as go with them.
template <class T>
inline MultiplyTaps<T> tapsFunction(int64_t rows, int64_t vectors) {
  static constexpr auto single = tapsOfVectors<T, 1>(std::make_integer_sequence<int, kSinglePositions>{});
  static constexpr auto pair = tapsOfVectors<T, 2>(std::make_integer_sequence<int, kPositions>{});
  return vectors == 1 ? single[rows - 1] : pair[rows - 1];
}

}  // namespace flambeau
