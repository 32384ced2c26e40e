// The numbers that tensors hold: bools as they lie in memory, and conversions that C++ leaves undefined.
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/complex.h"
#include "kernels/half.h"

namespace flambeau {

// An element of a bool tensor: a byte that is true where it is not 0. Such memory may hold any byte (it may be seen as
// uint8 elsewhere, or not be filled yet), and reading one other than 0 and 1 as a C++ bool is undefined. One that is made
// from a bool is 0 or 1, and one that is only moved keeps its byte.
struct Bool {
  uint8_t byte;

  Bool() = default;
  constexpr Bool(bool value) : byte(value) {}
  constexpr operator bool() const { return byte != 0; }
};

// C++ leaves a float out of an integer's range undefined. As PyTorch on common hardware: it becomes the smallest int64
// or int32, and narrower types take the low bits of the latter. A complex number is converted part by part, and to a real
// type without its imaginary part.
template <class To, class From>
constexpr To convert(From value) {
  if constexpr (isComplex<To> && isComplex<From>) {
    using Part = typename ComplexTraits<To>::Part;
    return To(convert<Part>(value.re), convert<Part>(value.im));
  } else if constexpr (isComplex<To>) {
    return To(convert<typename ComplexTraits<To>::Part>(value));
  } else if constexpr (isComplex<From>) {
    return convert<To>(value.re);
  } else if constexpr (isHalf<From>) {
    return convert<To>(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using Integer = std::conditional_t<sizeof(To) == 8, int64_t, int32_t>;
    constexpr From limit = sizeof(To) == 8 ? From(0x1p63) : From(0x1p31);
    const bool fits = value >= -limit && value < limit;
    const Integer whole = static_cast<Integer>(fits ? value : From(0));
    return static_cast<To>(fits ? whole : std::numeric_limits<Integer>::min());
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace flambeau

template <>
struct std::numeric_limits<flambeau::Bool> : std::numeric_limits<bool> {};
