// Gradients of weights: for each tap the product of the features with the image, moved by the tap, summed over all
// positions. A chunk of positions of the features is transposed so that filters are vectors; channels are rows.
#include "kernels/conv/micro.h"
#include "kernels/conv/tiles.h"
#include "kernels/gemm/pack.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Positions that are multiplied at once: their features stay in the nearest cache.
constexpr int64_t kChunk = 256;
// Bytes of sums up to which every thread has its own.
constexpr int64_t kOwnSums = 1 << 23;

template <class T>
class TiledWeightGradient {
 public:
  // For the channels [first, first + channels).
  TiledWeightGradient(const WeightGradient<T>& g, const Tiling& tiling, int64_t first, int64_t channels)
      : g_(g), tiling_(tiling), firstChannel_(first), channels_(channels) {}

  // Adds tiles to sums [panel, tap, channel, kBlockCols].
  void run(int64_t begin, int64_t end, T* sums) const {
    static thread_local ThreadScratch scratch;
    const int64_t elements = tiling_.elements<T>(g_.axes, channels_);
    T* packed = scratch.reserve<T>(kChunk * kBlockCols<T> + elements);
    T* room = packed + kChunk * kBlockCols<T>;
    for (int64_t i = begin; i < end; ++i) addTile(tiling_.at(i), room, packed, sums);
  }

 private:
  // Positions of a row beside each other.
  struct Run {
    int64_t n, z, y, x, count;
  };

  void addTile(const Tile& tile, T* room, T* packed, T* sums) const {
    Volume<const T> image = g_.image;
    image.data += firstChannel_ * image.channel;
    const Volume<const T> source = sourceOf(image, channels_, g_.axes, tile, room);
    Run runs[kChunk];
    int64_t count = 0, positions = 0;
    const auto flush = [&] {
      addRuns(tile, source, runs, count, positions, packed, sums);
      count = positions = 0;
    };
    for (int64_t n = 0; n < tile.images; ++n) {
      for (int64_t z = 0; z < tile.count[0]; ++z) {
        for (int64_t y = 0; y < tile.count[1]; ++y) {
          for (int64_t x = 0; x < tile.count[2]; x += kChunk) {
            const int64_t length = std::min(kChunk, tile.count[2] - x);
            if (positions + length > kChunk) flush();
            runs[count++] = {n, z, y, x, length};
            positions += length;
          }
        }
      }
    }
    flush();
  }

  void addRuns(const Tile& tile, const Volume<const T>& source, const Run* runs, int64_t count, int64_t positions,
               T* packed, T* sums) const {
    int64_t offsets[kChunk], p = 0;
    const int64_t step = source.step[2] * g_.axes[2].stride;
    for (int64_t i = 0; i < count; ++i) {
      const Run& run = runs[i];
      const int64_t first = source.at(run.n, 0, run.z * g_.axes[0].stride, run.y * g_.axes[1].stride, 0) - source.data;
      for (int64_t x = 0; x < run.count; ++x) offsets[p++] = first + (run.x + x) * step;
    }
    for (int64_t filter = 0; filter < g_.filters; filter += kBlockCols<T>) {
      const int64_t cols = std::min<int64_t>(kBlockCols<T>, g_.filters - filter);
      const int vectors = static_cast<int>((cols + Simd<T>::width - 1) / Simd<T>::width);
      T* to = packed;
      for (int64_t i = 0; i < count; ++i) {
        const Run& run = runs[i];
        const T* row = g_.features.at(tile.image + run.n, filter, tile.first[0] + run.z, tile.first[1] + run.y,
                                      tile.first[2] + run.x);
        pack<T>({row, g_.features.step[2], g_.features.channel}, run.count, cols, vectors, to);
        to += run.count * vectors * Simd<T>::width;
      }
      addFilters({positions, offsets, source.data, 0, packed}, source, vectors, sums + filter * g_.taps * channels_);
    }
  }

  // Rows of a block are channels of one tap, or taps beside each other of one channel, whichever are more.
  void addFilters(TapOperands<T> operands, const Volume<const T>& source, int vectors, T* sums) const {
    const T* from = operands.a;
    if (channels_ >= g_.beside) {
      operands.aRowStride = source.channel;
      for (int64_t t = 0; t < g_.taps; ++t, sums += channels_ * kBlockCols<T>) {
        operands.a = from + offsetOf(g_.tap[t], g_.axes, source);
        addRows(operands, channels_, vectors, sums, kBlockCols<T>);
      }
      return;
    }
    operands.aRowStride = (g_.tap[1].at[2] - g_.tap[0].at[2]) * source.step[2];
    for (int64_t t = 0; t < g_.taps; t += g_.beside) {
      for (int64_t c = 0; c < channels_; ++c) {
        operands.a = from + offsetOf(g_.tap[t], g_.axes, source) + c * source.channel;
        addRows(operands, g_.beside, vectors, sums + (t * channels_ + c) * kBlockCols<T>, channels_ * kBlockCols<T>);
      }
    }
  }

  void addRows(TapOperands<T> operands, int64_t count, int vectors, T* sums, int64_t sumStride) const {
    const int64_t most = positionsOf(vectors);
    const Split blocks(count, (count + most - 1) / most);
    const T* from = operands.a;
    for (int64_t i = 0; i < blocks.parts; ++i) {
      operands.a = from + blocks.begin(i) * operands.aRowStride;
      tapsFunction<T>(blocks.size(i), vectors)(operands, sums + blocks.begin(i) * sumStride, sumStride, true);
    }
  }

  const WeightGradient<T>& g_;
  const Tiling& tiling_;
  const int64_t firstChannel_, channels_;
};

// Adds up the sums of several parts, [panel, tap, channel, kBlockCols] each `size` long, into the weight.
template <class T>
void writeWeight(const WeightGradient<T>& g, int64_t first, int64_t channels, const T* sums, int64_t parts,
                 int64_t size) {
  using S = Simd<T>;
  const bool isEven = stepOfTaps(g.tap, g.taps) == 1;
  for (int64_t f = 0; f < g.filters; f += S::width) {
    const T* from = sums + f / kBlockCols<T> * g.taps * channels * kBlockCols<T> + f % kBlockCols<T>;
    const int64_t filters = std::min<int64_t>(S::width, g.filters - f);
    for (int64_t c = 0; c < channels; ++c) {
      T* to = g.weight.data + f * g.weight.batch + (first + c) * g.weight.channel;
      for (int64_t t = 0; t < g.taps; t += S::width) {
        const int64_t taps = std::min<int64_t>(S::width, g.taps - t);
        typename S::Vector square[S::width] = {};
        for (int64_t i = 0; i < taps; ++i) {
          for (int64_t part = 0; part < parts; ++part) {
            square[i] += S::load(from + part * size + ((t + i) * channels + c) * kBlockCols<T>);
          }
        }
        simd::transpose(square);
        for (int64_t i = 0; i < filters; ++i) {
          if (isEven) {
            S::store(to + i * g.weight.batch + g.tap[t].weight, square[i], taps);
          } else {
            for (int64_t j = 0; j < taps; ++j) to[i * g.weight.batch + g.tap[t + j].weight] = square[i][j];
          }
        }
      }
    }
  }
}

}  // namespace

template <class T>
void sumWeightTiles(const WeightGradient<T>& g) {
  static thread_local ThreadScratch scratch;
  const int64_t panels = (g.filters + kBlockCols<T> - 1) / kBlockCols<T>;
  const int64_t positions = g.batch * g.axes[0].out * g.axes[1].out * g.axes[2].out;
  const int64_t size = panels * kBlockCols<T> * g.taps * g.channels;
  const int64_t work = positions * g.taps * g.channels * g.filters;
  const int64_t threads = std::min<int64_t>(threadCount(), std::max<int64_t>(work / kGemmGrain, 1));
  const Tiling tiling(g.axes, g.batch, g.channels, sizeof(T), threads);
  // Threads share out the positions, or the channels where the sums are too many to have them for each thread.
  const bool byPositions = threads == 1 || g.channels < threads || size * static_cast<int64_t>(sizeof(T)) <= kOwnSums;
  const Split tiles(tiling.count(), byPositions ? std::min(threads, tiling.count()) : 1);
  const Split channels(g.channels, byPositions ? 1 : threads);
  const int64_t tasks = tiles.parts * channels.parts;
  T* sums = scratch.reserve<T>(tiles.parts * size);
  parallelFor(tasks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t part = i % channels.parts, tile = i / channels.parts, first = channels.begin(part);
      T* own = sums + tile * size + first * panels * kBlockCols<T> * g.taps;
      std::fill(own, own + channels.size(part) * panels * kBlockCols<T> * g.taps, T(0));
      const TiledWeightGradient<T> gradient(g, tiling, first, channels.size(part));
      gradient.run(tiles.begin(tile), tiles.begin(tile) + tiles.size(tile), own);
      if (!byPositions) writeWeight(g, first, channels.size(part), own, 1, size);
    }
  });
  if (byPositions) writeWeight(g, 0, g.channels, sums, tiles.parts, size);
}

template void sumWeightTiles(const WeightGradient<float>&);
template void sumWeightTiles(const WeightGradient<double>&);

}  // namespace flambeau
