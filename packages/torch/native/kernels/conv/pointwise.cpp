// Convolutions whose kernel has one place: products of matrices, [results, sources] by [sources, positions].
#include "kernels/gemm/rows.h"
#include "kernels/conv/tiles.h"
#include "kernels/gemm/block.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// The positions of a volume as one dim with one stride; 0 where there is none.
int64_t flatStep(const int64_t (&step)[kSpatial], const int64_t (&stride)[kSpatial], const int64_t (&size)[kSpatial]) {
  int64_t flat = 0, expected = 0;
  for (int d = kSpatial - 1; d >= 0; --d) {
    if (size[d] == 1) continue;
    const int64_t own = step[d] * stride[d];
    if (flat == 0) {
      flat = expected = own;
    } else if (own != expected) {
      return 0;
    }
    expected = own * size[d];
  }
  return flat == 0 ? 1 : flat;
}

// The image as one matrix [channels, positions], where it is read as it lies.
struct Positions {
  int64_t count, image, result;  // how many there are, and their strides; 0 for one that is copied

  template <class T>
  Positions(const Axis (&axes)[kSpatial], const Volume<const T>& in, const int64_t (&outStep)[kSpatial]) {
    const int64_t out[] = {axes[0].out, axes[1].out, axes[2].out};
    count = out[0] * out[1] * out[2];
    bool isInside = true;
    for (const Axis& axis : axes) isInside = isInside && axis.staysInside();
    image = isInside ? flatStep(in.step, {axes[0].stride, axes[1].stride, axes[2].stride}, out) : 0;
    result = flatStep(outStep, {1, 1, 1}, out);
  }
};

// The elements that an image's positions read, in [channels, positions].
template <class T>
const T* gather(const Axis (&axes)[kSpatial], const Volume<const T>& in, int64_t n, int64_t channels, T* to) {
  const T* const begin = to;
  const Axis& across = axes[2];
  // The first position that reads inside of a row, and the first behind it that does not.
  const int64_t left = std::clamp<int64_t>((across.stride - 1 - across.low) / across.stride, 0, across.out);
  const int64_t right = std::clamp<int64_t>((across.in - across.low + across.stride - 1) / across.stride, left, across.out);
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t z = 0; z < axes[0].out; ++z) {
      for (int64_t y = 0; y < axes[1].out; ++y, to += across.out) {
        const int64_t iz = z * axes[0].stride + axes[0].low, iy = y * axes[1].stride + axes[1].low;
        const bool isInside = iz >= 0 && iz < axes[0].in && iy >= 0 && iy < axes[1].in && left < right;
        std::fill(to, to + (isInside ? left : across.out), T(0));
        if (!isInside) continue;
        const T* from = in.at(n, c, iz, iy, left * across.stride + across.low);
        gatherRow(from, across.stride * in.step[2], right - left, to + left);
        std::fill(to + right, to + across.out, T(0));
      }
    }
  }
  return begin;
}

template <class T>
Matrix<const T> imageMatrix(const Axis (&axes)[kSpatial], const Volume<const T>& in, int64_t n, int64_t channels,
                            const Positions& positions) {
  static thread_local ThreadScratch scratch;
  if (positions.image != 0) {
    return {in.at(n, 0, axes[0].low, axes[1].low, axes[2].low), in.channel, positions.image};
  }
  return {gather(axes, in, n, channels, scratch.reserve<T>(channels * positions.count)), positions.count, 1};
}

// Positions that are multiplied together: their source fits into the second-level cache.
template <class T>
int64_t tilePositions(int64_t sources) {
  const int64_t fitting = (1 << 18) / static_cast<int64_t>(sizeof(T)) / sources;
  return std::clamp<int64_t>(fitting / kBlockCols<T>, 2, 16) * kBlockCols<T>;
}

// Copies `count` positions of all channels to panels, whose rows are full vectors.
template <class T>
void packPanels(const Matrix<const T>& image, int64_t channels, int64_t count, T* to) {
  using S = Simd<T>;
  for (int64_t c = 0; c < channels; ++c) {
    const T* from = image.at(c, 0);
    for (int64_t p = 0; p < count; p += kBlockCols<T>) {
      T* row = to + p * channels + c * kBlockCols<T>;
      for (int v = 0; v < kBlockVectors; ++v) {
        const int64_t at = p + v * S::width, left = std::clamp<int64_t>(count - at, 0, S::width);
        if (image.colStride == 1) {
          S::store(row + v * S::width, left == S::width ? S::load(from + at) : S::load(from + at, left));
        } else {
          for (int64_t i = 0; i < left; ++i) row[v * S::width + i] = from[(at + i) * image.colStride];
          std::fill(row + v * S::width + left, row + (v + 1) * S::width, T(0));
        }
      }
    }
  }
}

// A product [results, sources] by [sources, positions], in tiles of positions.
template <class T>
void multiplyPositions(const Correlation<T>& c, const Gemm<T>& g) {
  static thread_local ThreadScratch scratch;
  const int64_t tile = tilePositions<T>(g.k);
  T* packed = scratch.reserve<T>(tile * g.k);
  const Split blocks(g.m, (g.m + kBlockRows - 1) / kBlockRows);
  for (int64_t first = 0; first < g.n; first += tile) {
    const int64_t count = std::min(tile, g.n - first);
    packPanels(g.b.from(0, first), g.k, count, packed);
    for (int64_t i = 0; i < blocks.parts; ++i) {
      const int64_t row = blocks.begin(i);
      for (int64_t col = 0; col < count; col += kBlockCols<T>) {
        const BlockOperands<T> operands = {g.k,           g.a.at(row, 0),       g.a.rowStride,
                                           g.a.colStride, packed + col * g.k, kBlockCols<T>};
        computeBlock(g, operands, row, first + col, blocks.size(i), std::min<int64_t>(kBlockCols<T>, count - col));
      }
      c.finish(row, blocks.size(i), g.out.at(row, first), count);
    }
  }
}

// The same problem with its positions in one row.
template <class T>
Correlation<T> inOneRow(const Correlation<T>& c, const Positions& positions, const Tap& tap) {
  Correlation<T> flat = c;
  flat.in.data = c.in.at(0, 0, c.axes[0].low, c.axes[1].low, c.axes[2].low);
  flat.in.step[2] = positions.image;
  flat.out.step[2] = positions.result;
  for (int d = 0; d < kSpatial; ++d) flat.axes[d] = {1, 1, 1, 0, 0};
  flat.axes[2].in = flat.axes[2].out = positions.count;
  flat.tap = &tap;
  return flat;
}

// A single position of each image: one product of all images with the weight.
template <class T>
void multiplyImages(const Correlation<T>& c) {
  const Matrix<const T> images = {c.in.at(0, 0, c.axes[0].low, c.axes[1].low, c.axes[2].low), c.in.batch, c.in.channel};
  const Matrix<const T> weight = {c.weight + c.tap[0].weight, c.weightResult, c.weightSource};
  const Matrix<T> out = {c.out.data, c.out.batch, c.out.channel};
  multiply<T>({c.batch, c.results, c.sources, images, weight.transposed(), out, {c.bias, 0, c.biasStride}, T(1),
                       T(0), false}, true);
  for (int64_t n = 0; n < c.batch; ++n) c.finish(0, c.results, c.out.data + n * c.out.batch, 1);
}

}  // namespace

template <class T>
bool correlatePointwise(const Correlation<T>& c) {
  Positions positions(c.axes, c.in, c.out.step);
  if (c.taps != 1 || positions.result == 0) return false;
  if (positions.count == 1 && positions.image != 0) {
    multiplyImages(c);
    return true;
  }
  const Tap tap = {{0, 0, 0}, c.tap[0].weight};
  const Correlation<T> flat = inOneRow(c, positions, tap);
  // A row whose end would fill less than a part of a panel.
  const int64_t padded = (positions.count + kBlockCols<T> - 1) / kBlockCols<T> * kBlockCols<T>;
  if (positions.count * 8 < padded * 7 || positions.result != 1) {
    if (positions.image == 0) return false;
    correlateTiles(flat);
    return true;
  }
  const Matrix<const T> weight = {c.weight + tap.weight, c.weightResult, c.weightSource};
  const int64_t tile = tilePositions<T>(c.sources), parts = (positions.count + tile - 1) / tile;
  const int64_t work = std::max<int64_t>(1, std::min(tile, positions.count) * c.results * c.sources);
  // An image that has to be gathered is done by one thread.
  const Split split(positions.count, positions.image == 0 ? 1 : parts);
  parallelFor(c.batch * split.parts, std::max<int64_t>(1, kGemmGrain / work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / split.parts, first = split.begin(i % split.parts);
      const Matrix<const T> image = imageMatrix(c.axes, c.in, n, c.sources, positions);
      const Matrix<T> out = {c.out.data + n * c.out.batch + first * positions.result, c.out.channel, positions.result};
      multiplyPositions<T>(flat, {c.results, split.size(i % split.parts), c.sources, weight, image.from(0, first), out,
                               {c.bias, c.biasStride, 0}, T(1), T(0), false});
    }
  });
  return true;
}

template <class T>
bool sumWeightPointwise(const WeightGradient<T>& g) {
  const Positions positions(g.axes, g.image, g.features.step);
  if (g.taps != 1 || positions.result == 0) return false;
  const Matrix<T> weight = {g.weight.data + g.tap[0].weight, g.weight.batch, g.weight.channel};
  for (int64_t n = 0; n < g.batch; ++n) {
    const Matrix<const T> features = {g.features.data + n * g.features.batch, g.features.channel, positions.result};
    const Matrix<const T> image = imageMatrix(g.axes, g.image, n, g.channels, positions).transposed();
    gemm<T>({g.filters, g.channels, positions.count, features, image, weight, {}, T(1), T(n > 0), false}, true);
  }
  return true;
}

template bool correlatePointwise(const Correlation<float>&);
template bool correlatePointwise(const Correlation<double>&);
template bool sumWeightPointwise(const WeightGradient<float>&);
template bool sumWeightPointwise(const WeightGradient<double>&);

}  // namespace flambeau
