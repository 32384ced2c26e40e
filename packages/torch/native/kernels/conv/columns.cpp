// Convolutions of large weights and few positions: what each position reads becomes a column of a
// matrix, and the weight, whose rows are read as they lie, is multiplied with all columns at once.
#include <algorithm>

#include "kernels/conv/tiles.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// The elements that a tap reads for each position of an image, a row of positions after the other.
template <class T>
T* gatherTap(const Correlation<T>& c, const Tap& tap, int64_t n, int64_t s, T* to) {
  const Axis &down = c.axes[1], &across = c.axes[2];
  // The first position that reads inside of the image, and the first behind it that does not.
  const int64_t left = std::clamp<int64_t>((across.stride - 1 - tap.at[2]) / across.stride, 0, across.out);
  const int64_t right = std::clamp<int64_t>((across.in - tap.at[2] + across.stride - 1) / across.stride, left, across.out);
  const int64_t step = across.stride * c.in.step[2];
  for (int64_t z = 0; z < c.axes[0].out; ++z) {
    const int64_t iz = z * c.axes[0].stride + tap.at[0];
    for (int64_t y = 0; y < down.out; ++y, to += across.out) {
      const int64_t iy = y * down.stride + tap.at[1];
      if (iz < 0 || iz >= c.axes[0].in || iy < 0 || iy >= down.in) {
        std::fill(to, to + across.out, T(0));
        continue;
      }
      std::fill(to, to + left, T(0));
      const T* from = c.in.at(n, s, iz, iy, left * across.stride + tap.at[2]);
      for (int64_t x = left; x < right; ++x, from += step) to[x] = *from;
      std::fill(to + right, to + across.out, T(0));
    }
  }
  return to;
}

// Sums in rows of all positions of all images become results.
template <class T>
void writeResults(const Correlation<T>& c, const T* sums, int64_t r, int64_t n) {
  const T bias = c.bias == nullptr ? T(0) : c.bias[r * c.biasStride];
  for (int64_t z = 0; z < c.axes[0].out; ++z) {
    for (int64_t y = 0; y < c.axes[1].out; ++y, sums += c.axes[2].out) {
      T* out = c.out.at(n, r, z, y, 0);
      for (int64_t x = 0; x < c.axes[2].out; ++x) out[x * c.out.step[2]] = sums[x] + bias;
    }
    c.finishLines(r, c.out.at(n, r, z, 0, 0), c.axes[1].out, c.axes[2].out);
  }
}

// Bytes of a weight that fits into the cache, where it costs little to pack; and positions up to which that is the more
// part of the work.
constexpr int64_t kSmallWeight = 1 << 18, kFewPositions = 64;

}  // namespace

template <class T>
bool correlateColumns(const Correlation<T>& c) {
  static thread_local ThreadScratch scratch;
  constexpr int64_t width = Simd<T>::width;
  const int64_t places = c.axes[0].out * c.axes[1].out * c.axes[2].out, positions = c.batch * places;
  const int64_t depth = c.sources * c.taps;
  const bool isMatrix = c.taps > 1 && stepOfTaps(c.tap, c.taps) == 1 && c.weightSource == c.taps;
  if (!isMatrix || positions > kFewPositions || depth * c.results * int64_t{sizeof(T)} < kSmallWeight) return false;
  const int64_t padded = (positions + width - 1) / width * width;
  T *columns = scratch.reserve<T>((depth + c.results) * padded), *sums = columns + depth * padded;
  parallelFor(c.sources, std::max<int64_t>(1, (1 << 14) / (c.taps * padded)), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin * c.taps; k < end * c.taps; ++k) {
      T* to = columns + k * padded;
      for (int64_t n = 0; n < c.batch; ++n) to = gatherTap(c, c.tap[k % c.taps], n, k / c.taps, to);
      std::fill(to, columns + (k + 1) * padded, T(0));
    }
  });
  const Matrix<const T> weight = {c.weight + c.tap[0].weight, c.weightResult, 1};
  gemm<T>({c.results, padded, depth, weight, {columns, padded, 1}, {sums, padded, 1}, {}, T(1), T(0), false}, true);
  parallelFor(c.results, std::max<int64_t>(1, (1 << 14) / padded), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t n = 0; n < c.batch; ++n) writeResults(c, sums + r * padded + n * places, r, n);
    }
  });
  return true;
}

template bool correlateColumns(const Correlation<float>&);
template bool correlateColumns(const Correlation<double>&);

}  // namespace flambeau
