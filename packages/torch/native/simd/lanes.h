// Lanes of vectors of any width: picked from two others, taken apart and put in turn, and a square of them transposed.
#pragma once
#include <cstddef>
#include <utility>

namespace flambeau::simd {

// The lanes of a vector: those of `a`, and behind them those of `b`, by their numbers.
template <int... index, class Vector>
inline Vector pick(Vector a, Vector b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, index...);
#else
  return __builtin_shuffle(a, b, decltype(a == b){index...});
#endif
}

// Lanes of even numbers, or of odd ones, of `a` and then of `b`.
template <class Vector, int... lane>
inline Vector even(Vector a, Vector b, std::integer_sequence<int, lane...>) {
  return pick<(2 * lane)...>(a, b);
}
template <class Vector, int... lane>
inline Vector odd(Vector a, Vector b, std::integer_sequence<int, lane...>) {
  return pick<(2 * lane + 1)...>(a, b);
}

// Lanes of `a` and `b` in turn, those of the first half or the second.
template <int half, class Vector, int... lane>
inline Vector zip(Vector a, Vector b, std::integer_sequence<int, lane...>) {
  constexpr int width = sizeof...(lane);
  return pick<(half * width / 2 + lane / 2 + (lane % 2) * width)...>(a, b);
}

// Exchanges the lanes of `a` whose index has the bit `s` with those of `b` that have it not.
template <int s, class Vector, int... lane>
inline void exchange(Vector& a, Vector& b, std::integer_sequence<int, lane...>) {
  constexpr int width = sizeof...(lane);
  const Vector low = pick<((lane & s) ? width + (lane ^ s) : lane)...>(a, b);
  const Vector high = pick<((lane & s) ? width + lane : (lane ^ s))...>(a, b);
  a = low;
  b = high;
}

// Transposes in place: afterwards rows[i][j] is what rows[j][i] was.
template <size_t s = 1, class Vector, size_t width>
inline void transpose(Vector (&rows)[width]) {
#pragma GCC unroll 16
  for (size_t i = 0; i < width; ++i) {
    if ((i & s) == 0) exchange<s>(rows[i], rows[i | s], std::make_integer_sequence<int, width>{});
  }
  if constexpr (2 * s < width) transpose<2 * s>(rows);
}

}  // namespace flambeau::simd
