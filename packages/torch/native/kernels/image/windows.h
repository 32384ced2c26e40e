// Weighted sums of neighbours, a vector of them at a time.
#pragma once
#include <algorithm>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/gemm/simd.h"
#include "kernels/kernel.h"

namespace flambeau::image {

template <class T>
using Vector = typename Simd<T>::Vector;

typedef int32_t Wholes __attribute__((vector_size(kVectorBytes)));

// Bytes as whole numbers, and whole numbers from 0 to 255 as bytes. Compilers take such conversions apart lane by lane.
inline Wholes wholesOf(const uint8_t* p) {
#if defined(__AVX512F__)
  return reinterpret_cast<Wholes>(_mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#elif defined(__AVX2__)
  return reinterpret_cast<Wholes>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
#else
  Wholes wholes;
  for (int j = 0; j < Simd<int32_t>::width; ++j) wholes[j] = p[j];
  return wholes;
#endif
}
inline void storeBytes(uint8_t* to, Wholes wholes) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_maskz_cvtepi32_epi8(0xffff, reinterpret_cast<__m512i>(wholes)));
#elif defined(__AVX2__)
  const __m256i all = reinterpret_cast<__m256i>(wholes);
  const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
#else
  for (int j = 0; j < Simd<int32_t>::width; ++j) to[j] = static_cast<uint8_t>(wholes[j]);
#endif
}

// Elements as a vector of the type in which they are weighed.
template <class T>
inline Vector<T> widened(const T* p) {
  return Simd<T>::load(p);
}
template <class T>
inline Vector<T> widened(const uint8_t* p) {
  if constexpr (std::is_same_v<T, int32_t>) return wholesOf(p);
  else return __builtin_convertvector(wholesOf(p), Vector<float>);
}

// The windows of a dim: where each begins, how many neighbours it has, and their weights, first all first ones.
template <class T>
struct Windows {
  int64_t in, out;
  const int32_t *starts, *counts;
  const T* weights;

  explicit Windows(Params& params) {
    in = params.integer();
    out = params.integer();
    starts = params.pointer<int32_t>();
    counts = params.pointer<int32_t>();
    weights = params.pointer<T>();
    for (int64_t i = 0; i < out; ++i) {
      if (starts[i] < 0 || counts[i] < 0 || starts[i] + counts[i] > in) refuse("a window reaches outside its dim");
    }
  }

  bool shrinks() const { return out < in; }

  // sums += the neighbours of place i, which are `step` apart, times their weights.
  template <int Vectors, class In>
  void weigh(int64_t i, const In* from, int64_t step, Vector<T> (&sums)[Vectors]) const {
    const In* row = from + starts[i] * step;
    const T* w = weights + i;
    for (int32_t k = 0; k < counts[i]; ++k, row += step, w += out) {
#pragma GCC unroll 16
      for (int v = 0; v < Vectors; ++v) sums[v] += *w * widened<T>(row + v * Simd<T>::width);
    }
  }

  // Calls finish(element, vector of sums) for all of `n` elements of a row that is the sum of others, and
  // last(element, sum) for those that fill no vector.
  template <class In, class Finish, class Last>
  void sumRows(int64_t i, const In* from, int64_t step, int64_t n, T start, const Finish& finish, const Last& last) const {
    constexpr int width = Simd<T>::width, together = 4;
    int64_t j = 0;
    for (; j + together * width <= n; j += together * width) {
      Vector<T> sums[together];
      for (auto& sum : sums) sum = Vector<T>{} + start;
      weigh(i, from + j, step, sums);
      for (int v = 0; v < together; ++v) finish(j + v * width, sums[v]);
    }
    for (; j + width <= n; j += width) {
      Vector<T> sums[1] = {Vector<T>{} + start};
      weigh(i, from + j, step, sums);
      finish(j, sums[0]);
    }
    for (; j < n; ++j) {
      T sum = start;
      for (int32_t k = 0; k < counts[i]; ++k) sum += weights[k * out + i] * static_cast<T>(from[(starts[i] + k) * step + j]);
      last(j, sum);
    }
  }
};

// The places of rows [begin, end), from the first neighbour to behind the last.
template <class T>
inline std::pair<int64_t, int64_t> neighboursOf(const Windows<T>& rows, int64_t begin, int64_t end) {
  int64_t first = rows.in, last = 0;
  for (int64_t i = begin; i < end; ++i) {
    if (rows.counts[i] == 0) continue;
    first = std::min<int64_t>(first, rows.starts[i]);
    last = std::max<int64_t>(last, rows.starts[i] + rows.counts[i]);
  }
  return {std::min(first, last), last};
}

}  // namespace flambeau::image
