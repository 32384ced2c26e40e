// Numbers of which matrices are made: real or complex ones, and what is the same for both.
#pragma once
#include <cmath>
#include <type_traits>

#include "kernels/complex/arithmetic.h"
#include "kernels/dtype.h"

namespace flambeau {

template <class T>
struct RealPart {
  using Type = T;
};
template <class T>
struct RealPart<Complex<T>> {
  using Type = T;
};
template <class T>
using RealOf = typename RealPart<T>::Type;

template <class T>
inline T conjugate(T x) {
  if constexpr (isComplex<T>) return {x.re, -x.im};
  else return x;
}

template <class T>
inline RealOf<T> realPart(T x) {
  if constexpr (isComplex<T>) return x.re;
  else return x;
}

template <class T>
inline RealOf<T> magnitude(T x) {
  if constexpr (isComplex<T>) return std::hypot(x.re, x.im);
  else return std::abs(x);
}

// The measure by which LAPACK looks for the largest number: the magnitudes of both parts.
template <class T>
inline RealOf<T> quickMagnitude(T x) {
  if constexpr (isComplex<T>) return std::abs(x.re) + std::abs(x.im);
  else return std::abs(x);
}

// Numbers as the parts of which they are made.
template <class T>
constexpr int kParts = isComplex<T> ? 2 : 1;
template <class T>
inline RealOf<T>* partsOf(T* x) {
  return reinterpret_cast<RealOf<T>*>(x);
}
template <class T>
inline const RealOf<T>* partsOf(const T* x) {
  return reinterpret_cast<const RealOf<T>*>(x);
}

// Kernels are made for real numbers by each instruction set, and once for complex ones (complexlinalg/), where they must
// not call a function for real numbers whose memory depends on the width of vectors.
struct Reals {
  template <class Body>
  static void dispatch(DType dtype, Body&& body) {
    dispatchFloating(dtype, body);
  }
};
struct Complexes {
  template <class Body>
  static void dispatch(DType dtype, Body&& body) {
    if (dtype == DType::Complex64) return body(Complex<float>{});
    if (dtype == DType::Complex128) return body(Complex<double>{});
    refuse("a kernel takes complex dtypes");
  }
};

}  // namespace flambeau
