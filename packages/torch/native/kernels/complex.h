// Complex numbers: two numbers in memory, of the real and of the imaginary part.
#pragma once
#include <type_traits>

namespace flambeau {

template <class T>
struct Complex {
  T re, im;

  Complex() = default;
  constexpr explicit Complex(T re) : re(re), im(T(0.f)) {}
  constexpr Complex(T re, T im) : re(re), im(im) {}

  bool operator==(const Complex&) const = default;
};

template <class T>
struct ComplexTraits : std::false_type {};
template <class T>
struct ComplexTraits<Complex<T>> : std::true_type {
  using Part = T;
};

template <class T>
constexpr bool isComplex = ComplexTraits<T>::value;

}  // namespace flambeau
