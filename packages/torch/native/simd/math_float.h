// Elementary functions of float, computed in double and rounded: nearly always the correctly rounded result.
// In double they call the C library.
#pragma once
#include "simd/math.h"

namespace flambeau::simd {

// Defines name(float) as the given function of a double, and name(double) as the C library's.
#define FLAMBEAU_THROUGH_DOUBLE(name, expression) \
  inline float name(float argument) {             \
    const double x = argument;                    \
    return static_cast<float>(expression);        \
  }                                               \
  inline double name(double x) { return std::name(x); }

inline double tanWide(double x) {
  const auto [rest, tail, n] = reduceAngle(x);
  const double s = sinNear0<float>(rest, 0), c = cosNear0<float>(rest, 0);
  return chooseOdd(n, -c, s) / chooseOdd(n, s, c);
}

// The arc tangent of a number in [0, 1].
inline double atanUnit(double x) {
  return x * polynomial(x * x, 0.9999999999906537, -0.3333333300532682, 0.19999980837826412, -0.1428527144192619,
                        0.11105741772532159, -0.09051620636752132, 0.07503963586734928, -0.06042637447028114,
                        0.043967294530030045, -0.02633865345975702, 0.011646632318008148, -0.003278305629392329,
                        0.00043295899464395563);
}

constexpr double kPi = 3.14159265358979323846;

inline double atanWide(double x) {
  const double a = std::abs(x);
  const double near = atanUnit(a > 1.0 ? 1.0 / a : a);
  return std::copysign(a > 1.0 ? kPi / 2 - near : near, x);
}

// The arc sine of a number in [0, 1/2].
inline double asinHalf(double x) {
  return x * polynomial(x * x, 1.0000000000009148, 0.16666666608638914, 0.07500006048599295, 0.04464043821167469,
                        0.03043011690793146, 0.021838619491804618, 0.020762573797050075, 0.0017149787559904899,
                        0.03315878704108754);
}

inline double asinWide(double x) {
  const double a = std::abs(x);
  const bool large = a > 0.5;
  const double near = asinHalf(large ? std::sqrt((1.0 - a) * 0.5) : a);
  return std::copysign(large ? kPi / 2 - 2.0 * near : near, x);
}

inline double acosWide(double x) {
  const double a = std::abs(x);
  const bool large = a > 0.5;
  const double near = asinHalf(large ? std::sqrt((1.0 - a) * 0.5) : a);
  const double positive = large ? 2.0 * near : kPi / 2 - near;
  return x < 0.0 ? kPi - positive : positive;
}

inline double sinhWide(double x) {
  const double t = expm1(std::abs(x));
  return std::copysign(t == kInfinity<double> ? t : 0.5 * (t + t / (t + 1.0)), x);
}

inline double asinhWide(double x) {
  const double a = std::abs(x), z = a * a;
  const double large = a == kInfinity<double> ? a : a + z / (1.0 + std::sqrt(z + 1.0));
  return std::copysign(log1p(large), x);
}

inline double acoshWide(double x) {
  const double t = x - 1.0;
  const double result = log1p(t + std::sqrt(t * (x + 1.0)));
  return x < 1.0 ? kNaN<double> : result;
}

inline double atanhWide(double x) {
  const double a = std::abs(x);
  return std::copysign(0.5 * log1p(2.0 * a / (1.0 - a)), x);
}

// 1 - erf: e^(-x²) times a polynomial of (x - 3) / (x + 3), which maps [0, ∞) to [-1, 1).
inline double erfcWide(double x) {
  const double a = std::abs(x), capped = a > 10.2 ? 10.2 : a;
  const double t = (capped - 3.0) / (capped + 3.0);
  const double p = polynomial(t, 0.17900115118091398, -0.3262335601460333, 0.24560380195535816, -0.15011593102946585,
                              0.07166582880962363, -0.024392583887436165, 0.004269215054530495, 0.0007083272394133515,
                              -0.0005972926063951837, 4.325848128568653e-05, 6.395371386563056e-05,
                              -9.547074557293895e-06, -6.694556732085697e-06);
  const double upper = exp(-a * a) * p;
  return x < 0.0 ? 2.0 - upper : upper;
}

inline double powWide(double x, double y) {
  const double a = std::abs(x);
  double power = exp(y * log(a));
  power = a == 1.0 ? (y == y ? 1.0 : y) : power;
  // A negative base: the exponent's parity decides. From 2^50 on every double that a float can be is even.
  const double whole = std::abs(y) < 0x1p50 ? y : 0.0, half = 0.5 * whole;
  const double fractional = a == 0.0 || a == kInfinity<double> ? power : kNaN<double>;
  double negative = roundSmall(half) == half ? power : -power;
  negative = roundSmall(whole) == whole ? negative : fractional;
  const double result = std::copysign(1.0, x) < 0.0 ? negative : power;
  return y == 0.0 || x == 1.0 ? 1.0 : result;
}

inline double atan2Wide(double y, double x) {
  const double ay = std::abs(y), ax = std::abs(x);
  const bool steep = ay > ax;
  const double low = steep ? ax : ay, high = steep ? ay : ax;
  double ratio = low / high;
  ratio = high == 0.0 ? 0.0 : ratio;
  ratio = low == kInfinity<double> ? 1.0 : ratio;
  double angle = atanUnit(ratio);
  angle = steep ? kPi / 2 - angle : angle;
  angle = std::copysign(1.0, x) < 0.0 ? kPi - angle : angle;
  return x != x || y != y ? kNaN<double> : std::copysign(angle, y);
}

inline double hypotWide(double x, double y) {
  const double h = std::sqrt(x * x + y * y);
  return std::abs(x) == kInfinity<double> || std::abs(y) == kInfinity<double> ? kInfinity<double> : h;
}

FLAMBEAU_THROUGH_DOUBLE(tan, tanWide(x))
FLAMBEAU_THROUGH_DOUBLE(atan, atanWide(x))
FLAMBEAU_THROUGH_DOUBLE(asin, asinWide(x))
FLAMBEAU_THROUGH_DOUBLE(acos, acosWide(x))
FLAMBEAU_THROUGH_DOUBLE(sinh, sinhWide(x))
FLAMBEAU_THROUGH_DOUBLE(cosh, 0.5 * (exp(x) + exp(-x)))
FLAMBEAU_THROUGH_DOUBLE(asinh, asinhWide(x))
FLAMBEAU_THROUGH_DOUBLE(acosh, acoshWide(x))
FLAMBEAU_THROUGH_DOUBLE(atanh, atanhWide(x))
FLAMBEAU_THROUGH_DOUBLE(exp2, exp(x * 0.6931471805599453))
FLAMBEAU_THROUGH_DOUBLE(log2, log(x) * 1.4426950408889634)
FLAMBEAU_THROUGH_DOUBLE(log10, log(x) * 0.4342944819032518)
FLAMBEAU_THROUGH_DOUBLE(erfc, erfcWide(x))

#undef FLAMBEAU_THROUGH_DOUBLE

inline double erf(double x) { return std::erf(x); }
inline float pow(float x, float y) { return static_cast<float>(powWide(x, y)); }
inline double pow(double x, double y) { return std::pow(x, y); }
inline float atan2(float y, float x) { return static_cast<float>(atan2Wide(y, x)); }
inline double atan2(double y, double x) { return std::atan2(y, x); }
inline float hypot(float x, float y) { return static_cast<float>(hypotWide(x, y)); }
inline double hypot(double x, double y) { return std::hypot(x, y); }

}  // namespace flambeau::simd
