// The half types: numbers of 16 bits in memory. Kernels compute with them in float and round once, to the nearest and of
// two to the even one. Here is the conversion of one number; that of many is in simd/half.h.
#pragma once
#include <bit>
#include <cstdint>
#include <type_traits>

namespace flambeau {

// IEEE 754's binary16: 5 bits of exponent, 10 of fraction.
struct Half {
  uint16_t bits;

  Half() = default;
  constexpr explicit Half(float value) : bits(round(std::bit_cast<uint32_t>(value))) {}

  constexpr operator float() const {
    constexpr uint32_t special = 0x7c00;
    const uint32_t magnitude = bits & 0x7fff, sign = static_cast<uint32_t>(bits & 0x8000) << 16;
    // The exponent counts from another place, which a multiplication mends, for subnormal numbers too.
    const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
    const uint32_t finite = std::bit_cast<uint32_t>(scaled), other = magnitude << 13 | 0x7f800000;
    return std::bit_cast<float>((magnitude >= special ? other : finite) | sign);
  }

 private:
  static constexpr uint16_t round(uint32_t value) {
    const uint32_t sign = value >> 16 & 0x8000, magnitude = value & 0x7fffffff;
    // A carry out of the fraction goes into the exponent, and from the largest number on to infinity.
    const uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23)) >> 13;
    // Of numbers about 1/2 the last bit is worth as much as that of a subnormal half.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    const uint32_t subnormal = std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5f);
    const uint32_t nan = 0x7e00 | (magnitude >> 13 & 0x3ff);
    const uint32_t finite = magnitude < 0x38800000 ? subnormal : normal;
    const uint32_t special = magnitude > 0x7f800000 ? nan : 0x7c00;
    return static_cast<uint16_t>(sign | (magnitude < 0x47800000 ? finite : special));
  }
};

// The upper half of a float: 8 bits of exponent, 7 of fraction.
struct BFloat16 {
  uint16_t bits;

  BFloat16() = default;
  constexpr explicit BFloat16(float value) : bits(round(std::bit_cast<uint32_t>(value))) {}

  constexpr operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

 private:
  static constexpr uint16_t round(uint32_t value) {
    const uint32_t rounded = (value + 0x7fff + (value >> 16 & 1)) >> 16;
    return static_cast<uint16_t>((value & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
  }
};

template <class T>
constexpr bool isHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

}  // namespace flambeau
