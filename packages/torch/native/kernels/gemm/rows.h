// Rows of elements that lie a stride apart: gathered into one piece, and written from one.
#pragma once
#include <algorithm>

#include "kernels/gemm/simd.h"

namespace flambeau {

// Up to a vector of elements, `step` apart, and zeros behind them.
template <class T>
inline typename Simd<T>::Vector gatherVector(const T* from, int64_t step, int64_t count) {
  using S = Simd<T>;
  constexpr int64_t width = S::width;
  if (step == 1) return S::load(from, count);
  if (step == 2) {
    const int64_t elements = 2 * count - 1;
    const auto low = S::load(from, std::min(width, elements));
    const auto high = elements > width ? S::load(from + width, elements - width) : typename S::Vector{};
    return simd::even(low, high, std::make_integer_sequence<int, S::width>{});
  }
  alignas(kVectorBytes) T values[S::width] = {};
  for (int64_t i = 0; i < count; ++i) values[i] = from[i * step];
  return S::load(values);
}

// `count` elements, `step` apart, to neighbours.
template <class T>
void gatherRow(const T* from, int64_t step, int64_t count, T* to) {
  using S = Simd<T>;
  if (step > 2) {
    for (int64_t i = 0; i < count; ++i) to[i] = from[i * step];
    return;
  }
  for (int64_t i = 0; i < count; i += S::width) {
    const int64_t left = std::min<int64_t>(S::width, count - i);
    S::store(to + i, gatherVector(from + i * step, step, left), left);
  }
}

#if defined(__AVX512F__)
template <class T, int half, int... lane>
inline typename Simd<T>::Vector doubledLanes(typename Simd<T>::Vector v, std::integer_sequence<int, lane...>) {
  return simd::pick<(half * Simd<T>::width / 2 + lane / 2)...>(v, v);
}

// The lanes of even numbers, as far as they are among the first `count`.
template <class T>
inline void storeEvenLanes(T* to, typename Simd<T>::Vector v, int64_t count) {
  const unsigned mask = 0x5555 & ((1u << count) - 1);
  if constexpr (sizeof(T) == 4) __builtin_ia32_storeups512_mask(to, v, mask);
  else __builtin_ia32_storeupd512_mask(to, v, mask);
}
#endif

// The first `count` lanes, to elements `step` apart; what lies between them is not touched.
template <class T>
inline void scatterVector(typename Simd<T>::Vector v, int64_t count, T* to, int64_t step) {
  using S = Simd<T>;
  if (step == 1) return S::store(to, v, count);
#if defined(__AVX512F__)
  if (step == 2) {
    constexpr int64_t width = S::width;
    using Lanes = std::make_integer_sequence<int, S::width>;
    storeEvenLanes<T>(to, doubledLanes<T, 0>(v, Lanes{}), std::min(width, 2 * count - 1));
    if (2 * count > width) storeEvenLanes<T>(to + width, doubledLanes<T, 1>(v, Lanes{}), 2 * count - 1 - width);
    return;
  }
#endif
  alignas(kVectorBytes) T values[S::width];
  S::store(values, v);
  for (int64_t i = 0; i < count; ++i) to[i * step] = values[i];
}

// `count` neighbours to elements `step` apart. Full vectors are read.
template <class T>
void storeRow(const T* from, int64_t count, T* to, int64_t step) {
  using S = Simd<T>;
  if (step == 1) {
    for (int64_t i = 0; i < count; i += S::width) {
      S::store(to + i, S::load(from + i), std::min<int64_t>(S::width, count - i));
    }
    return;
  }
  for (int64_t i = 0; i < count; i += S::width) {
    scatterVector<T>(S::load(from + i), std::min<int64_t>(S::width, count - i), to + i * step, step);
  }
}

// `count` times a value, to elements `step` apart.
template <class T>
inline void fillRow(T value, int64_t count, T* to, int64_t step) {
  using S = Simd<T>;
  for (int64_t i = 0; i < count; i += S::width) {
    scatterVector<T>(typename S::Vector{} + value, std::min<int64_t>(S::width, count - i), to + i * step, step);
  }
}

}  // namespace flambeau
