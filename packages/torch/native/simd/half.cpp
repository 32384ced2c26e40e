#include "simd/half.h"

#if defined(__F16C__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

// The forms with a mask, of which g++ does not think that they read what is not there.
namespace flambeau::simd {
namespace {

// Loops that turn into vector instructions.
template <class H>
inline void widenEach(float* to, const H* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(from[i]);
}
template <class H>
inline void narrowEach(H* to, const float* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<H>(from[i]);
}

#if defined(__AVX512F__)
constexpr int64_t kHalves = 16;
inline void widenVector(float* to, const Half* from) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  _mm512_storeu_ps(to, _mm512_maskz_cvtph_ps(0xffff, halves));
}
inline void narrowVector(Half* to, const float* from) {
  constexpr int rounding = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  const __m256i halves = _mm512_maskz_cvtps_ph(0xffff, _mm512_loadu_ps(from), rounding);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), halves);
}
#elif defined(__F16C__)
constexpr int64_t kHalves = 8;
inline void widenVector(float* to, const Half* from) {
  _mm256_storeu_ps(to, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
}
inline void narrowVector(Half* to, const float* from) {
  const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(from), _MM_FROUND_TO_NEAREST_INT);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), halves);
}
#else
constexpr int64_t kHalves = 1;
inline void widenVector(float* to, const Half* from) { *to = static_cast<float>(*from); }
inline void narrowVector(Half* to, const float* from) { *to = static_cast<Half>(*from); }
#endif

}  // namespace

void widen(float* to, const Half* from, int64_t n) {
  int64_t i = 0;
  for (; i + kHalves <= n; i += kHalves) widenVector(to + i, from + i);
  widenEach(to + i, from + i, n - i);
}
void narrow(Half* to, const float* from, int64_t n) {
  int64_t i = 0;
  for (; i + kHalves <= n; i += kHalves) narrowVector(to + i, from + i);
  narrowEach(to + i, from + i, n - i);
}

void widen(float* to, const BFloat16* from, int64_t n) { widenEach(to, from, n); }
void narrow(BFloat16* to, const float* from, int64_t n) { narrowEach(to, from, n); }

}  // namespace flambeau::simd
