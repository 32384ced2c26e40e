// The kernels of convolutions: they read the problem, take it apart into groups and phases, and choose how each is
// solved.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/conv/convolution.h"
#include "kernels/gemm/rows.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// The sizes of a convolution: (batch, groups, filters, channels), then image, features, kernel, stride, padding and
// dilation with one number for each dim.
struct Geometry {
  int64_t batch, groups, filters, channels;  // filters and channels of one group
  int64_t image[kSpatial], features[kSpatial], kernel[kSpatial];
  int64_t stride[kSpatial], padding[kSpatial], dilation[kSpatial];

  explicit Geometry(Params& params) {
    for (int64_t* size : {&batch, &groups, &filters, &channels}) *size = params.integer();
    for (int64_t* list : {image, features, kernel, stride, padding, dilation}) {
      for (int d = 0; d < kSpatial; ++d) list[d] = params.integer();
    }
  }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

// Address and five strides.
template <class T>
Volume<T> readVolume(Params& params) {
  Volume<T> volume;
  volume.data = params.pointer<T>();
  volume.batch = params.integer();
  volume.channel = params.integer();
  for (int64_t& step : volume.step) step = params.integer();
  return volume;
}

// The taps along one dim, as a list of kernel places that it contains and where they read.
struct AxisTaps {
  int64_t* place;
  int64_t* at;
  int64_t count;
};

// All combinations of the taps along each dim, and the least and greatest place that each dim reads.
int64_t combine(const AxisTaps (&along)[kSpatial], const int64_t* weightSteps, Tap* tap, Axis (&axes)[kSpatial]) {
  for (int d = 0; d < kSpatial; ++d) {
    const auto [least, greatest] = std::minmax_element(along[d].at, along[d].at + along[d].count);
    axes[d].low = along[d].count > 0 ? *least : 0;
    axes[d].high = along[d].count > 0 ? *greatest : 0;
  }
  int64_t count = 0;
  for (int64_t z = 0; z < along[0].count; ++z) {
    for (int64_t y = 0; y < along[1].count; ++y) {
      for (int64_t x = 0; x < along[2].count; ++x) {
        tap[count++] = {{along[0].at[z], along[1].at[y], along[2].at[x]},
                        along[0].place[z] * weightSteps[0] + along[1].place[y] * weightSteps[1] +
                            along[2].place[x] * weightSteps[2]};
      }
    }
  }
  return count;
}

// Room for the taps along the dims and for their combinations.
struct TapLists {
  AxisTaps along[kSpatial];
  Tap* combined;

  explicit TapLists(const Geometry& g) {
    static thread_local ThreadScratch scratch;
    int64_t total = 0;
    for (const int64_t size : g.kernel) total += size;
    combined = scratch.reserve<Tap>(g.taps() + total);
    int64_t* next = reinterpret_cast<int64_t*>(combined + g.taps());
    for (int d = 0; d < kSpatial; ++d) {
      along[d] = {next, next + g.kernel[d], 0};
      next += 2 * g.kernel[d];
    }
  }
  void add(int d, int64_t place, int64_t at) {
    AxisTaps& axis = along[d];
    axis.place[axis.count] = place;
    axis.at[axis.count++] = at;
  }
};

template <class T>
using Word = std::conditional_t<std::is_floating_point_v<T>, T, std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;

// The same as correlateTiles, one element after the other: for integers, which wrap around, for taps that are far
// from each other, and where there is nothing to add up but the bias.
template <class T>
void correlateElements(const Correlation<T>& c) {
  using W = Word<T>;
  const Axis(&axes)[kSpatial] = c.axes;
  const int64_t rows = c.batch * c.results * axes[0].out * axes[1].out;
  const int64_t work = std::max<int64_t>(1, axes[2].out * c.sources * c.taps);
  parallelFor(rows, std::max<int64_t>(1, (1 << 15) / work), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t y = row % axes[1].out, z = row / axes[1].out % axes[0].out;
      const int64_t plane = row / (axes[1].out * axes[0].out), r = plane % c.results, n = plane / c.results;
      const W bias = c.bias == nullptr ? W(0) : static_cast<W>(c.bias[r * c.biasStride]);
      T* out = c.out.at(n, r, z, y, 0);
      const int64_t taps = c.sources == 0 ? 0 : c.taps;
      if constexpr (std::is_floating_point_v<T>) {
        if (taps == 0) {
          fillRow(bias, axes[2].out, out, c.out.step[2]);
          c.finish(r, 1, out, axes[2].out);
          continue;
        }
      }
      for (int64_t x = 0; x < axes[2].out; ++x, out += c.out.step[2]) {
        W sum = bias;
        for (int64_t t = 0; t < taps; ++t) {
          const Tap& tap = c.tap[t];
          const int64_t at[] = {z * axes[0].stride + tap.at[0], y * axes[1].stride + tap.at[1],
                                x * axes[2].stride + tap.at[2]};
          if (at[0] < 0 || at[0] >= axes[0].in || at[1] < 0 || at[1] >= axes[1].in || at[2] < 0 || at[2] >= axes[2].in)
            continue;
          const T* source = c.in.at(n, 0, at[0], at[1], at[2]);
          const T* weight = c.weight + r * c.weightResult + tap.weight;
          for (int64_t s = 0; s < c.sources; ++s) {
            sum += static_cast<W>(source[s * c.in.channel]) * static_cast<W>(weight[s * c.weightSource]);
          }
        }
        *out = static_cast<T>(sum);
      }
      if constexpr (std::is_floating_point_v<T>) c.finish(r, 1, c.out.at(n, r, z, y, 0), axes[2].out);
    }
  });
}

template <class T>
void sumWeightElements(const WeightGradient<T>& g) {
  using W = Word<T>;
  const Axis(&axes)[kSpatial] = g.axes;
  parallelFor(g.filters * g.channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t f = i / g.channels, c = i % g.channels;
      for (int64_t t = 0; t < g.taps; ++t) {
        const Tap& tap = g.tap[t];
        W sum = 0;
        for (int64_t n = 0; n < g.batch; ++n) {
          for (int64_t z = 0; z < axes[0].out; ++z) {
            const int64_t iz = z * axes[0].stride + tap.at[0];
            if (iz < 0 || iz >= axes[0].in) continue;
            for (int64_t y = 0; y < axes[1].out; ++y) {
              const int64_t iy = y * axes[1].stride + tap.at[1];
              if (iy < 0 || iy >= axes[1].in) continue;
              for (int64_t x = 0; x < axes[2].out; ++x) {
                const int64_t ix = x * axes[2].stride + tap.at[2];
                if (ix < 0 || ix >= axes[2].in) continue;
                sum += static_cast<W>(*g.features.at(n, f, z, y, x)) * static_cast<W>(*g.image.at(n, c, iz, iy, ix));
              }
            }
          }
        }
        g.weight.data[f * g.weight.batch + c * g.weight.channel + tap.weight] = static_cast<T>(sum);
      }
    }
  });
}

template <class T>
bool isEmpty(const Correlation<T>& c) {
  return c.batch == 0 || c.results == 0 || c.axes[0].out == 0 || c.axes[1].out == 0 || c.axes[2].out == 0;
}

template <class T>
void correlate(const Correlation<T>& c) {
  if (isEmpty(c)) return;
  if constexpr (std::is_floating_point_v<T>) {
    if (c.taps > 0 && c.sources > 0 && fitsTile(c.axes, c.sources)) {
      if (c.taps == 1 && c.sources > 4 && correlatePointwise(c)) return;
      if (correlateColumns(c)) return;
      if constexpr (std::is_same_v<T, float>) {
        if (correlateWinograd(c)) return;
      }
      return prefersNarrow(c) ? correlateNarrow(c) : correlateTiles(c);
    }
  }
  correlateElements(c);
}

template <class T>
void sumWeight(const WeightGradient<T>& g) {
  if (g.filters == 0 || g.channels == 0) return;
  if constexpr (std::is_floating_point_v<T>) {
    const bool isEmpty = g.batch == 0 || g.axes[0].out == 0 || g.axes[1].out == 0 || g.axes[2].out == 0;
    if (!isEmpty && fitsTile(g.axes, g.channels)) {
      if (g.taps == 1 && g.channels > 4 && sumWeightPointwise(g)) return;
      if constexpr (std::is_same_v<T, float>) {
        if (sumWeightWinograd(g)) return;
      }
      return prefersNarrow(g) ? sumWeightNarrow(g) : sumWeightTiles(g);
    }
  }
  sumWeightElements(g);
}

// The operands of a kernel: (geometry, image, features, weight, bias and its stride); and what becomes of sums.
template <class T>
struct Operands {
  Geometry geometry;
  Volume<T> image, features;
  Weight<T> weight;
  const T* bias;
  int64_t biasStride;
  const Epilogue<T>* epilogue = nullptr;

  explicit Operands(Params& params)
      : geometry(params), image(readVolume<T>(params)), features(readVolume<T>(params)), weight(readVolume<T>(params)),
        bias(params.pointer<T>()), biasStride(params.integer()) {}

  Volume<const T> constant(const Volume<T>& v) const {
    return {v.data, v.batch, v.channel, {v.step[0], v.step[1], v.step[2]}};
  }
};

// Calls body(group) for every group, on several threads where there are as many.
template <class Body>
void forEachGroup(const Geometry& g, const Body& body) {
  const bool isShared = g.groups >= threadCount();
  parallelFor(g.groups, isShared ? 1 : g.groups, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) body(group);
  });
}

// The taps of a forward convolution.
void listForward(const Geometry& g, TapLists& lists, Axis (&axes)[kSpatial]) {
  for (int d = 0; d < kSpatial; ++d) {
    axes[d] = {g.image[d], g.features[d], g.stride[d], 0, 0};
    for (int64_t k = 0; k < g.kernel[d]; ++k) lists.add(d, k, k * g.dilation[d] - g.padding[d]);
  }
}

// Runs a correlation of the first group's operands, over the taps that were listed, for every group.
template <class T>
void correlateGroups(const Operands<T>& o, Correlation<T>& c, TapLists& lists) {
  c.taps = combine(lists.along, o.weight.step, lists.combined, c.axes);
  c.tap = lists.combined;
  c.biasStride = o.biasStride;
  c.epilogue = o.epilogue;
  const int64_t weightGroup = o.geometry.filters * o.weight.batch;
  if constexpr (std::is_floating_point_v<T>) {
    c.weight = o.weight.data;
    c.bias = o.bias;
    if (o.geometry.groups > 1 && !isEmpty(c) && correlateDepthwise(c, o.geometry.groups, weightGroup)) return;
  }
  forEachGroup(o.geometry, [&](int64_t group) {
    Correlation<T> own = c;
    own.in.data += group * c.sources * c.in.channel;
    own.out.data += group * c.results * c.out.channel;
    own.firstResult = group * c.results;
    own.weight = o.weight.data + group * weightGroup;
    own.bias = o.bias == nullptr ? nullptr : o.bias + group * c.results * o.biasStride;
    correlate(own);
  });
}

template <class T>
void computeFeatures(const Operands<T>& o) {
  const Geometry& g = o.geometry;
  TapLists lists(g);
  Correlation<T> c = {g.batch, g.channels, g.filters};
  listForward(g, lists, c.axes);
  c.in = o.constant(o.image);
  c.out = o.features;
  c.weightResult = o.weight.batch;
  c.weightSource = o.weight.channel;
  correlateGroups(o, c, lists);
}

// Positions of the image that lie a stride apart read the features through the same taps, one step apart: every such
// phase is a correlation of its own.
template <class T>
void computePhase(const Operands<T>& o, const int64_t (&phase)[kSpatial]) {
  const Geometry& g = o.geometry;
  TapLists lists(g);
  Correlation<T> c = {g.batch, g.filters, g.channels};
  Volume<T> out = o.image;
  for (int d = 0; d < kSpatial; ++d) {
    c.axes[d] = {g.features[d], (g.image[d] - phase[d] + g.stride[d] - 1) / g.stride[d], 1, 0, 0};
    for (int64_t k = 0; k < g.kernel[d]; ++k) {
      const int64_t from = phase[d] + g.padding[d] - k * g.dilation[d];
      if (from % g.stride[d] == 0) lists.add(d, k, from / g.stride[d]);
    }
    out.data += phase[d] * o.image.step[d];
    out.step[d] *= g.stride[d];
  }
  c.in = o.constant(o.features);
  c.out = out;
  c.weightResult = o.weight.channel;
  c.weightSource = o.weight.batch;
  correlateGroups(o, c, lists);
}

// Images whose phases are computed one after the other: each phase writes to lines of the cache that the next one writes
// to as well, so they are to stay there; and enough positions that it pays to pack the weight for each phase again, which
// takes long where its elements lie apart.
constexpr double kPhasedBytes = 1 << 19, kPhasedPositions = 512, kPhasedPositionsOfTaps = 4096;
template <class T>
int64_t imagesAtOnce(const Geometry& g) {
  double bytes = static_cast<double>(sizeof(T)) * g.groups * g.channels, positions = 1, phases = 1;
  for (int d = 0; d < kSpatial; ++d) {
    bytes *= g.image[d];
    positions *= g.features[d];
    phases *= std::min(g.stride[d], g.image[d]);
  }
  const double fitting = kPhasedBytes * threadCount() / std::max(bytes, 1.0);
  const double enough = g.taps() == 1 ? kPhasedPositions : kPhasedPositionsOfTaps;
  const double wanted = std::max(fitting, enough * threadCount() / std::max(positions, 1.0));
  return phases == 1 || wanted >= g.batch ? g.batch : std::max<int64_t>(static_cast<int64_t>(std::ceil(wanted)), 1);
}

template <class T>
void computeImage(const Operands<T>& o) {
  const Geometry& g = o.geometry;
  const auto phases = [&](int d) { return std::min(g.stride[d], g.image[d]); };
  const int64_t images = imagesAtOnce<T>(g);
  for (int64_t first = 0; first < g.batch; first += images) {
    Operands<T> part = o;
    part.geometry.batch = std::min(images, g.batch - first);
    part.image.data += first * o.image.batch;
    part.features.data += first * o.features.batch;
    for (int64_t z = 0; z < phases(0); ++z) {
      for (int64_t y = 0; y < phases(1); ++y) {
        for (int64_t x = 0; x < phases(2); ++x) computePhase(part, {z, y, x});
      }
    }
  }
}

template <class T>
void computeWeight(const Operands<T>& o) {
  const Geometry& g = o.geometry;
  TapLists lists(g);
  WeightGradient<T> w = {g.batch, g.channels, g.filters, 0, g.kernel[2]};
  listForward(g, lists, w.axes);
  w.taps = combine(lists.along, o.weight.step, lists.combined, w.axes);
  w.tap = lists.combined;
  forEachGroup(g, [&](int64_t group) {
    WeightGradient<T> own = w;
    own.image = o.constant(o.image);
    own.image.data += group * g.channels * o.image.channel;
    own.features = o.constant(o.features);
    own.features.data += group * g.filters * o.features.channel;
    own.weight = o.weight;
    own.weight.data += group * g.filters * o.weight.batch;
    sumWeight(own);
  });
}

// Elements of a vector, one for each result, or no address.
template <class T>
struct PerResult {
  const T* data;
  int64_t stride;

  explicit PerResult(Params& params) : data(params.pointer<const T>()), stride(params.integer()) {}
  T at(int64_t i, T otherwise) const { return data == nullptr ? otherwise : data[i * stride]; }
};

// (mean, variance, weight and bias of a batch norm, each with its stride, and its eps; what is added; the numbers of the
// activation, and whether it multiplies): the norm as a scale and a shift, which takes in the bias of the convolution.
template <class T>
Epilogue<T> readEpilogue(Params& params, Operands<T>& o) {
  static thread_local ThreadScratch scratch;
  const PerResult<T> mean(params), variance(params), weight(params), bias(params);
  const T eps = static_cast<T>(params.number());
  Epilogue<T> epilogue = {nullptr, nullptr, o.features.data, params.pointer<const T>()};
  for (T* number : {&epilogue.offset, &epilogue.low, &epilogue.high, &epilogue.factor}) {
    *number = static_cast<T>(params.number());
  }
  epilogue.multiplies = params.flag();
  if (mean.data == nullptr) return epilogue;
  const int64_t results = o.geometry.groups * o.geometry.filters;
  T *scale = scratch.reserve<T>(2 * results), *shift = scale + results;
  for (int64_t r = 0; r < results; ++r) {
    scale[r] = weight.at(r, T(1)) / std::sqrt(variance.at(r, T(1)) + eps);
    const T begin = o.bias == nullptr ? T(0) : o.bias[r * o.biasStride];
    shift[r] = (begin - mean.at(r, T(0))) * scale[r] + bias.at(r, T(0));
  }
  o.bias = nullptr;
  epilogue.scale = scale;
  epilogue.shift = shift;
  return epilogue;
}

template <class Compute>
void run(Params& params, const Compute& compute) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, Bool>) compute(Operands<T>(params));
  });
}

}  // namespace

// (dtype, operands): features from the image
FLAMBEAU_KERNEL(convolution) {
  run(params, [](const auto& operands) { computeFeatures(operands); });
}

// (dtype, operands, epilogue): the same for floats and doubles, and what becomes of the sums
FLAMBEAU_KERNEL(finishedConvolution) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      Operands<T> operands(params);
      const Epilogue<T> epilogue = readEpilogue(params, operands);
      operands.epilogue = &epilogue;
      computeFeatures(operands);
    } else {
      refuse("only sums of floating-point numbers are finished");
    }
  });
}

// (dtype, operands): the image from features
FLAMBEAU_KERNEL(convolutionTransposed) {
  run(params, [](const auto& operands) { computeImage(operands); });
}

// The same: the weight from both
FLAMBEAU_KERNEL(convolutionWeight) {
  run(params, [](const auto& operands) { computeWeight(operands); });
}

}  // namespace flambeau
