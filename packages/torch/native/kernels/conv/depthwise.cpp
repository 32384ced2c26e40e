// Convolutions whose groups have one channel each, of floating-point numbers: vectors hold positions behind each other,
// of one row and of the rows below it. Between the rows they also sum some that belong to none.
#include <array>

#include "kernels/conv/convolution.h"
#include "kernels/conv/phased.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Vectors of positions that are summed in registers together.
constexpr int kDepthwiseVectors = 8;

// Elements of a channel that is worth the copy: it stays in the cache until it is used up.
constexpr int64_t kLargestPlane = 1 << 16;

// sums = bias + the sum over the taps of weight and the vectors at `source` + the tap's offset
template <class T, int vectors>
void sumTaps(const T* source, const int64_t* offsets, const T* weights, int64_t taps, T bias, T* sums) {
  using S = Simd<T>;
  typename S::Vector sum[vectors];
#pragma GCC unroll 8
  for (int v = 0; v < vectors; ++v) sum[v] = typename S::Vector{} + bias;
  for (int64_t t = 0; t < taps; ++t) {
    const T* from = source + offsets[t];
    const T weight = weights[t];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) sum[v] += weight * S::load(from + v * S::width);
  }
#pragma GCC unroll 8
  for (int v = 0; v < vectors; ++v) S::store(sums + v * S::width, sum[v]);
}

template <class T>
using SumTaps = void (*)(const T*, const int64_t*, const T*, int64_t, T, T*);

template <class T, int... vector>
constexpr std::array<SumTaps<T>, kDepthwiseVectors> sumTapsTable(std::integer_sequence<int, vector...>) {
  return {sumTaps<T, vector + 1>...};
}

// All positions of an image, whose channel lies in a phased source; weights are those of the taps.
template <class T>
void correlatePlane(const Correlation<T>& c, const PhasedSource<T>& source, const int64_t* offsets, const T* weights,
                    T bias, T* out) {
  static constexpr auto table = sumTapsTable<T>(std::make_integer_sequence<int, kDepthwiseVectors>{});
  constexpr int64_t width = Simd<T>::width, block = kDepthwiseVectors * width;
  const int64_t rows = c.axes[1].out, cols = c.axes[2].out, length = source.length();
  const int64_t total = (rows - 1) * length + cols;
  // Rows are read as full vectors, also the last one.
  alignas(kVectorBytes) T sums[block + width];
  for (int64_t first = 0; first < total; first += block) {
    const int64_t end = std::min(first + block, total), vectors = (end - first + width - 1) / width;
    table[vectors - 1](source.at(0, 0, 0, first), offsets, weights, c.taps, bias, sums);
    for (int64_t y = first / length; y * length < end; ++y) {
      const int64_t left = std::max(first, y * length), right = std::min(end, y * length + cols);
      if (left >= right) continue;
      T* to = out + y * c.out.step[1] + (left - y * length) * c.out.step[2];
      storeRow(sums + left - first, right - left, to, c.out.step[2]);
    }
  }
}

}  // namespace

template <class T>
bool correlateDepthwise(const Correlation<T>& c, int64_t groups, int64_t weightGroup) {
  const Axis& z = c.axes[0];
  if (c.sources != 1 || c.taps == 0 || z.in != 1 || z.out != 1 || z.low != 0 || z.high != 0) return false;
  const Tile whole = {0, 1, {0, 0, 0}, {1, c.axes[1].out, c.axes[2].out}};
  const PhasedSource<T> layout(c.axes, 1, whole);
  constexpr int64_t slack = (kDepthwiseVectors + 1) * Simd<T>::width;
  // Where few positions of a row are used, vectors of one row are better.
  if (layout.elements(0) > kLargestPlane || layout.length() > 2 * c.axes[2].out) return false;
  const int64_t work = c.axes[1].out * layout.length() * c.taps * c.results;
  parallelFor(c.batch * groups, std::max<int64_t>(1, kGemmGrain / work), [&](int64_t begin, int64_t end) {
    static thread_local ThreadScratch scratch, offsetScratch, weightScratch;
    PhasedSource<T> source(c.axes, 1, whole);
    T* room = scratch.reserve<T>(source.elements(slack));
    T* weights = weightScratch.reserve<T>(c.taps);
    int64_t* offsets = offsetScratch.reserve<int64_t>(c.taps);
    for (int64_t t = 0; t < c.taps; ++t) offsets[t] = source.offsetOf(c.tap[t], 0);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / groups, group = i % groups;
      Volume<const T> in = c.in;
      in.data += n * in.batch + group * in.channel;
      source.fill(in, room, i > begin);
      for (int64_t r = 0; r < c.results; ++r) {
        const T* from = c.weight + group * weightGroup + r * c.weightResult;
        for (int64_t t = 0; t < c.taps; ++t) weights[t] = from[c.tap[t].weight];
        const int64_t result = group * c.results + r;
        const T bias = c.bias == nullptr ? T(0) : c.bias[result * c.biasStride];
        T* out = c.out.at(n, result, 0, 0, 0);
        correlatePlane(c, source, offsets, weights, bias, out);
        c.finishLines(result, out, c.axes[1].out, c.axes[2].out);
      }
    }
  });
  return true;
}

template bool correlateDepthwise(const Correlation<float>&, int64_t, int64_t);
template bool correlateDepthwise(const Correlation<double>&, int64_t, int64_t);

}  // namespace flambeau
