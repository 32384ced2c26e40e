// Elementary functions as straight-line code that compilers turn into vector instructions, one source for
// every instruction set.
//
// exp, expm1, log, log1p, tanh, sigmoid, sin and cos exist in both precisions. The others work on float alone
// (computed in double, then rounded) and leave double to the C library. Polynomials are minimax
// approximations made for these intervals. Errors against correctly rounded results, in units in the last
// place (checked by test/kernels/elementwise-math.test.ts):
//
//   float   log, log1p 0.9 · exp 1.1 · tanh 1.5 · erf 1.3 · expm1 1.8 · sigmoid 2.5 · computed in double 0.51
//   double  exp, log, log1p, sin, cos 1 · expm1 2 · tanh, sigmoid 4
#pragma once
#include <cmath>
#include <limits>

#include "simd/float_bits.h"

namespace flambeau::simd {

template <class T>
constexpr bool isFloat = sizeof(T) == 4;

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();

// x within [low, high]; NaN stays NaN.
template <class T>
inline T clampKeepNaN(T x, T low, T high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

// ln 2 in two parts: a multiple of the first by an exponent is exact.
template <class T>
constexpr T kLn2High = isFloat<T> ? T(0.693145751953125) : T(0.6931471803691238);
template <class T>
constexpr T kLn2Low = isFloat<T> ? T(1.4286068e-06) : T(1.9082149292705877e-10);

// x = n ln 2 + r with |r| ≤ ln(2)/2, for |x| up to about 1000.
template <class T>
struct ExpReduction {
  T n, r;
};

template <class T>
inline ExpReduction<T> reduceExp(T x) {
  const T n = roundSmall(x * T(1.4426950408889634));
  return {n, (x - n * kLn2High<T>)-n * kLn2Low<T>};
}

// eʳ - 1 - r for |r| ≤ ln(2)/2.
template <class T>
inline T expRemainder(T r) {
  if constexpr (isFloat<T>) {
    return r * r * polynomial(r, 0.5f, 0.16666518f, 0.041666206f, 0.008368918f, 0.001395054f);
  } else {
    return r * r * polynomial(r, 0.5, 0.16666666666666685, 0.04166666666666673, 0.008333333333316685,
                              0.001388888888885845, 0.00019841269897194648, 2.4801587373717812e-05,
                              2.7557234099199526e-06, 2.7557233381986343e-07, 2.5112288463058624e-08,
                              2.0926936199759747e-09);
  }
}

template <class T>
inline T exp(T x) {
  const auto [n, r] = reduceExp(isFloat<T> ? clampKeepNaN<T>(x, -104, 89) : clampKeepNaN<T>(x, -746, 710));
  return scale(T(1) + (r + expRemainder(r)), n);
}

// The same, but 0 where the result is not a normal number, for x up to 0.
template <class T>
inline T expNormal(T x) {
  constexpr T lowest = isFloat<T> ? T(-87) : T(-708);
  const auto [n, r] = reduceExp(x < lowest ? lowest : x);
  const T result = powerOfTwo(n) * (T(1) + (r + expRemainder(r)));
  return x < lowest ? T(0) : result;
}

// eˣ - 1 without the cancellation near 0.
template <class T>
inline T expm1(T x) {
  const auto [n, r] = reduceExp(isFloat<T> ? clampKeepNaN<T>(x, -40, 89) : clampKeepNaN<T>(x, -40, 710));
  const T half = powerOfTwo(n - T(1));
  const T result = (half * (r + expRemainder(r)) + (half - T(0.5))) * T(2);
  return std::abs(x) < std::numeric_limits<T>::epsilon() / 2 ? x : result;
}

// ln(x) + correction for positive finite x.
template <class T>
inline T logFinite(T x, T correction) {
  const auto [m, exponent] = split(x);
  const T f = m - T(1), halfSquare = T(0.5) * f * f, low = exponent * kLn2Low<T> + correction;
  T rest;
  if constexpr (isFloat<T>) {
    const float p = polynomial(f, 0.33333313f, -0.2500001f, 0.2000212f, -0.16667996f, 0.1421952f, -0.12405543f,
                               0.118883766f, -0.11676054f, 0.06746642f);
    rest = halfSquare - (f * f * f * p + low);
  } else {
    const double s = f / (2.0 + f), z = s * s;
    const double p = z * polynomial(z, 0.6666666666666666, 0.40000000000006253, 0.2857142856908448,
                                    0.22222222647007164, 0.18181775648743984, 0.15387091488987273,
                                    0.13250101653989402, 0.13251478977760728);
    rest = halfSquare - (s * (halfSquare + p) + low);
  }
  return exponent * kLn2High<T> - (rest - f);
}

// What a logarithm gives outside of the positive finite numbers.
template <class T>
inline T logEdges(T x, T result) {
  result = x == kInfinity<T> ? x : result;
  result = x == T(0) ? -kInfinity<T> : result;
  return x >= T(0) ? result : kNaN<T>;
}

template <class T>
inline T log(T x) {
  return logEdges(x, logFinite(x, T(0)));
}

template <class T>
inline T log1p(T x) {
  const T u = T(1) + x;
  const T lost = x < T(1) ? x - (u - T(1)) : T(1) - (u - x);  // what rounding took from 1 + x
  const T result = logEdges(u, logFinite(u, lost / u));
  return std::abs(x) < std::numeric_limits<T>::epsilon() / 2 ? x : result;
}

template <class T>
inline T sigmoid(T x) {
  return T(1) / (T(1) + exp(-x));
}

template <class T>
inline T tanh(T x) {
  const T a = std::abs(x);
  if constexpr (isFloat<T>) {
    const float z = x * x;
    const float near = polynomial(z, -0.3333333f, 0.1333321f, -0.053947203f, 0.02170297f, -0.008182678f, 0.0021475405f);
    const float far = 1.0f - 2.0f / (exp(2.0f * a) + 1.0f);
    return std::copysign(a < 0.625f ? a + a * z * near : far, x);
  } else {
    const double t = expm1(2.0 * (a > 20.0 ? 20.0 : a));
    return std::copysign(t / (t + 2.0), x);
  }
}

// The error function: an odd polynomial near 0, and beyond it 1 - q⁴, where q = erfc(x)^¼ is smooth enough for a
// polynomial of few terms.
inline float erf(float x) {
  const float a = std::abs(x), capped = a > 4.0f ? 4.0f : a;
  const float near = x + x * polynomial(x * x, 0.12837917f, -0.37612626f, 0.11283575f, -0.026853353f, 0.0051873634f,
                                        -0.00080009317f, 7.8207057e-05f);
  const float q = polynomial(capped - 1.5f, 0.42907524f, -0.37638456f, 0.06932991f, 0.032946743f, -0.01249728f,
                             -0.00156742f, 0.0012397589f, -8.7892993e-05f, -2.2576591e-05f);
  const float square = q * q;
  return a < 1.0f ? near : std::copysign(1.0f - square * square, x);
}

// n = the nearest integer to x / (π/2), and the rest as a sum of two numbers.
struct Quadrant {
  double rest, tail;
  uint64_t n;
};

// Beyond it n times the parts of π/2 is no longer exact, and the C library takes over.
constexpr double kLargestAngle = 1.5e6;

inline Quadrant reduceAngle(double x) {
  constexpr double high = 1.5707963267341256, middle = 6.077100506303966e-11, low = 2.0222662487959506e-21;
  const double n = roundSmall(x * 0.6366197723675814);
  const double r = x - n * high, r1 = r - n * middle;
  const double missing = n * low - ((r - r1) - n * middle);
  const double rest = r1 - missing;
  return {rest, (r1 - rest) - missing, integerBits(n)};
}

// sin and cos of rest + tail, to the precision of T.
template <class T>
inline double sinNear0(double x, double tail) {
  const double z = x * x;
  if constexpr (isFloat<T>) {
    return x * polynomial(z, 1.0, -0.16666666641606995, 0.008333329383581858, -0.00019839334082864853,
                          2.718304227275107e-06);
  } else {
    const double p = polynomial(z, 0.008333333333333323, -0.00019841269841255123, 2.7557319214219264e-06,
                                -2.5052104919255425e-08, 1.6058367623395964e-10, -7.578748143428575e-13);
    const double cube = x * z;
    return x - ((z * (0.5 * tail - cube * p) - tail) + cube * 0.16666666666666666);
  }
}

template <class T>
inline double cosNear0(double x, double tail) {
  const double z = x * x;
  if constexpr (isFloat<T>) {
    return 1.0 - (0.5 * z - z * z * polynomial(z, 0.04166664685462495, -0.0013887366910859391, 2.4438379554881335e-05));
  } else {
    const double p = z * z * polynomial(z, 0.041666666666666664, -0.0013888888888888874, 2.4801587301571523e-05,
                                        -2.7557319215387593e-07, 2.0876754368792435e-09, -1.1470293563504037e-11,
                                        4.738122377736003e-14);
    const double half = 0.5 * z, w = 1.0 - half;
    return w + (((1.0 - w) - half) + (p - x * tail));
  }
}

// One number or the other, by the lowest bit of n (SSE2 cannot compare 64-bit integers).
inline double chooseOdd(uint64_t n, double odd, double even) {
  const uint64_t mask = 0 - (n & 1);
  return std::bit_cast<double>((bitsOf(odd) & mask) | (bitsOf(even) & ~mask));
}

// The sine of the angle plus n quarter turns, for |x| ≤ kLargestAngle.
template <class T>
inline T sinQuarter(T x, uint64_t turns) {
  const auto [rest, tail, n] = reduceAngle(x);
  const uint64_t quarter = n + turns;
  const double s = sinNear0<T>(rest, tail), c = cosNear0<T>(rest, tail);
  const double value = chooseOdd(quarter, c, s);
  // Bit 1 of the quarter becomes the sign.
  return static_cast<T>(std::bit_cast<double>(bitsOf(value) ^ ((quarter & 2) << 62)));
}

template <class T>
inline T sin(T x) {
  return sinQuarter(x, 0);
}
template <class T>
inline T cos(T x) {
  return sinQuarter(x, 1);
}

}  // namespace flambeau::simd
