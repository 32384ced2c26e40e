// Real lines, whose transform mirrors itself: the second half of it is the conjugate of the first, backward.
//
// A line of an even length n is one of half the length whose real parts are the even numbers, and the imaginary parts the
// odd ones. Between its transform and that of the real line, the numbers at k and n/2 - k make those at the same places.
//
// All is written for several lines side by side, and for the numbers of one line as if they were that (`along`).
#pragma once
#include "kernels/fft/vectors.h"

namespace flambeau::fft {

// The length of the complex transform for a real line.
inline int64_t complexLength(int64_t n) { return n % 2 == 0 ? n / 2 : n; }

// The numbers of a real line at an address as complex ones.
template <class T>
inline Lines<T> asComplex(T* p, int64_t step, int64_t lane, int64_t n) {
  if (n % 2 == 0) return {p, p + step, 2 * step, lane};
  return {p, nullptr, step, lane};
}

template <bool along, class T>
[[gnu::always_inline]] inline ComplexVector<std::remove_const_t<T>> loadMirrored(Lines<T> lines, int64_t k, int64_t count) {
  constexpr int width = Simd<std::remove_const_t<T>>::width;
  if (!along) return lines.at(k).load(count);
  return count == width ? backward(lines.at(k - width + 1).load(width)) : lines.backward().at(k).load(count);
}
template <bool along, class T>
[[gnu::always_inline]] inline void storeMirrored(Lines<T> lines, int64_t k, ComplexVector<T> v, int64_t count) {
  constexpr int width = Simd<T>::width;
  if (!along) return lines.at(k).store(v, count);
  if (count == width) return lines.at(k - width + 1).store(backward(v), width);
  lines.backward().at(k).store(v, count);
}

// Calls body(k, count) for the places from `first` to `last`.
template <bool along, class T, class Body>
inline void forPlaces(int64_t first, int64_t last, int64_t lines, const Body& body) {
  constexpr int64_t width = Simd<T>::width;
  for (int64_t k = first; k <= last; k += along ? width : 1) body(k, along ? std::min(width, last - k + 1) : lines);
}

// Multiplies what goes out: `im` is the scale, or its opposite for the conjugate.
template <class T>
struct Scales {
  T re, im;
  ComplexVector<T> operator()(ComplexVector<T> v) const { return {v.re * re, v.im * im}; }
};

// The first n/2 + 1 numbers of the transform of real lines, from that of the complex ones; rootAt(k) is e^(-2πi k/n).
template <bool along, class T, class RootAt>
void finishReal(Lines<const T> z, Lines<T> out, int64_t n, int64_t lines, const RootAt& rootAt, Scales<T> scaled) {
  const int64_t half = n / 2;
  if (n % 2 == 1) {
    return forPlaces<along, T>(0, half, lines, [&](int64_t k, int64_t count) { out.at(k).store(scaled(z.at(k).load(count)), count); });
  }
  const int64_t together = along ? 1 : lines;
  const ComplexVector<T> first = z.at(0).load(together);
  out.at(0).store(scaled({first.re + first.im, Vector<T>{}}), together);
  out.at(half).store(scaled({first.re - first.im, Vector<T>{}}), together);
  forPlaces<along, T>(1, half / 2, lines, [&](int64_t k, int64_t count) {
    const auto near = z.at(k).load(count), far = conjugate(loadMirrored<along>(z, half - k, count));
    const auto even = (near + far) * T(0.5), odd = turned(near - far) * T(0.5) * rootAt(k);
    out.at(k).store(scaled(even + odd), count);
    storeMirrored<along>(out, half - k, scaled(conjugate(even - odd)), count);
  });
}

// The complex lines whose inverse transform is that of the real lines, from the first n/2 + 1 numbers of these. What
// has to be real is taken for real.
template <bool along, class T, class RootAt>
void beginReal(Lines<const T> in, Lines<T> z, int64_t n, int64_t lines, const RootAt& rootAt, Scales<T> scaled) {
  const int64_t half = n / 2, together = along ? 1 : lines;
  const Vector<T> first = scaled(in.at(0).load(together)).re;
  if (n % 2 == 1) {
    z.at(0).store({first, Vector<T>{}}, together);
    return forPlaces<along, T>(1, half, lines, [&](int64_t k, int64_t count) {
      const auto v = scaled(in.at(k).load(count));
      z.at(k).store(v, count);
      storeMirrored<along>(z, n - k, conjugate(v), count);
    });
  }
  const Vector<T> last = scaled(in.at(half).load(together)).re;
  z.at(0).store({first + last, first - last}, together);
  forPlaces<along, T>(1, half / 2, lines, [&](int64_t k, int64_t count) {
    const auto near = scaled(in.at(k).load(count)), far = conjugate(scaled(loadMirrored<along>(in, half - k, count)));
    const auto even = near + far, odd = turned(near - far) * conjugate(rootAt(k));
    z.at(k).store(even - odd, count);
    storeMirrored<along>(z, half - k, conjugate(even + odd), count);
  });
}

}  // namespace flambeau::fft
