// The logarithm, sine and cosine by which PyTorch makes normal numbers of type float: the single precision
// polynomials of the Cephes library, with the roundings of PyTorch's AVX2 build.
//
// Plain functions of one number without branches, so that a loop over them vectorises.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

namespace flambeau {

// ln(x) for positive, normal x.
inline float cephesLog(float x) {
  const int32_t bits = std::bit_cast<int32_t>(x);
  const float mantissa = std::bit_cast<float>((bits & 0x007fffff) | 0x3f000000);  // in [1/2, 1)
  const bool small = mantissa < 0.707106781186547524f;
  const float exponent = static_cast<float>((bits >> 23) - 126) - (small ? 1.0f : 0.0f);
  const float m = (mantissa - 1.0f) + (small ? mantissa : 0.0f);
  const float square = m * m;
  float y = 7.0376836292e-2f;
  y = std::fma(y, m, -1.1514610310e-1f);
  y = std::fma(y, m, 1.1676998740e-1f);
  y = std::fma(y, m, -1.2420140846e-1f);
  y = std::fma(y, m, 1.4249322787e-1f);
  y = std::fma(y, m, -1.6668057665e-1f);
  y = std::fma(y, m, 2.0000714765e-1f);
  y = std::fma(y, m, -2.4999993993e-1f);
  y = std::fma(y, m, 3.3333331174e-1f);
  y = std::fma(y * m, square, exponent * -2.12194440e-4f);
  y = std::fma(square, -0.5f, y);
  return std::fma(exponent, 0.693359375f, m + y);
}

// sin(x) and cos(x) for x >= 0 of moderate size.
inline void cephesSinCos(float x, float& sine, float& cosine) {
  const int32_t octant = (static_cast<int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const float turns = static_cast<float>(octant);
  x = std::fma(turns, -0.78515625f, x);
  x = std::fma(turns, -2.4187564849853515625e-4f, x);
  x = std::fma(turns, -3.77489497744594108e-8f, x);
  const float z = x * x;

  float c = 2.443315711809948e-5f;
  c = std::fma(c, z, -1.388731625493765e-3f);
  c = std::fma(c, z, 4.166664568298827e-2f);
  c = std::fma(c * z, z, z * -0.5f) + 1.0f;

  float s = -1.9515295891e-4f;
  s = std::fma(s, z, 8.3321608736e-3f);
  s = std::fma(s, z, -1.6666654611e-1f);
  s = std::fma(s * z, x, x);

  const bool swapped = (octant & 2) != 0;
  const uint32_t sineSign = static_cast<uint32_t>(octant & 4) << 29;
  const uint32_t cosineSign = static_cast<uint32_t>(~(octant - 2) & 4) << 29;
  sine = std::bit_cast<float>(std::bit_cast<uint32_t>(swapped ? c : s) ^ sineSign);
  cosine = std::bit_cast<float>(std::bit_cast<uint32_t>(swapped ? s : c) ^ cosineSign);
}

}  // namespace flambeau
