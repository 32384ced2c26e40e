// Plane rotations of columns. The iterations by which eigenvalues and singular values are found make many of them, one after
// the other; they are noted, and then applied together to a few rows at a time, which stay in the cache.
#pragma once
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "kernels/linalg/matrix.h"

namespace flambeau {

// c and s with c f + s g = r and c g = s f; returns r.
template <class T>
inline T makeRotation(T f, T g, T& c, T& s) {
  if (g == T(0)) {
    c = 1, s = 0;
    return f;
  }
  if (f == T(0)) {
    c = 0, s = 1;
    return g;
  }
  const T square = f * f + g * g;
  constexpr T least = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  if (square > least && square < std::numeric_limits<T>::max()) {
    const T r = std::copysign(std::sqrt(square), f);
    c = f / r, s = g / r;
    return r;
  }
  // Of numbers near the ends of the range the quotients by the larger one have all digits. A function is not called: the
  // loops around this keep their numbers in registers.
  const T largest = std::max(std::abs(f), std::abs(g));
  const T x = f / largest, y = g / largest, r = std::copysign(std::sqrt(x * x + y * y), x);
  c = x / r, s = y / r;
  return r * largest;
}

// While it lives, numbers too small to be normal count as 0 on its thread: far from the diagonal rotated columns are full of
// them, and a CPU takes a hundred times as long with each.
class WithoutTiny {
 public:
#if defined(__SSE__)
  WithoutTiny() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~WithoutTiny() { _mm_setcsr(before_); }

 private:
  const unsigned before_;
#else
  WithoutTiny() {}
#endif
};

// A square matrix, at first the identity, whose columns are rotated.
template <class T>
class RotatedColumns {
 public:
  RotatedColumns(int64_t n, bool wanted, bool parallel)
      : n_(wanted ? n : 0), parallel_(parallel), vectors_(n <= Simd<T>::width ? 1 : kMostVectors),
        height_(vectors_ * Simd<T>::width), stripes_((n_ + height_ - 1) / height_), memory_(stripes_ * height_ * n_) {
    std::fill(memory_.get(), memory_.get() + stripes_ * height_ * n_, T(0));
    for (int64_t i = 0; i < n_; ++i) *place(i, i) = 1;
    limit_ = std::max<size_t>(1 << 12, 6 * n_);
    if (wanted) rotations_.reserve(std::min<size_t>(limit_, 4 * n_ * n_) + n_);
  }

  // Columns i and i + 1 become c aᵢ + s aᵢ₊₁ and c aᵢ₊₁ - s aᵢ, sooner or later.
  void rotate(int64_t i, T c, T s) {
    if (n_ == 0) return;
    rotations_.push_back({c, s, static_cast<int32_t>(i)});
    if (rotations_.size() >= limit_) flush();
  }

  struct Rotation {
    T c, s;
    int32_t i;
  };

  // Room for so many rotations, which `take` counts in; none where no columns are wanted. For loops without calls.
  Rotation* reserve(int64_t count) {
    if (n_ == 0) return nullptr;
    if (rotations_.size() + count > limit_) flush();
    taken_ = rotations_.size();
    rotations_.resize(taken_ + count);
    return rotations_.data() + taken_;
  }
  void take(int64_t count) {
    if (n_ != 0) rotations_.resize(taken_ + count);
  }

  // Writes the columns in an order, with the signs that are given.
  void write(const Matrix<T>& out, const int64_t* order, const T* signs) {
    flush();
    for (int64_t j = 0; j < n_; ++j) {
      T* const to = out.at(0, j);
      const T sign = signs == nullptr ? T(1) : signs[order[j]];
      for (int64_t row = 0; row < n_; row += height_) {
        const T* const from = place(row, order[j]);
        const int64_t count = std::min(height_, n_ - row);
        for (int64_t i = 0; i < count; ++i) to[row + i] = sign * from[i];
      }
    }
  }

 private:
  static constexpr int kMostVectors = 4;

  // Rotations that are applied one after the other; or, where there are `second` ones, those of two sweeps over the same
  // columns from the last to the first: each of the first sweep, and then that of the second which had to wait for it only.
  struct Part {
    int64_t first, count, second = -1;
    bool begun = false;  // whether the second sweep has a rotation of the columns above those of the first
  };
  // Rotations from which on two sweeps are worth taking together.
  static constexpr int64_t kLongSweep = 8;

  // A row is in a stripe of `height_` rows, whose columns lie next to each other.
  T* place(int64_t row, int64_t col) const {
    return memory_.get() + (row / height_ * n_ + col) * height_ + row % height_;
  }

  // The end of the sweep that begins with a rotation.
  int64_t endOfSweep(int64_t begin) const {
    const int64_t size = rotations_.size();
    int64_t end = begin + 1;
    while (end < size && rotations_[end].i == rotations_[end - 1].i - 1) ++end;
    return end;
  }

  // Adds what two sweeps that follow each other are made of.
  void pair(int64_t first, int64_t second, int64_t end) {
    const int64_t topA = rotations_[first].i, topB = rotations_[second].i;
    const int64_t lowA = topA - (second - first) + 1, lowB = topB - (end - second) + 1;
    const int64_t top = std::min(topA, topB), low = std::max(lowA, lowB);
    if (top - low < kLongSweep) {
      parts_.push_back({first, end - first});
      return;
    }
    const bool begun = topB > top;
    const int64_t before = begun ? topB - top - 1 : 0, count = top - low + 1;
    if (topA > top) parts_.push_back({first, topA - top});
    if (before > 0) parts_.push_back({second, before});
    parts_.push_back({first + topA - top, count, second + before, begun});
    const int64_t doneA = first + topA - low + 1, doneB = second + topB - low;
    if (doneA < second) parts_.push_back({doneA, second - doneA});
    parts_.push_back({doneB, end - doneB});
  }

  void flush() {
    const int64_t size = rotations_.size();
    parts_.clear();
    for (int64_t begin = 0; begin < size;) {
      const int64_t second = endOfSweep(begin), end = second < size ? endOfSweep(second) : second;
      if (second == end) parts_.push_back({begin, second - begin});
      else pair(begin, second, end);
      begin = end;
    }
    const int64_t cost = static_cast<int64_t>(rotations_.size()) * height_ * 4;
    const int64_t grain = parallel_ ? std::max<int64_t>(1, kGemmGrain / std::max<int64_t>(cost, 1)) : stripes_;
    parallelFor(stripes_, std::max<int64_t>(grain, 1), [&](int64_t begin, int64_t end) {
      const WithoutTiny scope;
      for (int64_t stripe = begin; stripe < end; ++stripe) {
        T* const data = memory_.get() + stripe * height_ * n_;
        if (vectors_ == 1) applyParts<1>(data);
        else applyParts<kMostVectors>(data);
      }
    });
    rotations_.clear();
  }

  template <int vectors>
  void applyParts(T* data) const {
    for (const Part& part : parts_) {
      if (part.second < 0) apply<vectors>(data, part.first, part.first + part.count);
      else applyTogether<vectors>(data, part);
    }
  }

  // Two columns are at hand for the next step: of the first sweep the lower one of its last rotation, and that of the second.
  template <int vectors>
  void applyTogether(T* data, const Part& part) const {
    using S = Simd<T>;
    using Vector = typename S::Vector;
    constexpr int64_t height = vectors * S::width;
    const Rotation* const first = rotations_.data() + part.first;
    const Rotation* second = rotations_.data() + part.second;
    T* low = data + first[0].i * height;
    Vector a[vectors], b[vectors] = {};
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      a[v] = S::load(low + height + v * S::width);
      if (part.begun) b[v] = S::load(low + 2 * height + v * S::width);
    }
    for (int64_t step = 0; step < part.count; ++step, low -= height) {
      const T c = first[step].c, s = first[step].s;
      if (step == 0 && !part.begun) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
          const Vector x = S::load(low + v * S::width);
          b[v] = c * a[v] - s * x;
          a[v] = c * x + s * a[v];
        }
        continue;
      }
      const T c2 = second->c, s2 = second->s;
      ++second;
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        const Vector x = S::load(low + v * S::width), y = c * a[v] - s * x;
        a[v] = c * x + s * a[v];
        S::store(low + 2 * height + v * S::width, c2 * b[v] - s2 * y);
        b[v] = c2 * y + s2 * b[v];
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      S::store(low + height + v * S::width, a[v]);
      S::store(low + 2 * height + v * S::width, b[v]);
    }
  }

  // One column of the last rotation is at hand for the next, which nearly always needs it.
  template <int vectors>
  void apply(T* data, int64_t first, int64_t last) const {
    using S = Simd<T>;
    using Vector = typename S::Vector;
    constexpr int64_t height = vectors * S::width;
    Vector held[vectors] = {};
    int64_t at = -1;
    for (int64_t r = first; r < last; ++r) {
      const Rotation& rotation = rotations_[r];
      const int64_t i = rotation.i;
      const T c = rotation.c, s = rotation.s;
      T *const low = data + i * height, *const high = low + height;
      if (at == i + 1) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
          const Vector x = S::load(low + v * S::width);
          S::store(high + v * S::width, c * held[v] - s * x);
          held[v] = c * x + s * held[v];
        }
        at = i;
        continue;
      }
      if (at != i) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
          if (at >= 0) S::store(data + at * height + v * S::width, held[v]);
          held[v] = S::load(low + v * S::width);
        }
      }
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        const Vector y = S::load(high + v * S::width);
        S::store(low + v * S::width, c * held[v] + s * y);
        held[v] = c * y - s * held[v];
      }
      at = i + 1;
    }
    if (at < 0) return;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) S::store(data + at * height + v * S::width, held[v]);
  }

  const int64_t n_;
  const bool parallel_;
  const int vectors_;
  const int64_t height_, stripes_;
  const Scratch<T> memory_;
  std::vector<Rotation> rotations_;
  std::vector<Part> parts_;
  size_t limit_, taken_ = 0;
};

}  // namespace flambeau
