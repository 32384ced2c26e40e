// Correlations of floating-point numbers without a matrix of columns: the weight is packed into rows of output
// channels, one for each source element that a position reads, and blocks of positions are multiplied with them where the source
// lies, by a list of offsets.
#include "kernels/conv/micro.h"
#include "kernels/conv/tiles.h"
#include "kernels/gemm/block.h"
#include "kernels/gemm/pack.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

template <class T>
int64_t vectorsOf(int64_t results) { return (results + Simd<T>::width - 1) / Simd<T>::width; }

// Results that are multiplied together, of a problem with rows of so many positions.
template <class T>
int64_t panelOf(int64_t results, int64_t positions) {
  constexpr int64_t wide = kWideTapVectors * Simd<T>::width;
  return positions <= kWidePositions && results >= wide ? wide : kBlockCols<T>;
}

// The weights of up to a panel of results as rows of full vectors, for each source and tap.
template <class T>
void packWeights(const Correlation<T>& c, int64_t first, int64_t count, T* to) {
  const int vectors = static_cast<int>(vectorsOf<T>(count));
  const int64_t width = vectors * Simd<T>::width, step = stepOfTaps(c.tap, c.taps);
  const T* from = c.weight + first * c.weightResult + c.tap[0].weight;
  // Taps at even distances, and sources too, are rows of one matrix.
  if (step != 0 && c.weightSource == c.taps * step) {
    return pack<T>({from, step, c.weightResult}, c.sources * c.taps, count, vectors, to);
  }
  for (int64_t s = 0; s < c.sources; ++s, from += c.weightSource) {
    if (step != 0) {
      pack<T>({from, step, c.weightResult}, c.taps, count, vectors, to);
      to += c.taps * width;
      continue;
    }
    for (int64_t t = 0; t < c.taps; ++t, to += width) {
      packElements<T>({from + c.tap[t].weight - c.tap[0].weight, 0, c.weightResult}, 1, count, vectors, to);
    }
  }
}

template <class T>
class TiledCorrelation {
 public:
  TiledCorrelation(const Correlation<T>& c, const Tiling& tiling, const T* packed)
      : c_(c), tiling_(tiling), packed_(packed), depth_(c.sources * c.taps),
        panel_(panelOf<T>(c.results, c.axes[2].out)) {}

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
            T* out = c_.out.at(tile.image + n, panel * panel_, tile.first[0] + z, tile.first[1] + y, tile.first[2]);
            multiplyRow(panel, offsets, row, source.step[2] * c_.axes[2].stride, out, tile.count[2]);
          }
        }
      }
    }
  }

 private:
  // Positions beside each other.
  void multiplyRow(int64_t panel, const int64_t* offsets, const T* row, int64_t step, T* out, int64_t count) const {
    const int64_t first = panel * panel_, cols = std::min(panel_, c_.results - first), vectors = vectorsOf<T>(cols);
    const bool isWide = vectors > kBlockVectors;
    const int64_t most = isWide ? kWidePositions : positionsOf(vectors);
    const Split blocks(count, (count + most - 1) / most);
    alignas(kVectorBytes) T sums[kNextSums<T> * kWideTapVectors / kBlockVectors];
    for (int64_t i = 0; i < blocks.parts; ++i) {
      const int64_t at = blocks.begin(i), rows = blocks.size(i);
      const TapOperands<T> operands = {depth_, offsets, row + at * step, step, packed_ + first * depth_};
      const auto multiply = isWide ? wideTapsFunction<T>(rows, vectors) : tapsFunction<T>(rows, vectors);
      multiply(operands, sums, kBlockCols<T>, false);
      for (int64_t col = 0; col < cols; col += kBlockCols<T>) {
        const T* bias = c_.bias == nullptr ? nullptr : c_.bias + (first + col) * c_.biasStride;
        const Matrix<T> to = {out + at * c_.out.step[2] + col * c_.out.channel, c_.out.step[2], c_.out.channel};
        const int64_t part = std::min<int64_t>(kBlockCols<T>, cols - col);
        const Gemm<T> g = {rows, part, depth_, {}, {}, to, {bias, 0, c_.biasStride}, T(1), T(0), false};
        const T* own = sums + col / kBlockCols<T> * kNextSums<T>;
        finish(g, own, 0, 0, rows, part);
      }
      c_.finish(first, cols, out + at * c_.out.step[2], rows);
    }
  }

  const Correlation<T>& c_;
  const Tiling& tiling_;
  const T* packed_;
  const int64_t depth_, panel_;
};

}  // namespace

template <class T>
void correlateTiles(const Correlation<T>& c) {
  static thread_local ThreadScratch scratch;
  const int64_t depth = c.sources * c.taps, panel = panelOf<T>(c.results, c.axes[2].out);
  const int64_t panels = (c.results + panel - 1) / panel;
  const int64_t positions = c.batch * c.axes[0].out * c.axes[1].out * c.axes[2].out;
  T* packed = scratch.reserve<T>(panels * panel * depth);
  parallelFor(panels, std::max<int64_t>(1, (1 << 16) / (panel * depth)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * panel;
      packWeights(c, first, std::min(panel, c.results - first), packed + first * depth);
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
