// exp for loops that the compiler vectorises: no branch, no call, within about one unit in the last place.
//
// exp(x) = 2^n exp(r) with n the integer nearest to x / ln 2; exp(r) is a polynomial on |r| <= ln 2 / 2. Adding
// and subtracting 1.5 * 2^23 (2^52 for doubles) rounds, and leaves n in the low bits.
#pragma once
#include <bit>
#include <cstdint>
#include <limits>

namespace flambeau {

inline float fastExp(float x) {
  constexpr float magic = 12582912.0f;
  const bool tooSmall = x < -103.97208f, tooLarge = x > 88.72284f;
  const float y = tooSmall | tooLarge ? 0.0f : x;
  const float t = y * 1.44269504f + magic;
  const int32_t n = std::bit_cast<int32_t>(t) - std::bit_cast<int32_t>(magic);
  const float rounded = t - magic;
  const float r = (y - rounded * 0.693145752f) - rounded * 1.42860677e-6f;
  // Fitted to (exp(r) - 1 - r) / r² for the least relative error of exp(r), which is 2^-34.
  float p = 1.9790245e-4f;
  p = p * r + 1.3944759e-3f;
  p = p * r + 8.3334977e-3f;
  p = p * r + 4.1666295e-2f;
  p = p * r + 1.6666666e-1f;
  p = p * r + 0.5f;
  p = (p * r) * r + r + 1.0f;
  // In two factors, as 2^n alone may be out of range where the result is not.
  const int32_t half = n >> 1;
  const float scaled = p * std::bit_cast<float>((half + 127) << 23) * std::bit_cast<float>((n - half + 127) << 23);
  const float result = tooLarge ? std::numeric_limits<float>::infinity() : scaled;
  return tooSmall ? 0.0f : result;
}

inline double fastExp(double x) {
  constexpr double magic = 6755399441055744.0;
  const bool tooSmall = x < -745.1332191019412, tooLarge = x > 709.782712893384;
  const double y = tooSmall | tooLarge ? 0.0 : x;
  const double t = y * 1.4426950408889634 + magic;
  const int64_t n = std::bit_cast<int64_t>(t) - std::bit_cast<int64_t>(magic);
  const double rounded = t - magic;
  const double r = (y - rounded * 6.93147180369123816490e-01) - rounded * 1.90821492927058770002e-10;
  // The Taylor series: its first term left out is below half a unit in the last place on this range.
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = (p * r) * r + r + 1.0;
  const int64_t half = n >> 1;
  const double scaled = p * std::bit_cast<double>((half + 1023) << 52) * std::bit_cast<double>((n - half + 1023) << 52);
  const double result = tooLarge ? std::numeric_limits<double>::infinity() : scaled;
  return tooSmall ? 0.0 : result;
}

}  // namespace flambeau
