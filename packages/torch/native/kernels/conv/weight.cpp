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
  void addTile(const Tile& tile, T* room, T* packed, T* sums) const {
    Volume<const T> image = g_.image;
    image.data += firstChannel_ * image.channel;
    const Volume<const T> source = sourceOf(image, channels_, g_.axes, tile, room);
    for (int64_t n = 0; n < tile.images; ++n) {
      for (int64_t z = 0; z < tile.count[0]; ++z) addPlane(tile, source, n, z, packed, sums);
    }
  }

  // Rows of positions, as many at a time as make a chunk.
  void addPlane(const Tile& tile, const Volume<const T>& source, int64_t n, int64_t z, T* packed, T* sums) const {
    const int64_t width = tile.count[2], rows = std::max<int64_t>(1, kChunk / width);
    for (int64_t y = 0; y < tile.count[1]; y += rows) {
      const int64_t height = std::min(rows, tile.count[1] - y);
      for (int64_t x = 0; x < width; x += kChunk) {
        addChunk(tile, source, {n, z, y, x}, height, std::min(kChunk, width - x), packed, sums);
      }
    }
  }

  struct Place {
    int64_t n, z, y, x;
  };

  void addChunk(const Tile& tile, const Volume<const T>& source, const Place& at, int64_t height, int64_t width,
                T* packed, T* sums) const {
    int64_t offsets[kChunk];
    const int64_t step = source.step[2] * g_.axes[2].stride, rowStep = source.step[1] * g_.axes[1].stride;
    for (int64_t y = 0, p = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) offsets[p++] = y * rowStep + x * step;
    }
    const T* from = source.at(at.n, 0, at.z * g_.axes[0].stride, at.y * g_.axes[1].stride, at.x * g_.axes[2].stride);
    for (int64_t filter = 0; filter < g_.filters; filter += kBlockCols<T>) {
      const int64_t cols = std::min<int64_t>(kBlockCols<T>, g_.filters - filter);
      const int vectors = static_cast<int>((cols + Simd<T>::width - 1) / Simd<T>::width);
      for (int64_t y = 0; y < height; ++y) {
        const T* row = g_.features.at(tile.image + at.n, filter, tile.first[0] + at.z, tile.first[1] + at.y + y,
                                      tile.first[2] + at.x);
        pack<T>({row, g_.features.step[2], g_.features.channel}, width, cols, vectors,
                packed + y * width * vectors * Simd<T>::width);
      }
      T* to = sums + filter * g_.taps * channels_;
      for (int64_t t = 0; t < g_.taps; ++t, to += channels_ * kBlockCols<T>) {
        const TapOperands<T> operands = {height * width, offsets, from + offsetOf(g_.tap[t], g_.axes, source),
                                         source.channel, packed};
        addChannels(operands, vectors, to);
      }
    }
  }

  void addChannels(TapOperands<T> operands, int vectors, T* sums) const {
    const Split blocks(channels_, (channels_ + kPositions - 1) / kPositions);
    const T* from = operands.a;
    for (int64_t i = 0; i < blocks.parts; ++i) {
      operands.a = from + blocks.begin(i) * operands.aRowStride;
      tapsFunction<T>(blocks.size(i), vectors)(operands, sums + blocks.begin(i) * kBlockCols<T>, kBlockCols<T>, true);
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
  for (int64_t f = 0; f < g.filters; ++f) {
    const T* from = sums + (f / kBlockCols<T>)*g.taps * channels * kBlockCols<T> + f % kBlockCols<T>;
    for (int64_t c = 0; c < channels; ++c) {
      T* to = g.weight.data + f * g.weight.batch + (first + c) * g.weight.channel;
      for (int64_t t = 0; t < g.taps; ++t) {
        T sum = 0;
        for (int64_t i = 0; i < parts; ++i) sum += from[i * size + (t * channels + c) * kBlockCols<T>];
        to[g.tap[t].weight] = sum;
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
