// Vectors as wide as the instruction set in use has them, and sums of their lanes.
#pragma once
#include <cstdint>
#include <cstring>

#include "simd/lanes.h"

namespace flambeau {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
struct Simd {
  static constexpr int width = kVectorBytes / sizeof(T);
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));

  static Vector load(const T* p) { return *reinterpret_cast<const Unaligned*>(p); }
  static void store(T* p, Vector v) { *reinterpret_cast<Unaligned*>(p) = v; }

  // The first `count` lanes, 0 <= count <= width; the others are 0. The instructions with a mask are called by the names
  // that g++ and clang++ share: <immintrin.h>, where they have better ones, takes longer to read than most kernels.
  static Vector load(const T* p, int64_t count) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return __builtin_ia32_loadups512_mask(p, Vector{}, (1u << count) - 1);
    else return __builtin_ia32_loadupd512_mask(p, Vector{}, (1u << count) - 1);
#else
    if (count == width) return load(p);
    Vector v = {};
    std::memcpy(&v, p, count * sizeof(T));
    return v;
#endif
  }
  static void store(T* p, Vector v, int64_t count) {
    // With a mask it takes several times as long.
    if (count == width) return store(p, v);
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) __builtin_ia32_storeups512_mask(p, v, (1u << count) - 1);
    else __builtin_ia32_storeupd512_mask(p, v, (1u << count) - 1);
#else
    std::memcpy(p, &v, count * sizeof(T));
#endif
  }
};

// The sums of the lanes of as many vectors as a vector has lanes.
template <class T, int s = 1, size_t count>
inline typename Simd<T>::Vector sumLanes(typename Simd<T>::Vector (&vectors)[count]) {
  if constexpr (count == 1) {
    return vectors[0];
  } else {
    typename Simd<T>::Vector half[count / 2];
#pragma GCC unroll 16
    for (size_t i = 0; i < count / 2; ++i) {
      simd::exchange<s>(vectors[2 * i], vectors[2 * i + 1], std::make_integer_sequence<int, Simd<T>::width>{});
      half[i] = vectors[2 * i] + vectors[2 * i + 1];
    }
    return sumLanes<T, 2 * s>(half);
  }
}

// The sum of a vector's lanes.
template <class T, int s = Simd<T>::width / 2>
inline T sumLanes(typename Simd<T>::Vector v) {
  if constexpr (s == 0) {
    return v[0];
  } else {
    auto other = v;
    simd::exchange<s>(v, other, std::make_integer_sequence<int, Simd<T>::width>{});
    return sumLanes<T, s / 2>(v + other);
  }
}

}  // namespace flambeau
