// Correlations of floating-point numbers without a matrix of columns: the weight is packed into rows of output channels,
// one for each source element that a position reads, and blocks of positions are multiplied with them where the source
// lies, by a list of offsets.
#include "kernels/conv/micro.h"
#include "kernels/conv/tiles.h"
#include "kernels/gemm/block.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

template <class T>
int64_t panelsOf(int64_t results) { return (results + kBlockCols<T> - 1) / kBlockCols<T>; }
template <class T>
int64_t vectorsOf(int64_t results) { return (results + Simd<T>::width - 1) / Simd<T>::width; }

// The weights of up to kBlockCols results as rows of full vectors, for each source and tap.
template <class T>
void packWeights(const Correlation<T>& c, int64_t first, int64_t count, T* to) {
  const int64_t width = vectorsOf<T>(count) * Simd<T>::width;
  for (int64_t s = 0; s < c.sources; ++s) {
    for (int64_t t = 0; t < c.taps; ++t, to += width) {
      const T* from = c.weight + first * c.weightResult + s * c.weightSource + c.tap[t].weight;
      for (int64_t r = 0; r < count; ++r) to[r] = from[r * c.weightResult];
      std::fill(to + count, to + width, T(0));
    }
  }
}

template <class T>
class TiledCorrelation {
 public:
  TiledCorrelation(const Correlation<T>& c, const Tiling& tiling, const T* packed)
      : c_(c), tiling_(tiling), packed_(packed), depth_(c.sources * c.taps) {}

  // A tile, for the panels [first, last) of results.
  void run(int64_t index, int64_t first, int64_t last) const {
    static thread_local ThreadScratch scratch, offsetScratch;
    const Tile tile = tiling_.at(index);
    T* room = scratch.reserve<T>(tiling_.elements<T>(c_.axes, c_.sources));
    const Volume<const T> source = sourceOf(c_.in, c_.sources, c_.axes, tile, room);
    int64_t* offsets = offsetScratch.reserve<int64_t>(depth_);
    for (int64_t s = 0, k = 0; s < c_.sources; ++s) {
      for (int64_t t = 0; t < c_.taps; ++t) offsets[k++] = s * source.channel + offsetOf(c_.tap[t], c_.axes, source);
    }
    for (int64_t panel = first; panel < last; ++panel) {
      for (int64_t n = 0; n < tile.images; ++n) {
        for (int64_t z = 0; z < tile.count[0]; ++z) {
          for (int64_t y = 0; y < tile.count[1]; ++y) {
            const T* row = source.at(n, 0, z * c_.axes[0].stride, y * c_.axes[1].stride, 0);
            T* out = c_.out.at(tile.image + n, panel * kBlockCols<T>, tile.first[0] + z, tile.first[1] + y, tile.first[2]);
            multiplyRow(panel, offsets, row, source.step[2] * c_.axes[2].stride, out, tile.count[2]);
          }
        }
      }
    }
  }

 private:
  // Positions beside each other.
  void multiplyRow(int64_t panel, const int64_t* offsets, const T* row, int64_t step, T* out, int64_t count) const {
    const int64_t cols = std::min<int64_t>(kBlockCols<T>, c_.results - panel * kBlockCols<T>);
    const int64_t vectors = vectorsOf<T>(cols);
    const Split blocks(count, (count + kPositions - 1) / kPositions);
    const T* bias = c_.bias == nullptr ? nullptr : c_.bias + panel * kBlockCols<T> * c_.biasStride;
    alignas(kVectorBytes) T sums[kPositions * kBlockCols<T>];
    for (int64_t i = 0; i < blocks.parts; ++i) {
      const int64_t at = blocks.begin(i), rows = blocks.size(i);
      const TapOperands<T> operands = {depth_, offsets, row + at * step, step, packed_ + panel * kBlockCols<T> * depth_};
      tapsFunction<T>(rows, vectors)(operands, sums, kBlockCols<T>, false);
      const Matrix<T> to = {out + at * c_.out.step[2], c_.out.step[2], c_.out.channel};
      const Gemm<T> g = {rows, cols, depth_, {}, {}, to, {bias, 0, c_.biasStride}, T(1), T(0), false};
      finish(g, sums, 0, 0, rows, cols);
    }
  }

  const Correlation<T>& c_;
  const Tiling& tiling_;
  const T* packed_;
  const int64_t depth_;
};

}  // namespace

template <class T>
void correlateTiles(const Correlation<T>& c) {
  static thread_local ThreadScratch scratch;
  const int64_t depth = c.sources * c.taps, panels = panelsOf<T>(c.results);
  const int64_t positions = c.batch * c.axes[0].out * c.axes[1].out * c.axes[2].out;
  T* packed = scratch.reserve<T>(panels * kBlockCols<T> * depth);
  parallelFor(panels, std::max<int64_t>(1, (1 << 16) / (kBlockCols<T> * depth)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * kBlockCols<T>;
      packWeights(c, first, std::min<int64_t>(kBlockCols<T>, c.results - first), packed + first * depth);
    }
  });
  const int64_t work = positions * depth * c.results;
  const int64_t threads = std::min<int64_t>(threadCount(), std::max<int64_t>(work / kGemmGrain, 1));
  const Tiling tiling(c.axes, c.batch, c.sources, sizeof(T), threads);
  // Where there are too few tiles for all threads, they also share out the results.
  const Split parts(panels, std::clamp<int64_t>(threads / tiling.count(), 1, panels));
  const TiledCorrelation<T> tiles(c, tiling, packed);
  const int64_t tasks = tiling.count() * parts.parts;
  parallelFor(tasks, (tasks + threads - 1) / threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t part = i % parts.parts;
      tiles.run(i / parts.parts, parts.begin(part), parts.begin(part) + parts.size(part));
    }
  });
}

template void correlateTiles(const Correlation<float>&);
template void correlateTiles(const Correlation<double>&);

}  // namespace flambeau
