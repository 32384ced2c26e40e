// Sums, products and quotients of complex numbers.
#pragma once
#include <cmath>

#include "kernels/complex.h"

namespace flambeau {

template <class T>
Complex<T> operator-(Complex<T> a) {
  return {-a.re, -a.im};
}
template <class T>
Complex<T> operator+(Complex<T> a, Complex<T> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class T>
Complex<T> operator-(Complex<T> a, Complex<T> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class T>
Complex<T> operator*(Complex<T> a, Complex<T> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
// Divides by the larger part of the divisor first, so that no square leaves the range.
template <class T>
Complex<T> operator/(Complex<T> a, Complex<T> b) {
  const bool upright = std::abs(b.re) < std::abs(b.im);
  const T large = upright ? b.im : b.re, small = upright ? b.re : b.im;
  const T x = upright ? a.im : a.re, y = upright ? a.re : a.im;
  const T ratio = large == T(0) ? small : small / large, scale = T(1) / (large + small * ratio);
  const T im = (y - x * ratio) * scale;
  return {(x + y * ratio) * scale, upright ? -im : im};
}
template <class T>
Complex<T>& operator+=(Complex<T>& a, Complex<T> b) {
  return a = a + b;
}
template <class T>
Complex<T>& operator-=(Complex<T>& a, Complex<T> b) {
  return a = a - b;
}
template <class T>
Complex<T>& operator*=(Complex<T>& a, Complex<T> b) {
  return a = a * b;
}
template <class T>
Complex<T>& operator/=(Complex<T>& a, Complex<T> b) {
  return a = a / b;
}

}  // namespace flambeau
