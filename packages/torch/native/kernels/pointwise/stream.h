// Copies whose stores go around the caches.
//
// An ordinary store first fetches the cache line that it writes to. For an output as large as the caches that is a
// third more traffic for nothing, and a good deal more where its memory has not been touched for a while.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace flambeau {

constexpr int64_t kCacheLine = 64;

// Bytes of an output from which on it is not expected to be in a cache, neither before nor after.
constexpr int64_t kStreamed = 16 << 20;

#if defined(__SSE2__)

constexpr bool kCanStream = true;

inline void streamLine(char* to, const char* from) {
#if defined(__AVX512F__)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), _mm512_loadu_si512(from));
#elif defined(__AVX__)
  for (int i = 0; i < kCacheLine; i += 32) {
    const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    _mm256_stream_si256(reinterpret_cast<__m256i*>(to + i), half);
  }
#else
  for (int i = 0; i < kCacheLine; i += 16) {
    const __m128i quarter = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), quarter);
  }
#endif
}

// Writes a vector to an address that is a multiple of its size.
template <class V>
inline void streamVector(void* to, V value) {
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64) return _mm512_stream_ps(static_cast<float*>(to), reinterpret_cast<__m512>(value));
#endif
#if defined(__AVX__)
  if constexpr (sizeof(V) == 32) return _mm256_stream_ps(static_cast<float*>(to), reinterpret_cast<__m256>(value));
#endif
  if constexpr (sizeof(V) == 16) _mm_stream_ps(static_cast<float*>(to), reinterpret_cast<__m128>(value));
}

// To be called after the last streamed store of a task: other threads see its stores only then.
inline void streamEnd() { _mm_sfence(); }

#else

constexpr bool kCanStream = false;
inline void streamLine(char* to, const char* from) { std::memcpy(to, from, kCacheLine); }
template <class V>
inline void streamVector(void* to, V value) { std::memcpy(to, &value, sizeof value); }
inline void streamEnd() {}

#endif

// Copies bytes; whole cache lines of the target are streamed.
inline void streamCopy(char* to, const char* from, int64_t bytes) {
  const int64_t start = -reinterpret_cast<intptr_t>(to) & (kCacheLine - 1), head = std::min(start, bytes);
  std::memcpy(to, from, head);
  int64_t i = head;
  for (; i + kCacheLine <= bytes; i += kCacheLine) streamLine(to + i, from + i);
  std::memcpy(to + i, from + i, bytes - i);
}

}  // namespace flambeau
