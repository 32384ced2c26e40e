// Convolutions over up to three dims: the problem that the kernels of this family solve.
//
// A convolution relates an image, the larger side, to features, the smaller one: `image[n, c]` and `features[n, f]`
// with `weight[f, c]`. Forward, features are computed from the image; the gradient of the image, which is also what a
// transposed convolution computes, goes the other way. Both are a correlation: each position of the result is the sum
// over the taps of weights times elements of the source. Fewer dims than three are sizes of 1 in front.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"

namespace flambeau {

constexpr int kSpatial = 3;

// Elements [batch, channel, z, y, x], with any strides.
template <class T>
struct Volume {
  T* data;
  int64_t batch, channel, step[kSpatial];

  T* at(int64_t n, int64_t c, int64_t z, int64_t y, int64_t x) const {
    return data + n * batch + c * channel + z * step[0] + y * step[1] + x * step[2];
  }
};

// The weight, [feature, channel, z, y, x] with any strides; channels are those of one group.
template <class T>
using Weight = Volume<T>;

// One place of the kernel: how far from a position's first source element it reads, and where its weight is.
struct Tap {
  int64_t at[kSpatial];
  int64_t weight;
};

// Along one dim: position i of the result reads at i * stride + at of each tap, low <= at <= high. What is outside of
// [0, in) counts as 0.
struct Axis {
  int64_t in, out, stride, low, high;

  // Elements of the source from the first to the last that `count` positions may read.
  int64_t span(int64_t count) const { return (count - 1) * stride + high - low + 1; }
  bool staysInside() const { return low >= 0 && (out - 1) * stride + high < in; }
};

// What becomes of a sum: activation(scale[r] * sum + shift[r] + added), where scale, shift and what is added may be
// missing. With g = factor * clamp(v + offset, low, high), the activation of v is g, or v * g where `multiplies`.
template <class T>
struct Epilogue {
  const T *scale, *shift;
  const T *out, *added;  // the first element of the whole output, and of what lies as it does
  T offset, low, high, factor;
  bool multiplies;
};

// Results from one on, and how far apart they lie.
struct ResultRange {
  int64_t first, count, step;
};

// Sums in the output, `count` beside each other for each of the results, become what the epilogue makes of them.
template <class T>
void finishSums(const Epilogue<T>& epilogue, const ResultRange& results, T* out, int64_t count, int64_t step);

// out[n, r] = bias[r] + the sum over s and the taps of in[n, s] * weight[r, s]
template <class T>
struct Correlation {
  int64_t batch, sources, results, taps;
  Axis axes[kSpatial];
  const Tap* tap;
  Volume<const T> in;
  Volume<T> out;
  const T* weight;
  int64_t weightResult, weightSource;  // strides
  const T* bias;                       // may have no address
  int64_t biasStride;
  const Epilogue<T>* epilogue;  // of floats and doubles; may have no address
  int64_t firstResult;          // which of the epilogue's the first one is

  // To be called once for all positions of all results, when their sums are in the output: `results` from the first
  // on, `count` positions beside each other from `to` on.
  void finish(int64_t first, int64_t results, T* to, int64_t count) const {
    if (epilogue != nullptr) finishSums(*epilogue, {firstResult + first, results, out.channel}, to, count, out.step[2]);
  }

  // The same for lines of one result, from the one at `to` on; those behind each other are one run.
  void finishLines(int64_t result, T* to, int64_t lines, int64_t length) const {
    if (out.step[2] == 1 && out.step[1] == length) return finish(result, 1, to, lines * length);
    for (int64_t line = 0; line < lines; ++line) finish(result, 1, to + line * out.step[1], length);
  }
};

// weight[f, c, tap] = the sum over n and the positions of features[n, f] * image[n, c]
template <class T>
struct WeightGradient {
  int64_t batch, channels, filters, taps;
  int64_t beside;  // taps along the last dim, which follow each other
  Axis axes[kSpatial];
  const Tap* tap;
  Volume<const T> image;
  Volume<const T> features;
  Weight<T> weight;
};

// For floats and doubles, by tiles of the source in the cache.
template <class T>
void correlateTiles(const Correlation<T>& problem);
template <class T>
void sumWeightTiles(const WeightGradient<T>& problem);

// The same with positions as vectors, for problems with few channels.
template <class T>
void correlateNarrow(const Correlation<T>& problem);
template <class T>
void sumWeightNarrow(const WeightGradient<T>& problem);
constexpr int64_t kFewSources = 32;
template <class T>
bool prefersNarrow(const Correlation<T>& c) {
  return c.sources * c.taps <= kFewSources || c.results <= 4 || (c.results <= 8 && c.axes[2].out > 32);
}
template <class T>
bool prefersNarrow(const WeightGradient<T>& g) {
  return g.channels * g.taps <= kFewSources || g.filters * g.channels <= 8;
}

// The same for all groups at once, whose weights lie so far apart, where they have one source each; false if another way
// is better.
template <class T>
bool correlateDepthwise(const Correlation<T>& first, int64_t groups, int64_t weightGroup);

// The same as products of matrices, where there is one tap; false if it is not possible.
template <class T>
bool correlatePointwise(const Correlation<T>& problem);
template <class T>
bool sumWeightPointwise(const WeightGradient<T>& problem);

// The same by fewer products, for kernels of 3×3 over many channels; false if another way is better.
bool correlateWinograd(const Correlation<float>& problem);
bool sumWeightWinograd(const WeightGradient<float>& problem);

// The same as one product of matrices, for large weights and few positions; false if another way is better.
template <class T>
bool correlateColumns(const Correlation<T>& problem);

// Whether the source that a single position reads is small enough for them.
constexpr int64_t kLargestWindow = 1 << 22;
inline bool fitsTile(const Axis (&axes)[kSpatial], int64_t channels) {
  double window = static_cast<double>(channels);
  for (const Axis& axis : axes) window *= static_cast<double>(axis.high - axis.low + 1);
  return window <= kLargestWindow;
}

}  // namespace flambeau
