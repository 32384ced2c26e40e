// Convolutions with few channels a group, of floating-point numbers: vectors hold positions beside each other, as they
// lie in a copy of the source whose rows are taken apart into those elements that are a stride apart.
#include "kernels/conv/narrow.h"
#include "kernels/conv/tiles.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// A tile of the source: [image, channel, z, y, phase, x], zeros outside, and room for vectors that reach beyond a row.
template <class T>
class PhasedSource {
 public:
  PhasedSource(const Axis (&axes)[kSpatial], int64_t channels, const Tile& tile)
      : axes_(axes), channels_(channels), tile_(tile),
        phases_(std::min(axes[2].stride, axes[2].high - axes[2].low + 1)) {
    for (int d = 0; d < kSpatial; ++d) span_[d] = axes[d].span(tile.count[d]);
    length_ = (span_[2] + axes[2].stride - 1) / axes[2].stride;
    row_ = phases_ * length_;
    plane_ = span_[0] * span_[1] * row_;
  }

  static int64_t elements(const Axis (&axes)[kSpatial], int64_t channels, const Tile& tile) {
    const PhasedSource source(axes, channels, tile);
    return tile.images * channels * source.plane_ + kSlack;
  }

  void fill(const Volume<const T>& in, T* to) {
    data_ = to;
    const int64_t stride = axes_[2].stride, step = in.step[2], firstX = tile_.first[2] * stride + axes_[2].low;
    const int64_t firstZ = tile_.first[0] * axes_[0].stride + axes_[0].low;
    const int64_t firstY = tile_.first[1] * axes_[1].stride + axes_[1].low;
    for (int64_t n = 0; n < tile_.images; ++n) {
      for (int64_t c = 0; c < channels_; ++c) {
        for (int64_t z = firstZ; z < firstZ + span_[0]; ++z) {
          for (int64_t y = firstY; y < firstY + span_[1]; ++y, to += row_) {
            const bool isInside = z >= 0 && z < axes_[0].in && y >= 0 && y < axes_[1].in;
            for (int64_t p = 0; p < phases_; ++p) {
              // Elements firstX + p, and every stride further, as far as they are in the source.
              const int64_t x = firstX + p;
              const int64_t left = isInside ? std::clamp<int64_t>((stride - 1 - x) / stride, 0, length_) : length_;
              const int64_t right = std::clamp<int64_t>((axes_[2].in - x + stride - 1) / stride, left, length_);
              T* phase = to + p * length_;
              std::fill(phase, phase + left, T(0));
              if (left < right) {
                const T* from = in.at(tile_.image + n, c, z, y, x + left * stride);
                copy(from, stride * step, right - left, phase + left);
              }
              std::fill(phase + right, phase + length_, T(0));
            }
          }
        }
      }
    }
    std::fill(to, to + kSlack, T(0));
  }

  // Where a tap reads for the position (0, 0, 0).
  int64_t offsetOf(const Tap& tap, int64_t channel) const {
    const int64_t x = tap.at[2] - axes_[2].low;
    return channel * plane_ + ((tap.at[0] - axes_[0].low) * span_[1] + tap.at[1] - axes_[1].low) * row_ +
           x % axes_[2].stride * length_ + x / axes_[2].stride;
  }
  const T* at(int64_t n, int64_t z, int64_t y, int64_t x) const {
    return data_ + n * channels_ * plane_ + (z * axes_[0].stride * span_[1] + y * axes_[1].stride) * row_ + x;
  }

 private:
  static constexpr int64_t kSlack = (kNarrowVectors + 1) * Simd<T>::width;

  static void copy(const T* from, int64_t step, int64_t count, T* to) {
    if (step == 1) {
      std::copy(from, from + count, to);
    } else if (step == 2) {
      for (int64_t i = 0; i < count; ++i) to[i] = from[2 * i];
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = from[i * step];
    }
  }

  const Axis (&axes_)[kSpatial];
  const int64_t channels_;
  const Tile& tile_;
  const int64_t phases_;
  int64_t span_[kSpatial], length_, row_, plane_;
  const T* data_ = nullptr;
};

template <class T>
void storeRow(const T* from, int64_t count, T* to, int64_t step) {
  if (step == 1) {
    using S = Simd<T>;
    for (int64_t i = 0; i < count; i += S::width) {
      S::store(to + i, S::load(from + i), std::min<int64_t>(S::width, count - i));
    }
  } else {
    for (int64_t i = 0; i < count; ++i) to[i * step] = from[i];
  }
}

template <class T>
void correlateTile(const Correlation<T>& c, const Tile& tile, const T* weights, const T* biases) {
  static thread_local ThreadScratch scratch, offsetScratch;
  PhasedSource<T> source(c.axes, c.sources, tile);
  source.fill(c.in, scratch.reserve<T>(source.elements(c.axes, c.sources, tile)));
  const int64_t depth = c.sources * c.taps;
  int64_t* offsets = offsetScratch.reserve<int64_t>(depth);
  for (int64_t s = 0, k = 0; s < c.sources; ++s) {
    for (int64_t t = 0; t < c.taps; ++t) offsets[k++] = source.offsetOf(c.tap[t], s);
  }
  constexpr int64_t width = Simd<T>::width;
  alignas(kVectorBytes) T sums[kNarrowResults * kNarrowVectors * width];
  for (int64_t n = 0; n < tile.images; ++n) {
    for (int64_t first = 0; first < c.results; first += kNarrowResults) {
      const int64_t results = std::min<int64_t>(kNarrowResults, c.results - first);
      for (int64_t z = 0; z < tile.count[0]; ++z) {
        for (int64_t y = 0; y < tile.count[1]; ++y) {
          for (int64_t x = 0; x < tile.count[2]; x += kNarrowVectors * width) {
            const int64_t count = std::min(kNarrowVectors * width, tile.count[2] - x);
            const NarrowOperands<T> operands = {depth, offsets, source.at(n, z, y, x), weights + first * depth};
            narrowFunction<T>(results, (count + width - 1) / width)(operands, biases + first, sums);
            for (int64_t r = 0; r < results; ++r) {
              T* to = c.out.at(tile.image + n, first + r, tile.first[0] + z, tile.first[1] + y, tile.first[2] + x);
              storeRow(sums + r * kNarrowVectors * width, count, to, c.out.step[2]);
            }
          }
        }
      }
    }
  }
}

}  // namespace

template <class T>
void correlateNarrow(const Correlation<T>& c) {
  static thread_local ThreadScratch scratch;
  // Weights in groups of kNarrowResults for each source and tap, and a bias for each.
  const int64_t depth = c.sources * c.taps, padded = (c.results + kNarrowResults - 1) / kNarrowResults * kNarrowResults;
  T* weights = scratch.reserve<T>(padded * (depth + 1));
  T* biases = weights + padded * depth;
  for (int64_t r = 0; r < padded; ++r) {
    const bool isThere = r < c.results;
    T* to = weights + r / kNarrowResults * kNarrowResults * depth + r % kNarrowResults;
    for (int64_t s = 0; s < c.sources; ++s) {
      for (int64_t t = 0; t < c.taps; ++t, to += kNarrowResults) {
        *to = isThere ? c.weight[r * c.weightResult + s * c.weightSource + c.tap[t].weight] : T(0);
      }
    }
    biases[r] = isThere && c.bias != nullptr ? c.bias[r * c.biasStride] : T(0);
  }
  const int64_t work = c.batch * c.axes[0].out * c.axes[1].out * c.axes[2].out * depth * c.results;
  const int64_t threads = std::min<int64_t>(threadCount(), std::max<int64_t>(work / kGemmGrain, 1));
  const Tiling tiling(c.axes, c.batch, c.sources, sizeof(T), threads);
  parallelFor(tiling.count(), (tiling.count() + threads - 1) / threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) correlateTile(c, tiling.at(i), weights, biases);
  });
}

template <class T>
void sumWeightNarrow(const WeightGradient<T>& g) {
  static thread_local ThreadScratch scratch, sumScratch, offsetScratch;
  using S = Simd<T>;
  const Tiling tiling(g.axes, g.batch, g.channels, sizeof(T), 1);
  const int64_t depth = g.channels * g.taps, count = g.filters * depth * S::width;
  // Behind the sums a row of features, for those that do not lie beside each other.
  T* sums = sumScratch.reserve<T>(count + g.axes[2].out);
  T* row = sums + count;
  std::fill(sums, sums + count, T(0));
  int64_t* offsets = offsetScratch.reserve<int64_t>(depth);
  for (int64_t i = 0; i < tiling.count(); ++i) {
    const Tile tile = tiling.at(i);
    PhasedSource<T> source(g.axes, g.channels, tile);
    source.fill(g.image, scratch.reserve<T>(source.elements(g.axes, g.channels, tile)));
    for (int64_t c = 0, k = 0; c < g.channels; ++c) {
      for (int64_t t = 0; t < g.taps; ++t) offsets[k++] = source.offsetOf(g.tap[t], c);
    }
    for (int64_t n = 0; n < tile.images; ++n) {
      for (int64_t f = 0; f < g.filters; ++f) {
        for (int64_t z = 0; z < tile.count[0]; ++z) {
          for (int64_t y = 0; y < tile.count[1]; ++y) {
            const T* features = g.features.at(tile.image + n, f, tile.first[0] + z, tile.first[1] + y, tile.first[2]);
            const int64_t step = g.features.step[2];
            if (step != 1) {
              for (int64_t x = 0; x < tile.count[2]; ++x) row[x] = features[x * step];
              features = row;
            }
            for (int64_t k = 0; k < depth; k += kNarrowTaps) {
              productFunction<T>(std::min<int64_t>(kNarrowTaps, depth - k))(
                  features, tile.count[2], source.at(n, z, y, 0), offsets + k, sums + (f * depth + k) * S::width);
            }
          }
        }
      }
    }
  }
  const T* from = sums;
  for (int64_t f = 0; f < g.filters; ++f) {
    for (int64_t c = 0; c < g.channels; ++c) {
      for (int64_t t = 0; t < g.taps; ++t, from += S::width) {
        g.weight.data[f * g.weight.batch + c * g.weight.channel + g.tap[t].weight] = sumLanes<T>(S::load(from));
      }
    }
  }
}

template void correlateNarrow(const Correlation<float>&);
template void correlateNarrow(const Correlation<double>&);
template void sumWeightNarrow(const WeightGradient<float>&);
template void sumWeightNarrow(const WeightGradient<double>&);

}  // namespace flambeau
