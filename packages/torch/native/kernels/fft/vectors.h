// Complex numbers of several lines side by side, and where the numbers of lines are in memory.
#pragma once
#include <algorithm>

#include "kernels/fft/roots.h"
#include "kernels/gemm/simd.h"

namespace flambeau::fft {

template <class T>
using Vector = typename Simd<T>::Vector;

template <class T>
struct ComplexVector {
  static constexpr int width = Simd<T>::width;
  Vector<T> re, im;
};

template <class T>
inline ComplexVector<T> operator+(ComplexVector<T> a, ComplexVector<T> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class T>
inline ComplexVector<T> operator-(ComplexVector<T> a, ComplexVector<T> b) {
  return {a.re - b.re, a.im - b.im};
}
// Times a number or a vector of them, the same or another in each lane.
template <class T, class Factor>
inline ComplexVector<T> operator*(ComplexVector<T> a, Factor w) {
  return {a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}
template <class T>
inline ComplexVector<T> operator*(ComplexVector<T> a, T scale) {
  return {a.re * scale, a.im * scale};
}
// Times -i.
template <class T>
inline ComplexVector<T> turned(ComplexVector<T> a) {
  return {a.im, -a.re};
}
template <class T>
inline Root<T> conjugate(Root<T> a) {
  return {a.re, -a.im};
}
template <class T>
inline ComplexVector<T> conjugate(ComplexVector<T> a) {
  return {a.re, -a.im};
}

template <class T>
inline Root<T> rounded(Root<double> w) {
  return {static_cast<T>(w.re), static_cast<T>(w.im)};
}

namespace lanes {

template <class V, int... lane>
inline V backward(V a, std::integer_sequence<int, lane...>) {
  return simd::pick<(static_cast<int>(sizeof...(lane)) - 1 - lane)...>(a, a);
}

}  // namespace lanes

template <class T>
constexpr auto kLanes = std::make_integer_sequence<int, Simd<T>::width>{};

template <class T>
inline ComplexVector<T> backward(ComplexVector<T> a) {
  return {lanes::backward(a.re, kLanes<T>), lanes::backward(a.im, kLanes<T>)};
}

// Where the complex numbers of lines are: the first real and imaginary part of the first line, how far it is from a number
// to the next of its line, and from a line to the next. A part that is nowhere is 0 when it is read, and is not written.
//
// A transform and its inverse differ in that both parts change places on the way in and on the way out: who wants the
// inverse swaps the addresses.
template <class P>
struct Lines {
  using T = std::remove_const_t<P>;

  P *re, *im;
  int64_t step, lane;

  Lines at(int64_t number, int64_t line = 0) const { return moved(number * step + line * lane); }
  Lines swapped() const { return {im, re, step, lane}; }
  // The numbers of the first line as first numbers of lines of their own.
  Lines along() const { return {re, im, step, step}; }
  Lines<const T> fixed() const { return {re, im, step, lane}; }
  Lines backward() const { return {re, im, step, -lane}; }

  // The first n numbers of `count` lines side by side.
  void load(ComplexVector<T>* to, int64_t n, int64_t count) const {
    if (interleaved(re, im) && count == width) {
      for (int64_t j = 0; j < n; ++j) {
        fetchNext(re + j * step);
        to[j] = split(re + j * step, width);
      }
    } else if (interleaved(im, re) && count == width) {
      for (int64_t j = 0; j < n; ++j) {
        fetchNext(im + j * step);
        const ComplexVector<T> v = split(im + j * step, width);
        to[j] = {v.im, v.re};
      }
    } else if (runs() && pairs()) {
      for (int64_t j = 0; j < n; j += half) loadPairs(to + j, j, std::min<int64_t>(half, n - j), count);
    } else if (runs()) {
      for (int64_t j = 0; j < n; j += width) loadSquare(to + j, j, std::min<int64_t>(width, n - j), count);
    } else {
      for (int64_t j = 0; j < n; ++j) to[j] = at(j).load(count);
    }
  }
  void store(const ComplexVector<T>* from, T scale, int64_t n, int64_t count) const {
    if (interleaved(re, im) && count == width) {
      for (int64_t j = 0; j < n; ++j) join(re + j * step, from[j].re * scale, from[j].im * scale, width);
    } else if (interleaved(im, re) && count == width) {
      for (int64_t j = 0; j < n; ++j) join(im + j * step, from[j].im * scale, from[j].re * scale, width);
    } else if (runs() && pairs()) {
      for (int64_t j = 0; j < n; j += half) storePairs(from + j, scale, j, std::min<int64_t>(half, n - j), count);
    } else if (runs()) {
      for (int64_t j = 0; j < n; j += width) storeSquare(from + j, scale, j, std::min<int64_t>(width, n - j), count);
    } else {
      for (int64_t j = 0; j < n; ++j) at(j).store(from[j] * scale, count);
    }
  }
  // The numbers at the first place of `count` lines.
  [[gnu::always_inline]] ComplexVector<T> load(int64_t count) const {
    if (interleaved(re, im)) return split(re, count);
    if (interleaved(im, re)) {
      const ComplexVector<T> v = split(im, count);
      return {v.im, v.re};
    }
    return {part(re, count), part(im, count)};
  }
  [[gnu::always_inline]] void store(ComplexVector<T> v, int64_t count) const {
    if (interleaved(re, im)) return join(re, v.re, v.im, count);
    if (interleaved(im, re)) return join(im, v.im, v.re, count);
    putPart(re, v.re, count);
    putPart(im, v.im, count);
  }

 private:
  static constexpr int width = Simd<T>::width, half = width / 2;

  Lines moved(int64_t distance) const {
    return {re == nullptr ? re : re + distance, im == nullptr ? im : im + distance, step, lane};
  }

  // Asks for what comes behind a vector of numbers, which the next lines are going to read.
  static void fetchNext(const T* p) {
    __builtin_prefetch(p + 2 * width);
    __builtin_prefetch(p + 3 * width);
  }

  // Whether the numbers of a line are neighbours in memory, and those of lines side by side are not.
  bool runs() const { return step <= 2 && lane > 2; }
  // Whether both parts of a number of a line are neighbours, too, in either order.
  bool pairs() const { return step == 2 && re != nullptr && (im == re + 1 || re == im + 1); }

  // `some` numbers of `count` lines from place j on, parts and all: each column of the square is a part of one number.
  void loadPairs(ComplexVector<T>* to, int64_t j, int64_t some, int64_t count) const {
    const T* p = std::min<const T*>(re, im) + 2 * j;
    Vector<T> a[width];
    for (int64_t l = 0; l < count; ++l) a[l] = some == half ? Simd<T>::load(p + l * lane) : Simd<T>::load(p + l * lane, 2 * some);
    for (int64_t l = count; l < width; ++l) a[l] = Vector<T>{};
    simd::transpose(a);
    const int first = re < im ? 0 : 1;
    for (int64_t i = 0; i < some; ++i) to[i] = {a[2 * i + first], a[2 * i + 1 - first]};
  }
  void storePairs(const ComplexVector<T>* from, T scale, int64_t j, int64_t some, int64_t count) const {
    P* p = std::min<P*>(re, im) + 2 * j;
    Vector<T> a[width];
    const int first = re < im ? 0 : 1;
    for (int64_t i = 0; i < some; ++i) {
      a[2 * i + first] = from[i].re * scale;
      a[2 * i + 1 - first] = from[i].im * scale;
    }
    for (int64_t i = 2 * some; i < width; ++i) a[i] = Vector<T>{};
    simd::transpose(a);
    for (int64_t l = 0; l < count; ++l) {
      if (some == half) Simd<T>::store(p + l * lane, a[l]);
      else Simd<T>::store(p + l * lane, a[l], 2 * some);
    }
  }

  // `some` numbers of `count` lines from place j on: they are read line by line, and transposed.
  void loadSquare(ComplexVector<T>* to, int64_t j, int64_t some, int64_t count) const {
    Vector<T> a[width], b[width];
    for (int64_t l = 0; l < count; ++l) {
      const ComplexVector<T> v = at(j, l).along().load(some);
      a[l] = v.re;
      b[l] = v.im;
    }
    for (int64_t l = count; l < width; ++l) a[l] = b[l] = Vector<T>{};
    simd::transpose(a);
    simd::transpose(b);
    for (int64_t i = 0; i < some; ++i) to[i] = {a[i], b[i]};
  }
  void storeSquare(const ComplexVector<T>* from, T scale, int64_t j, int64_t some, int64_t count) const {
    Vector<T> a[width], b[width];
    for (int64_t i = 0; i < some; ++i) {
      a[i] = from[i].re * scale;
      b[i] = from[i].im * scale;
    }
    for (int64_t i = some; i < width; ++i) a[i] = b[i] = Vector<T>{};
    simd::transpose(a);
    simd::transpose(b);
    for (int64_t l = 0; l < count; ++l) at(j, l).along().store({a[l], b[l]}, some);
  }

  bool interleaved(const T* first, const T* second) const { return lane == 2 && first != nullptr && second == first + 1; }

  [[gnu::always_inline]] static ComplexVector<T> split(const T* p, int64_t count) {
    Vector<T> a, b;
    if (count == width) {
      a = Simd<T>::load(p);
      b = Simd<T>::load(p + width);
    } else {
      a = Simd<T>::load(p, std::min<int64_t>(2 * count, width));
      b = 2 * count > width ? Simd<T>::load(p + width, 2 * count - width) : Vector<T>{};
    }
    return {simd::even(a, b, kLanes<T>), simd::odd(a, b, kLanes<T>)};
  }
  [[gnu::always_inline]] static void join(T* p, Vector<T> first, Vector<T> second, int64_t count) {
    const Vector<T> a = simd::zip<0>(first, second, kLanes<T>), b = simd::zip<1>(first, second, kLanes<T>);
    if (count == width) {
      Simd<T>::store(p, a);
      Simd<T>::store(p + width, b);
    } else {
      Simd<T>::store(p, a, std::min<int64_t>(2 * count, width));
      if (2 * count > width) Simd<T>::store(p + width, b, 2 * count - width);
    }
  }
  [[gnu::always_inline]] Vector<T> part(const T* p, int64_t count) const {
    if (p == nullptr) return Vector<T>{};
    if (lane == 1) return count == width ? Simd<T>::load(p) : Simd<T>::load(p, count);
    T values[width] = {};
    for (int64_t l = 0; l < count; ++l) values[l] = p[l * lane];
    return Simd<T>::load(values);
  }
  [[gnu::always_inline]] void putPart(T* p, Vector<T> v, int64_t count) const {
    if (p == nullptr) return;
    if (lane == 1) return count == width ? Simd<T>::store(p, v) : Simd<T>::store(p, v, count);
    T values[width];
    Simd<T>::store(values, v);
    for (int64_t l = 0; l < count; ++l) p[l * lane] = values[l];
  }
};

}  // namespace flambeau::fft
