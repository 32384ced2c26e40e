// Activation functions and their slopes, as straight-line code.
#pragma once
#include "simd/math_float.h"

namespace flambeau::simd {

template <class T>
constexpr T kSqrtHalf = T(0.70710678118654752440);

// -ln(1 + e⁻ˣ)
template <class T>
inline T logSigmoid(T x) {
  return (x < T(0) ? x : T(0)) - log1p(exp(-std::abs(x)));
}

template <class T>
inline T silu(T x) {
  return x / (T(1) + exp(-x));
}

template <class T>
inline T siluSlope(T x) {
  const T s = sigmoid(x);
  return s * (T(1) + x * (T(1) - s));
}

// x tanh(ln(1 + eˣ)), as a quotient of polynomials of eˣ.
template <class T>
inline T mish(T x) {
  const T e = exp(x > T(20) ? T(20) : x), n = e * (e + T(2));
  return x > T(20) ? x : x * (n / (n + T(2)));
}

template <class T>
inline T softplus(T x, T beta, T threshold) {
  const T scaled = x * beta;
  return scaled > threshold ? x : log1p(exp(scaled)) / beta;
}

// Φ(x), the normal distribution's cumulative probability.
template <class T>
inline T normalCdf(T x) {
  return T(0.5) * (T(1) + erf(x * kSqrtHalf<T>));
}

template <class T>
inline T gelu(T x) {
  return x * normalCdf(x);
}

template <class T>
inline T geluSlope(T x) {
  constexpr T density = T(0.39894228040143267794);  // 1 / √(2π)
  return normalCdf(x) + x * (density * expNormal(T(-0.5) * x * x));
}

constexpr double kGeluScale = 0.79788456080286535588;  // √(2/π)
constexpr double kGeluCube = 0.044715;

template <class T>
inline T geluTanh(T x) {
  const T inner = T(kGeluScale) * (x + T(kGeluCube) * x * x * x);
  return T(0.5) * x * (T(1) + tanh(inner));
}

template <class T>
inline T geluTanhSlope(T x) {
  const T square = x * x;
  const T t = tanh(T(kGeluScale) * (x + T(kGeluCube) * x * square));
  const T innerSlope = T(kGeluScale) * (T(1) + T(3 * kGeluCube) * square);
  return T(0.5) * (T(1) + t) + T(0.5) * x * (T(1) - t * t) * innerSlope;
}

template <class T>
inline T hardsigmoid(T x) {
  return clampKeepNaN(x + T(3), T(0), T(6)) / T(6);
}

}  // namespace flambeau::simd
