// Windows of pooling: which elements of the input each position of the output sees, along up to three dims.
#pragma once
#include <algorithm>

#include "kernels/gemm/simd.h"
#include "kernels/kernel.h"
#include "kernels/pointwise/stream.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

constexpr int kPoolDims = 3;

// Elements from `begin` to before `end`, a step apart; `count` is how many the window has, those in the padding too.
struct Window {
  int64_t begin, end, count;
};

// The windows along one dim. A kernel of size 0 stands for windows that share out the input evenly.
struct PoolAxis {
  int64_t in, out, kernel, stride, padding, dilation;

  bool isAdaptive() const { return kernel == 0; }

  Window at(int64_t i) const {
    if (isAdaptive()) {
      const int64_t begin = i * in / out, end = ((i + 1) * in + out - 1) / out;
      return {begin, end, end - begin};
    }
    const int64_t start = i * stride - padding, end = start + (kernel - 1) * dilation + 1;
    const int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
    return {start + skipped * dilation, std::min(end, in), std::min(start + kernel, in + padding) - start};
  }

  // Even shares without a rest are windows like others, for which there are quicker ways.
  void makeRegular() {
    if (!isAdaptive() || in == 0 || out == 0 || in % out != 0) return;
    kernel = stride = in / out;
    padding = 0;
    dilation = 1;
  }

  // Elements of a row with those in the padding that windows reach.
  int64_t span() const { return (out - 1) * stride + (kernel - 1) * dilation + 1; }
};

// (planes, then for each of the numbers of an axis one for each dim)
struct PoolGeometry {
  int64_t planes;
  PoolAxis axes[kPoolDims];

  explicit PoolGeometry(Params& params) : planes(params.integer()) {
    constexpr int64_t PoolAxis::*fields[] = {&PoolAxis::in,     &PoolAxis::out,     &PoolAxis::kernel,
                                             &PoolAxis::stride, &PoolAxis::padding, &PoolAxis::dilation};
    for (const auto field : fields) {
      for (PoolAxis& axis : axes) axis.*field = params.integer();
    }
    for (PoolAxis& axis : axes) axis.makeRegular();
  }
  int64_t inSize() const { return axes[0].in * axes[1].in * axes[2].in; }
  int64_t outSize() const { return axes[0].out * axes[1].out * axes[2].out; }
};

// The rows of a plane with padding at both ends, taken apart into elements that are a stride apart: what the positions
// of a row read at one place of their windows then lies side by side.
template <class T>
class PhasedRows {
 public:
  explicit PhasedRows(const PoolAxis& axis)
      : axis_(axis), phases_(std::min(axis.stride, (axis.kernel - 1) * axis.dilation + 1)),
        length_((axis.span() + axis.stride - 1) / axis.stride) {}

  // Whether it is worth the memory.
  static bool fits(const PoolAxis& axis) { return !axis.isAdaptive() && axis.span() <= 4 * axis.in + 4096; }

  int64_t size() const { return phases_ * length_; }
  // Elements that vectors may touch behind the last row.
  static constexpr int64_t kSlack = Simd<T>::width;

  // Where position 0 reads at a place of its window.
  int64_t offsetOf(int64_t place) const {
    const int64_t at = place * axis_.dilation;
    return at % axis_.stride * length_ + at / axis_.stride;
  }

  void split(const T* row, T padding, T* to) const {
    forEachPhase([&](int64_t p, int64_t left, int64_t right, int64_t first) {
      T* phase = to + p * length_;
      std::fill(phase, phase + left, padding);
      const T* from = row + first;
      const int64_t count = right - left, stride = axis_.stride;
      if (stride == 1) {
        std::copy(from, from + count, phase + left);
      } else if (stride == 2) {
        for (int64_t i = 0; i < count; ++i) phase[left + i] = from[2 * i];
      } else {
        for (int64_t i = 0; i < count; ++i) phase[left + i] = from[i * stride];
      }
      std::fill(phase + right, phase + length_, padding);
    });
  }

  // The other way round: sets all elements of a row, those that no window sees to 0.
  void join(const T* from, T* row) const {
    std::fill(row, row + axis_.in, T(0));
    forEachPhase([&](int64_t p, int64_t left, int64_t right, int64_t first) {
      for (int64_t i = left; i < right; ++i) row[first + (i - left) * axis_.stride] = from[p * length_ + i];
    });
  }

 private:
  // Calls body(phase, begin and end of the part that is in the row, where that begins in the row).
  template <class Body>
  void forEachPhase(const Body& body) const {
    const int64_t stride = axis_.stride;
    for (int64_t p = 0; p < phases_; ++p) {
      const int64_t x = p - axis_.padding;
      const int64_t left = std::clamp<int64_t>(x < 0 ? (-x + stride - 1) / stride : 0, 0, length_);
      const int64_t right = std::clamp<int64_t>((axis_.in - x + stride - 1) / stride, left, length_);
      body(p, left, right, x + left * stride);
    }
  }

  const PoolAxis& axis_;
  const int64_t phases_, length_;
};

template <class T>
inline int64_t fullVectors(int64_t count) { return (count + Simd<T>::width - 1) / Simd<T>::width * Simd<T>::width; }

// Numbers for the threads: a plane is worth a part of the work of a thread.
inline int64_t planeGrain(const PoolGeometry& g) {
  return std::max<int64_t>(1, 32768 / std::max<int64_t>(g.inSize() + g.outSize(), 1));
}

// Writes planes of so many elements: write(p, to) makes plane p at an address. Where all of them are more than what caches
// hold, each is made in a cache and then goes around the caches.
template <class T, class Write>
inline void writePlanes(T* out, const PoolGeometry& g, int64_t size, int64_t begin, int64_t end, const Write& write) {
  const int64_t bytes = size * static_cast<int64_t>(sizeof(T));
  if (!kCanStream || g.planes * bytes < kStreamed || bytes < 1024 || bytes > (1 << 20)) {
    for (int64_t p = begin; p < end; ++p) write(p, out + p * size);
    return;
  }
  static thread_local ThreadScratch scratch;
  T* plane = scratch.reserve<T>(size);
  for (int64_t p = begin; p < end; ++p) {
    write(p, plane);
    streamCopy(reinterpret_cast<char*>(out + p * size), reinterpret_cast<const char*>(plane), bytes);
  }
  streamEnd();
}

}  // namespace flambeau
