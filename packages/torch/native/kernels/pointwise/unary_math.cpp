// Elementary functions of one floating-point operand.
#include "kernels/pointwise/pointwise.h"
#include "simd/math_float.h"

namespace flambeau {
namespace {

// Sine and cosine of angles of any size: beyond the range of the vectorised code, the C library's.
struct Angle {
  template <class T>
  static bool inRange(T x) { return !(std::abs(x) > T(simd::kLargestAngle)); }
};
struct Sine : Angle {
  template <class T>
  T operator()(T x) const { return simd::sin(x); }
  template <class T>
  static T outOfRange(T x) { return std::sin(x); }
};
struct Cosine : Angle {
  template <class T>
  T operator()(T x) const { return simd::cos(x); }
  template <class T>
  static T outOfRange(T x) { return std::cos(x); }
};
struct Tangent : Angle {
  template <class T>
  T operator()(T x) const { return simd::tan(x); }
  template <class T>
  static T outOfRange(T x) { return std::tan(x); }
};
// sin(πx) / (πx)
struct CardinalSine {
  template <class T>
  T operator()(T x) const {
    const T angle = T(simd::kPi) * x;
    return x == T(0) ? T(1) : simd::sin(angle) / angle;
  }
  template <class T>
  static bool inRange(T x) { return !(std::abs(x) > T(simd::kLargestAngle / 4)); }
  template <class T>
  static T outOfRange(T x) { return std::sin(T(simd::kPi) * x) / (T(simd::kPi) * x); }
};

const KernelRegistration unaryMathKernels[] = {
    pointwise<Floating, 1, kHeavy>("unary.exp", [](auto x) { return simd::exp(x); }),
    pointwise<Floating, 1, kHeavy>("unary.exp2", [](auto x) { return simd::exp2(x); }),
    pointwise<Floating, 1, kHeavy>("unary.expm1", [](auto x) { return simd::expm1(x); }),
    pointwise<Floating, 1, kHeavy>("unary.log", [](auto x) { return simd::log(x); }),
    pointwise<Floating, 1, kHeavy>("unary.log2", [](auto x) { return simd::log2(x); }),
    pointwise<Floating, 1, kHeavy>("unary.log10", [](auto x) { return simd::log10(x); }),
    pointwise<Floating, 1, kHeavy>("unary.log1p", [](auto x) { return simd::log1p(x); }),
    pointwise<Floating, 1, kHeavy>("unary.sin", Sine{}),
    pointwise<Floating, 1, kHeavy>("unary.cos", Cosine{}),
    pointwise<Floating, 1, kHeavy>("unary.tan", Tangent{}),
    pointwise<Floating, 1, kHeavy>("unary.sinc", CardinalSine{}),
    pointwise<Floating, 1, kHeavy>("unary.asin", [](auto x) { return simd::asin(x); }),
    pointwise<Floating, 1, kHeavy>("unary.acos", [](auto x) { return simd::acos(x); }),
    pointwise<Floating, 1, kHeavy>("unary.atan", [](auto x) { return simd::atan(x); }),
    pointwise<Floating, 1, kHeavy>("unary.sinh", [](auto x) { return simd::sinh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.cosh", [](auto x) { return simd::cosh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.tanh", [](auto x) { return simd::tanh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.asinh", [](auto x) { return simd::asinh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.acosh", [](auto x) { return simd::acosh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.atanh", [](auto x) { return simd::atanh(x); }),
    pointwise<Floating, 1, kHeavy>("unary.erf", [](auto x) { return simd::erf(x); }),
    pointwise<Floating, 1, kHeavy>("unary.erfc", [](auto x) { return simd::erfc(x); }),
    pointwise<Floating, 1, kHeavy, 1>("unary.logit", []<class T>(T x, T eps) {
      const T inside = simd::clampKeepNaN(x, eps, T(1) - eps);
      const T p = eps < T(0) ? x : inside;
      return simd::log(p / (T(1) - p));
    }),
};

}  // namespace
}  // namespace flambeau
