// The innermost products of convolutions with few channels a group: positions as vectors.
#pragma once
#include <array>

#include "kernels/gemm/simd.h"

namespace flambeau {

// Results, and vectors of positions, that are summed in registers together.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kNarrowResults = 4, kNarrowVectors = 4;
#else
constexpr int kNarrowResults = 3, kNarrowVectors = 2;
#endif

// What a block multiplies: the vectors at `source` + each of the offsets, and for each offset the weights of the
// results.
template <class T>
struct NarrowOperands {
  int64_t depth;
  const int64_t* offsets;
  const T* source;
  const T* weights;  // kNarrowResults for each offset
};

// Where the sums of a block go: the vectors of each result beside each other, `step` behind those of the one before.
template <class T>
struct NarrowSums {
  T* data;
  int64_t step;
};

// sums[results, vectors], beginning with the bias of each result.
template <class T, int results, int vectors>
void multiplyNarrow(const NarrowOperands<T>& x, const T* bias, const NarrowSums<T>& sums) {
  using S = Simd<T>;
  typename S::Vector sum[results][vectors];
#pragma GCC unroll 4
  for (int r = 0; r < results; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[r][v] = typename S::Vector{} + bias[r];
  }
  const T* weight = x.weights;
  for (int64_t k = 0; k < x.depth; ++k, weight += kNarrowResults) {
    const T* from = x.source + x.offsets[k];
    typename S::Vector row[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) row[v] = S::load(from + v * S::width);
#pragma GCC unroll 4
    for (int r = 0; r < results; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[r][v] += weight[r] * row[v];
    }
  }
  // Copies, which no store can change, stay in registers.
  T* const to = sums.data;
  const int64_t step = sums.step;
#pragma GCC unroll 4
  for (int r = 0; r < results; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) S::store(to + r * step + v * S::width, sum[r][v]);
  }
}

template <class T>
using MultiplyNarrow = void (*)(const NarrowOperands<T>&, const T*, const NarrowSums<T>&);

template <class T, int results, int... vector>
constexpr std::array<MultiplyNarrow<T>, kNarrowVectors> narrowVectors(std::integer_sequence<int, vector...>) {
  return {multiplyNarrow<T, results, vector + 1>...};
}

template <class T, int... result>
constexpr std::array<std::array<MultiplyNarrow<T>, kNarrowVectors>, kNarrowResults> narrowFunctions(
    std::integer_sequence<int, result...>) {
  return {narrowVectors<T, result + 1>(std::make_integer_sequence<int, kNarrowVectors>{})...};
}

template <class T>
inline MultiplyNarrow<T> narrowFunction(int64_t results, int64_t vectors) {
  static constexpr auto table = narrowFunctions<T>(std::make_integer_sequence<int, kNarrowResults>{});
  return table[results - 1][vectors - 1];
}

// Taps whose products with the features are summed in registers together.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kNarrowTaps = 9;
#else
constexpr int kNarrowTaps = 5;
#endif

// sums[tap] += the products of `count` features with the source from the tap's offset on, lane by lane.
template <class T, int taps>
void addProducts(const T* features, int64_t count, const T* source, const int64_t* offsets, T* sums) {
  using S = Simd<T>;
  typename S::Vector sum[taps];
#pragma GCC unroll 9
  for (int t = 0; t < taps; ++t) sum[t] = S::load(sums + t * S::width);
  const T* from[taps];
#pragma GCC unroll 9
  for (int t = 0; t < taps; ++t) from[t] = source + offsets[t];
  int64_t i = 0;
  for (; i + S::width <= count; i += S::width) {
    const auto feature = S::load(features + i);
#pragma GCC unroll 9
    for (int t = 0; t < taps; ++t) sum[t] += feature * S::load(from[t] + i);
  }
  if (i < count) {
    // What is beyond the row may be infinite, and then no zero makes it nothing.
    const auto feature = S::load(features + i, count - i);
#pragma GCC unroll 9
    for (int t = 0; t < taps; ++t) sum[t] += feature * S::load(from[t] + i, count - i);
  }
#pragma GCC unroll 9
  for (int t = 0; t < taps; ++t) S::store(sums + t * S::width, sum[t]);
}

template <class T>
using AddProducts = void (*)(const T*, int64_t, const T*, const int64_t*, T*);

template <class T, int... tap>
constexpr std::array<AddProducts<T>, kNarrowTaps> productFunctions(std::integer_sequence<int, tap...>) {
  return {addProducts<T, tap + 1>...};
}

template <class T>
inline AddProducts<T> productFunction(int64_t taps) {
  static constexpr auto table = productFunctions<T>(std::make_integer_sequence<int, kNarrowTaps>{});
  return table[taps - 1];
}

}  // namespace flambeau
