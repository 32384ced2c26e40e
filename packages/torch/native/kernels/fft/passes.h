// The transform of several lines side by side, as many as a vector has lanes, one pass for each factor of its length.
//
// A pass (Stockham's) reads numbers that are far apart, transforms them, and writes them next to each other, so that
// the last one leaves all in their order. Nothing crosses the lanes of a vector.
#pragma once
#include "kernels/fft/vectors.h"

namespace flambeau::fft {

// Larger prime factors would take longer than a convolution (lines.h).
constexpr int kLargestFactor = 31;

// The transform of `radix` numbers that stand in `a`.
template <class T>
[[gnu::always_inline]] inline void butterfly2(ComplexVector<T>* a) {
  const auto b = a[0] - a[1];
  a[0] = a[0] + a[1];
  a[1] = b;
}

template <class T>
[[gnu::always_inline]] inline void butterfly4(ComplexVector<T>* a) {
  const auto even = a[0] + a[2], evenRest = a[0] - a[2], odd = a[1] + a[3], oddRest = turned(a[1] - a[3]);
  a[0] = even + odd;
  a[1] = evenRest + oddRest;
  a[2] = even - odd;
  a[3] = evenRest - oddRest;
}

template <class T>
[[gnu::always_inline]] inline void butterfly8(ComplexVector<T>* a) {
  constexpr T half = static_cast<T>(std::numbers::sqrt2 / 2);
  ComplexVector<T> even[4] = {a[0], a[2], a[4], a[6]}, odd[4] = {a[1], a[3], a[5], a[7]};
  butterfly4(even);
  butterfly4(odd);
  odd[1] = ComplexVector<T>{odd[1].re + odd[1].im, odd[1].im - odd[1].re} * half;
  odd[2] = turned(odd[2]);
  odd[3] = ComplexVector<T>{odd[3].im - odd[3].re, -odd[3].re - odd[3].im} * half;
  for (int k = 0; k < 4; ++k) {
    a[k] = even[k] + odd[k];
    a[k + 4] = even[k] - odd[k];
  }
}

// Sums and differences of numbers that are as far from the first as from the last take half of the products.
template <int radix, class T>
inline void butterflyOdd(ComplexVector<T>* a, const Root<T>* roots, int size = radix) {
  constexpr int most = radix / 2 + 1;
  const int half = size / 2;
  ComplexVector<T> sums[most], rests[most];
  ComplexVector<T> total = a[0];
#pragma GCC unroll 4
  for (int k = 1; k <= half; ++k) {
    sums[k] = a[k] + a[size - k];
    rests[k] = turned(a[k] - a[size - k]);
    total = total + sums[k];
  }
#pragma GCC unroll 4
  for (int j = 1; j <= half; ++j) {
    ComplexVector<T> x = a[0], y = {};
    int place = 0;
#pragma GCC unroll 4
    for (int k = 1; k <= half; ++k) {
      place += j;
      if (place >= size) place -= size;
      x = x + sums[k] * roots[place].re;
      y = y - rests[k] * roots[place].im;
    }
    a[j] = x + y;
    a[size - j] = x - y;
  }
  a[0] = total;
}

template <int radix, class T>
[[gnu::always_inline]] inline void butterfly(ComplexVector<T>* a, const Root<T>* roots, int size) {
  if constexpr (radix == 2) butterfly2(a);
  else if constexpr (radix == 4) butterfly4(a);
  else if constexpr (radix == 8) butterfly8(a);
  else butterflyOdd<radix>(a, roots, size);
}

struct PassShape {
  int size;
  int64_t m, s;
};

// One pass over `m * radix * s` numbers: in[q + s (p + m k)] to out[q + s (radix p + k)], where the root of place p and
// power k is multiplied to the result.
template <int radix, bool known, class T>
inline void runPass(PassShape shape, const ComplexVector<T>* in, ComplexVector<T>* out, const Root<T>* roots, const Root<T>* w) {
  const int size = known ? radix : shape.size;
  const int64_t m = shape.m, s = shape.s, apart = m * s;
  for (int64_t p = 0; p < m; ++p, w += size - 1) {
    for (int64_t q = 0; q < s; ++q) {
      const ComplexVector<T>* from = in + p * s + q;
      ComplexVector<T>* to = out + p * size * s + q;
      ComplexVector<T> a[radix];
#pragma GCC unroll 8
      for (int k = 0; k < size; ++k) a[k] = from[k * apart];
      butterfly<radix>(a, roots, size);
      to[0] = a[0];
      if (p == 0) {
#pragma GCC unroll 8
        for (int k = 1; k < size; ++k) to[k * s] = a[k];
      } else {
#pragma GCC unroll 8
        for (int k = 1; k < size; ++k) to[k * s] = a[k] * w[k - 1];
      }
    }
  }
}

// How a length is transformed: its factors, with the roots that each pass needs. Lengths with a larger prime factor than
// kLargestFactor have none.
template <class T>
class Passes {
 public:
  explicit Passes(int64_t n) : n_(n) {
    for (const int size : factors(n)) add(size);
  }

  static bool possible(int64_t n) { return product(factors(n)) == n; }

  // The work for one number of a line, relative to an addition.
  static int64_t cost(int64_t n) {
    int64_t sum = 8;
    for (const int size : factors(n)) sum += size <= 5 ? 2 * size : size == 8 ? 12 : 3 * size;
    return sum;
  }

  int64_t length() const { return n_; }

  int64_t bytes() const {
    size_t count = 0;
    for (const Pass& pass : passes_) count += pass.roots.size() + pass.twiddles.size();
    return static_cast<int64_t>(count * sizeof(Root<T>) + sizeof *this);
  }

  // Transforms what stands in `data`, of which it needs no more afterwards, and returns where the result is: there or
  // in `other`.
  ComplexVector<T>* run(ComplexVector<T>* data, ComplexVector<T>* other) const {
    for (const Pass& pass : passes_) {
      const Root<T>*roots = pass.roots.data(), *w = pass.twiddles.data();
      switch (pass.shape.size) {
        case 2: runPass<2, true>(pass.shape, data, other, roots, w); break;
        case 3: runPass<3, true>(pass.shape, data, other, roots, w); break;
        case 4: runPass<4, true>(pass.shape, data, other, roots, w); break;
        case 5: runPass<5, true>(pass.shape, data, other, roots, w); break;
        case 8: runPass<8, true>(pass.shape, data, other, roots, w); break;
        default: runPass<kLargestFactor, false>(pass.shape, data, other, roots, w);
      }
      std::swap(data, other);
    }
    return data;
  }

  static std::vector<int> factors(int64_t n) {
    std::vector<int> sizes;
    if (n < 2) return sizes;
    int twos = 0;
    for (; n % 2 == 0; n /= 2) ++twos;
    for (; twos >= 5 || twos == 3; twos -= 3) sizes.push_back(8);
    for (; twos >= 2; twos -= 2) sizes.push_back(4);
    if (twos == 1) sizes.push_back(2);
    for (int p = 3; p <= kLargestFactor && n > 1; p += 2) {
      for (; n % p == 0; n /= p) sizes.push_back(p);
    }
    return sizes;
  }

 private:
  struct Pass {
    PassShape shape;
    std::vector<Root<T>> roots, twiddles;
  };

  static int64_t product(const std::vector<int>& sizes) {
    int64_t n = 1;
    for (const int size : sizes) n *= size;
    return n;
  }

  void add(int size) {
    int64_t rest = n_, s = 1;
    for (const Pass& pass : passes_) {
      rest /= pass.shape.size;
      s *= pass.shape.size;
    }
    Pass pass{{size, rest / size, s}, {}, {}};
    for (int j = 0; j < size; ++j) pass.roots.push_back(rounded<T>(rootOf(j, size)));
    for (int64_t p = 0; p < pass.shape.m; ++p) {
      for (int k = 1; k < size; ++k) pass.twiddles.push_back(rounded<T>(rootOf(p * k, rest)));
    }
    passes_.push_back(std::move(pass));
  }

  int64_t n_;
  std::vector<Pass> passes_;
};

}  // namespace flambeau::fft
