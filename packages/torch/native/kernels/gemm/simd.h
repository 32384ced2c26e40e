// Vectors as wide as the instruction set in use has them, and the transposition of a square of them.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

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

  // The first `count` lanes, 0 <= count <= width; the others are 0.
  static Vector load(const T* p, int64_t count) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return _mm512_maskz_loadu_ps((1u << count) - 1, p);
    else return _mm512_maskz_loadu_pd((1u << count) - 1, p);
#else
    if (count == width) return load(p);
    Vector v = {};
    std::memcpy(&v, p, count * sizeof(T));
    return v;
#endif
  }
  static void store(T* p, Vector v, int64_t count) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(p, (1u << count) - 1, v);
    else _mm512_mask_storeu_pd(p, (1u << count) - 1, v);
#else
    if (count == width) return store(p, v);
    std::memcpy(p, &v, count * sizeof(T));
#endif
  }
};

// Lanes of two vectors put together: index i is lane i of `a`, index width + i is lane i of `b`.
template <class T, int... index>
inline typename Simd<T>::Vector shuffle(typename Simd<T>::Vector a, typename Simd<T>::Vector b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, index...);
#else
  typedef std::conditional_t<sizeof(T) == 4, int32_t, int64_t> Index;
  typedef Index Indices __attribute__((vector_size(kVectorBytes)));
  return __builtin_shuffle(a, b, Indices{index...});
#endif
}

// Exchanges the lanes of `a` whose index has the bit `s` with those of `b` that have it not.
template <class T, int s, int... lane>
inline void exchange(typename Simd<T>::Vector& a, typename Simd<T>::Vector& b, std::integer_sequence<int, lane...>) {
  constexpr int width = Simd<T>::width;
  const auto low = shuffle<T, ((lane & s) ? width + (lane ^ s) : lane)...>(a, b);
  const auto high = shuffle<T, ((lane & s) ? width + lane : (lane ^ s))...>(a, b);
  a = low;
  b = high;
}

// Transposes in place: afterwards rows[i][j] is what rows[j][i] was.
template <class T, int s = 1>
inline void transpose(typename Simd<T>::Vector (&rows)[Simd<T>::width]) {
  constexpr int width = Simd<T>::width;
#pragma GCC unroll 16
  for (int i = 0; i < width; ++i) {
    if ((i & s) == 0) exchange<T, s>(rows[i], rows[i | s], std::make_integer_sequence<int, width>{});
  }
  if constexpr (2 * s < width) transpose<T, 2 * s>(rows);
}

// The sums of the lanes of as many vectors as a vector has lanes.
template <class T, int s = 1, size_t count>
inline typename Simd<T>::Vector sumLanes(typename Simd<T>::Vector (&vectors)[count]) {
  if constexpr (count == 1) {
    return vectors[0];
  } else {
    typename Simd<T>::Vector half[count / 2];
#pragma GCC unroll 16
    for (size_t i = 0; i < count / 2; ++i) {
      exchange<T, s>(vectors[2 * i], vectors[2 * i + 1], std::make_integer_sequence<int, Simd<T>::width>{});
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
    exchange<T, s>(v, other, std::make_integer_sequence<int, Simd<T>::width>{});
    return sumLanes<T, s / 2>(v + other);
  }
}

}  // namespace flambeau
