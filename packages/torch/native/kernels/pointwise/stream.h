// Copies whose stores go around the caches.
//
// An ordinary store first fetches the cache line that it writes to. For an output as large as the caches that is a
// third more traffic for nothing, and a good deal more where its memory has not been touched for a while.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace flambeau {

constexpr int64_t kCacheLine = 64;

// Bytes of an output from which on it is not expected to be in a cache, neither before nor after.
constexpr int64_t kStreamed = 16 << 20;

#if defined(__SSE2__)

constexpr bool kCanStream = true;

template <int bytes>
struct Floats {
  typedef float Vector __attribute__((vector_size(bytes)));
};

// Writes a vector to an address that is a multiple of its size. The instructions are called by the compilers' own names:
// <immintrin.h> takes longer to read than most kernels.
template <class V>
inline void streamVector(void* to, V value) {
  using Vector = typename Floats<sizeof(V)>::Vector;
  const auto floats = reinterpret_cast<Vector>(value);
#if defined(__clang__)
  __builtin_nontemporal_store(floats, static_cast<Vector*>(to));
#else
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64) return __builtin_ia32_movntps512(static_cast<float*>(to), floats);
#endif
#if defined(__AVX__)
  if constexpr (sizeof(V) == 32) return __builtin_ia32_movntps256(static_cast<float*>(to), floats);
#endif
  if constexpr (sizeof(V) == 16) _mm_stream_ps(static_cast<float*>(to), floats);
#endif
}

inline void streamLine(char* to, const char* from) {
#if defined(__AVX512F__)
  constexpr int bytes = 64;
#elif defined(__AVX__)
  constexpr int bytes = 32;
#else
  constexpr int bytes = 16;
#endif
  for (int i = 0; i < kCacheLine; i += bytes) {
    Floats<bytes>::Vector vector;
    std::memcpy(&vector, from + i, bytes);
    streamVector(to + i, vector);
  }
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
