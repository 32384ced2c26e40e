// Convolutions with few channels a group, of floating-point numbers: vectors hold positions beside each other, as they
// lie in a copy of the source whose rows are taken apart into those elements that are a stride apart.
#include "kernels/conv/narrow.h"
#include "kernels/conv/phased.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Elements behind a row that vectors may read.
template <class T>
constexpr int64_t kNarrowSlack = (kNarrowVectors + 1) * Simd<T>::width;

// Elements from a place of a tile's output on that may be written: what lies beyond a row, where rows follow each other,
// the next row takes the place of.
template <class T>
int64_t roomFrom(const Correlation<T>& c, const Tile& tile, int64_t y, int64_t x, int64_t count) {
  if (c.out.step[2] != 1) return 0;
  return c.out.step[1] == tile.count[2] ? (tile.count[1] - y) * tile.count[2] - x : count;
}

// A row of a tile for a few results, from `out` on; `x` multiplies what its first position reads.
template <class T>
void correlateRow(const Correlation<T>& c, const Tile& tile, int64_t y, NarrowOperands<T> x, const T* biases, int64_t results,
                  T* out) {
  constexpr int64_t width = Simd<T>::width, step = kNarrowVectors * width;
  alignas(kVectorBytes) T sums[kNarrowResults * step];
  for (int64_t at = 0; at < tile.count[2]; at += step, x.source += step, out += step * c.out.step[2]) {
    const int64_t count = std::min(step, tile.count[2] - at), vectors = (count + width - 1) / width;
    const bool isDirect = vectors * width <= roomFrom(c, tile, y, at, count);
    narrowFunction<T>(results, vectors)(x, biases, isDirect ? NarrowSums<T>{out, c.out.channel} : NarrowSums<T>{sums, step});
    for (int64_t r = 0; r < results && !isDirect; ++r) {
      storeRow(sums + r * step, count, out + r * c.out.channel, c.out.step[2]);
    }
  }
}

template <class T>
void correlateTile(const Correlation<T>& c, const Tile& tile, const T* weights, const T* biases) {
  static thread_local ThreadScratch scratch, offsetScratch;
  PhasedSource<T> source(c.axes, c.sources, tile);
  source.fill(c.in, scratch.reserve<T>(source.elements(kNarrowSlack<T>)));
  const int64_t depth = c.sources * c.taps;
  int64_t* offsets = offsetScratch.reserve<int64_t>(depth);
  for (int64_t s = 0, k = 0; s < c.sources; ++s) {
    for (int64_t t = 0; t < c.taps; ++t) offsets[k++] = source.offsetOf(c.tap[t], s);
  }
  for (int64_t n = 0; n < tile.images; ++n) {
    for (int64_t first = 0; first < c.results; first += kNarrowResults) {
      const int64_t results = std::min<int64_t>(kNarrowResults, c.results - first);
      for (int64_t z = 0; z < tile.count[0]; ++z) {
        T* out = c.out.at(tile.image + n, first, tile.first[0] + z, tile.first[1], tile.first[2]);
        for (int64_t y = 0; y < tile.count[1]; ++y) {
          const NarrowOperands<T> operands = {depth, offsets, source.at(n, z, y, 0), weights + first * depth};
          correlateRow(c, tile, y, operands, biases + first, results, out + y * c.out.step[1]);
        }
        for (int64_t r = 0; r < results; ++r) {
          c.finishLines(first + r, out + r * c.out.channel, tile.count[1], tile.count[2]);
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
    source.fill(g.image, scratch.reserve<T>(source.elements(kNarrowSlack<T>)));
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
