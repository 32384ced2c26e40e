// Floating-point numbers as bits: the pieces from which vectorisable functions are built.
//
// Everything here is free of branches and calls and uses only operations that every instruction set has for
// vectors, so a loop over any of it turns into vector instructions.
#pragma once
#include <bit>
#include <cstdint>

namespace flambeau::simd {

template <class T>
struct Format;

template <>
struct Format<float> {
  using Bits = uint32_t;
  static constexpr int mantissaBits = 23;
  static constexpr Bits bias = 127;
  static constexpr float rounder = 0x1.8p23f;  // adding it rounds to an integer, which then stands in the low bits
  static constexpr float smallestNormal = 0x1p-126f;
};

template <>
struct Format<double> {
  using Bits = uint64_t;
  static constexpr int mantissaBits = 52;
  static constexpr Bits bias = 1023;
  static constexpr double rounder = 0x1.8p52;
  static constexpr double smallestNormal = 0x1p-1022;
};

template <class T>
inline typename Format<T>::Bits bitsOf(T x) {
  return std::bit_cast<typename Format<T>::Bits>(x);
}

// c0 + c1 x + c2 x² + …
template <class T>
inline T polynomial(T, T c0) {
  return c0;
}
template <class T, class... Rest>
inline T polynomial(T x, T c0, Rest... rest) {
  return c0 + x * polynomial(x, static_cast<T>(rest)...);
}

// The nearest integer, for |x| below 2^22 (float) or 2^51 (double).
template <class T>
inline T roundSmall(T x) {
  return (x + Format<T>::rounder) - Format<T>::rounder;
}

// An integer that `roundSmall` returned, as bits: exact modulo the width of Bits.
template <class T>
inline typename Format<T>::Bits integerBits(T n) {
  return bitsOf(n + Format<T>::rounder) - bitsOf(Format<T>::rounder);
}

// 2^n for an integer n in the range of normal numbers.
template <class T>
inline T powerOfTwo(T n) {
  using F = Format<T>;
  return std::bit_cast<T>((integerBits(n) + F::bias) << F::mantissaBits);
}

// x · 2^n for an integer n up to twice the range of exponents: in two steps, so that neither overflows and a
// subnormal result is rounded once.
template <class T>
inline T scale(T x, T n) {
  const T half = roundSmall(n * T(0.5));
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

// x = mantissa · 2^exponent with the mantissa in [√½, √2), for positive finite x.
template <class T>
struct Split {
  T mantissa, exponent;
};

template <class T>
inline Split<T> split(T x) {
  using F = Format<T>;
  using Bits = typename F::Bits;
  constexpr T lift = F::mantissaBits == 23 ? T(0x1p24) : T(0x1p54);
  constexpr T lifted = F::mantissaBits == 23 ? T(24) : T(54);
  const bool subnormal = x < F::smallestNormal;
  const Bits bits = bitsOf(subnormal ? x * lift : x);
  const Bits one = F::bias << F::mantissaBits;
  const Bits biased = (bits - bitsOf(T(0.70710678118654752)) + one) >> F::mantissaBits;
  // An integer becomes a number by standing in the low bits of a large power of two.
  constexpr T large = F::mantissaBits == 23 ? T(0x1p23) : T(0x1p52);
  const T exponent = (std::bit_cast<T>(biased | bitsOf(large)) - large) - static_cast<T>(F::bias);
  return {std::bit_cast<T>(bits - (biased << F::mantissaBits) + one), exponent - (subnormal ? lifted : T(0))};
}

}  // namespace flambeau::simd
