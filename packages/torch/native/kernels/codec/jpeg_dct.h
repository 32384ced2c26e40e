// The cosine transform of a block and its inverse in integers, with the rounding of libjpeg's accurate ones ("islow"):
// after Loeffler, Ligtenberg and Moschytz, 12 multiplications for 8 numbers.
#pragma once
#include <algorithm>
#include <cstring>

#include "kernels/codec/jpeg.h"
#include "simd/lanes.h"

namespace flambeau::jpeg {

typedef int32_t Eight __attribute__((vector_size(32)));
typedef uint16_t EightShort __attribute__((vector_size(16)));
typedef int16_t EightSignedShort __attribute__((vector_size(16)));
typedef uint8_t EightBytes __attribute__((vector_size(8)));

// Constants are multiples of 2^-13; the first pass leaves two more bits than it got.
constexpr int kConstBits = 13, kPassBits = 2;
constexpr int32_t kFix0_298 = 2446, kFix0_390 = 3196, kFix0_541 = 4433, kFix0_765 = 6270, kFix0_899 = 7373, kFix1_175 = 9633,
                  kFix1_501 = 12299, kFix1_847 = 15137, kFix1_961 = 16069, kFix2_053 = 16819, kFix2_562 = 20995,
                  kFix3_072 = 25172;

// Transforms eight columns at once, and drops `shift` bits.
template <int shift>
inline void inverseColumns(Eight v[8]) {
  const Eight even = (v[2] + v[6]) * kFix0_541;
  const Eight t2 = even - v[6] * kFix1_847, t3 = even + v[2] * kFix0_765;
  const Eight t0 = (v[0] + v[4]) << kConstBits, t1 = (v[0] - v[4]) << kConstBits;
  const Eight half = Eight{} + (1 << (shift - 1));
  const Eight e0 = t0 + t3 + half, e3 = t0 - t3 + half, e1 = t1 + t2 + half, e2 = t1 - t2 + half;

  const Eight z1 = v[7] + v[1], z2 = v[5] + v[3], z3 = v[7] + v[3], z4 = v[5] + v[1];
  const Eight z5 = (z3 + z4) * kFix1_175;
  const Eight m1 = z1 * -kFix0_899, m2 = z2 * -kFix2_562, m3 = z5 - z3 * kFix1_961, m4 = z5 - z4 * kFix0_390;
  const Eight o0 = v[7] * kFix0_298 + m1 + m3, o1 = v[5] * kFix2_053 + m2 + m4;
  const Eight o2 = v[3] * kFix3_072 + m2 + m3, o3 = v[1] * kFix1_501 + m1 + m4;

  v[0] = (e0 + o3) >> shift;
  v[7] = (e0 - o3) >> shift;
  v[1] = (e1 + o2) >> shift;
  v[6] = (e1 - o2) >> shift;
  v[2] = (e2 + o1) >> shift;
  v[5] = (e2 - o1) >> shift;
  v[3] = (e3 + o0) >> shift;
  v[4] = (e3 - o0) >> shift;
}

inline Eight clampLanes(Eight v, int32_t least, int32_t most) {
  const Eight low = Eight{} + least, high = Eight{} + most;
  v = v < low ? low : v;
  return v > high ? high : v;
}

// Eight coefficients times their steps, which wrap at 16 bits: no file that is right has greater ones.
inline Eight dequantize(const int16_t* coefficients, const uint16_t* steps) {
  EightShort a, b;
  std::memcpy(&a, coefficients, sizeof a);
  std::memcpy(&b, steps, sizeof b);
  return __builtin_convertvector((EightSignedShort)(a * b), Eight);
}

// Writes the 8x8 samples of a block of coefficients. What lies between the passes is held to 16 bits, beyond which only
// files come that are wrong.
inline void inverse(const int16_t* coefficients, const uint16_t* steps, bool onlyFirst, uint8_t* out, int64_t stride) {
  if (onlyFirst) {
    const auto first = static_cast<int16_t>(static_cast<uint16_t>(coefficients[0]) * uint32_t{steps[0]});
    const auto sample = static_cast<uint8_t>(std::clamp(((first * 4 + 16) >> 5) + 128, 0, 255));
    for (int y = 0; y < 8; ++y) std::memset(out + y * stride, sample, 8);
    return;
  }
  Eight v[8];
  for (int y = 0; y < 8; ++y) v[y] = dequantize(coefficients + 8 * y, steps + 8 * y);
  inverseColumns<kConstBits - kPassBits>(v);
  for (Eight& row : v) row = clampLanes(row, -32768, 32767);
  simd::transpose(v);
  inverseColumns<kConstBits + kPassBits + 3>(v);
  simd::transpose(v);
  for (int y = 0; y < 8; ++y) {
    const EightBytes row = __builtin_convertvector(clampLanes(v[y] + 128, 0, 255), EightBytes);
    std::memcpy(out + y * stride, &row, 8);
  }
}

// Eight rows or columns forward. The first pass leaves two bits more than it got, which the second drops.
template <bool isFirst>
inline void forwardColumns(Eight v[8]) {
  constexpr int shift = isFirst ? kConstBits - kPassBits : kConstBits + kPassBits;
  const Eight half = Eight{} + (1 << (shift - 1));
  const auto outer = [](Eight value) {
    if constexpr (isFirst) return value << kPassBits;
    else return (value + (1 << (kPassBits - 1))) >> kPassBits;
  };
  const Eight s0 = v[0] + v[7], s1 = v[1] + v[6], s2 = v[2] + v[5], s3 = v[3] + v[4];
  const Eight d0 = v[0] - v[7], d1 = v[1] - v[6], d2 = v[2] - v[5], d3 = v[3] - v[4];
  const Eight e0 = s0 + s3, e3 = s0 - s3, e1 = s1 + s2, e2 = s1 - s2;
  v[0] = outer(e0 + e1);
  v[4] = outer(e0 - e1);
  const Eight even = (e2 + e3) * kFix0_541 + half;
  v[2] = (even + e3 * kFix0_765) >> shift;
  v[6] = (even - e2 * kFix1_847) >> shift;
  const Eight z5 = (d3 + d1 + d2 + d0) * kFix1_175 + half;
  const Eight z1 = (d3 + d0) * -kFix0_899, z2 = (d2 + d1) * -kFix2_562;
  const Eight z3 = z5 - (d3 + d1) * kFix1_961, z4 = z5 - (d2 + d0) * kFix0_390;
  v[7] = (d3 * kFix0_298 + z1 + z3) >> shift;
  v[5] = (d2 * kFix2_053 + z2 + z4) >> shift;
  v[3] = (d1 * kFix3_072 + z2 + z3) >> shift;
  v[1] = (d0 * kFix1_501 + z1 + z4) >> shift;
}

// The coefficients of 8x8 samples, 8 times as great as they are meant.
inline void forward(Eight (&v)[8]) {
  simd::transpose(v);
  forwardColumns<true>(v);
  simd::transpose(v);
  forwardColumns<false>(v);
}

}  // namespace flambeau::jpeg
