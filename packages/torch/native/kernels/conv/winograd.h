// What convolutions and the gradients of their weights share where they are computed by Winograd's sums, which lie in as
// many products of matrices as there are sums. A kernel with a stride, or of several layers, is taken apart into those of
// stride 1 in one layer.
#pragma once
#include <vector>

#include "kernels/conv/blocks.h"
#include "kernels/conv/convolution.h"
#include "kernels/conv/winograd_sums.h"
#include "runtime/scratch.h"

namespace flambeau::winograd {

// The places of a kernel that lie a stride apart, in one layer: a kernel of stride 1 over the rows and columns that lie so.
struct Part {
  int64_t z, y, x;    // what it reads: from the position's layer on, and the first row and column of the image
  Axis rows, cols;    // of those rows and columns
  int64_t weight[3][3];
};

// The part of an axis that reads the places `phase` behind the first one, and those that are a stride apart from it. Sets
// the first element of the image that is among those that it reads.
inline Axis phaseOf(const Axis& axis, int64_t phase, int64_t kernel, int64_t& first) {
  const int64_t at = axis.low + phase, stride = axis.stride;
  first = (at % stride + stride) % stride;
  const int64_t low = (at - first) / stride;
  return {std::max<int64_t>(0, (axis.in - first + stride - 1) / stride), axis.out, 1, low, low + kernel - 1};
}

// The elements along a dim of the kernels that a convolution is taken apart into, if they are 2 or 3, and as many down as
// across; else 0.
inline int64_t kernelOf(const Tap* tap, int64_t taps, const Axis (&axes)[kSpatial]) {
  const Axis &y = axes[1], &x = axes[2];
  const int64_t span = y.high - y.low + 1, kernel = span / y.stride;
  if (y.stride > 2 || x.stride != y.stride || x.high - x.low + 1 != span || kernel * y.stride != span) return 0;
  // Taps are listed layer by layer. One that is full has a tap at each place.
  int64_t layer = 1;
  while (layer < taps && tap[layer].at[0] == tap[0].at[0]) ++layer;
  return layer == span * span && (kernel == 2 || kernel == 3) ? kernel : 0;
}

inline std::vector<Part> partsOf(const Tap* tap, int64_t taps, const Axis (&axes)[kSpatial], int64_t kernel) {
  const int64_t stride = axes[1].stride, places = kernel * kernel * stride * stride;
  std::vector<Part> parts;
  for (int64_t layer = 0; layer < taps; layer += places) {
    const size_t first = parts.size();
    for (int64_t phase = 0; phase < stride * stride; ++phase) {
      Part part = {tap[layer].at[0]};
      part.rows = phaseOf(axes[1], phase / stride, kernel, part.y);
      part.cols = phaseOf(axes[2], phase % stride, kernel, part.x);
      parts.push_back(part);
    }
    for (int64_t t = layer; t < layer + places; ++t) {
      const int64_t y = tap[t].at[1] - axes[1].low, x = tap[t].at[2] - axes[2].low;
      parts[first + y % stride * stride + x % stride].weight[y / stride][x / stride] = tap[t].weight;
    }
  }
  return parts;
}

// Images, that is layers of them, and rows of blocks of 2×2 results in them, that are worked on together. Positions are
// those of blocks, row by row.
struct Band {
  int64_t image, images, row, rows;
};

// Channels of both sides times the blocks of a row, for which the sums may be taken: a band has at least one row.
constexpr int64_t kLongestRow = 1 << 19;

// Whether there are so many blocks that the products outweigh the sums of kernels, and none of their rows is too long.
inline bool suits(const Axis (&axes)[kSpatial], int64_t batch, int64_t channels, int64_t fewestBlocks) {
  const int64_t rows = (axes[1].out + 1) / kSide, cols = (axes[2].out + 1) / kSide;
  return batch * axes[0].out * rows * cols >= fewestBlocks && channels * cols <= kLongestRow;
}

// Rows of so many elements for each of the sums would be in each other's way, where they lie a power of two apart.
inline int64_t apart(int64_t elements) { return elements + 5 * S::width; }

// From one row of sums to the next, where vectors are stored whole.
inline int64_t rowOf(int64_t positions) { return (positions + 2 * S::width - 1) / S::width * S::width; }

// The sums of what blocks of a band hold of planes: of `side` elements along each dim, which give `count` sums.
template <int side, int count>
class BlockSums {
 public:
  // `layers` and `stride` are those of the positions.
  BlockSums(const Volume<const float>& in, const std::vector<Part>& parts, const Axis& layers, int64_t stride,
            const Band& band, int64_t cols, ThreadScratch& scratch)
      : in_(in), parts_(parts), layers_(layers), stride_(stride), band_(band), blocks_(band.rows * cols) {
    int64_t elements = 0;
    for (const Part& part : parts) elements += sources_.emplace_back(part.rows, part.cols, band.rows, cols).elements();
    float* room = scratch.reserve<float>(elements);
    for (BlockSource& source : sources_) {
      source.begin(room);
      room += source.elements();
    }
  }

  // Those of a channel, [sum, part, image, position]. Sums lie `step` apart, parts `partStep`; up to a vector behind the last
  // position is written.
  template <class Transform>
  void take(int64_t channel, float* to, int64_t partStep, int64_t step, const Transform& transform) const {
    for (int64_t n = 0; n < band_.images; ++n, to += blocks_) {
      // All parts of a plane while it is near. What is stored beyond an image, the next one takes the place of.
      for (size_t i = 0; i < parts_.size(); ++i) takePlane(i, band_.image + n, channel, to + i * partStep, step, transform);
    }
  }

 private:
  template <class Transform>
  void takePlane(size_t i, int64_t image, int64_t channel, float* to, int64_t step, const Transform& transform) const {
    const BlockSource& source = sources_[i];
    const Part& part = parts_[i];
    const int64_t z = image % layers_.out * layers_.stride + part.z;
    if (z < 0 || z >= layers_.in) {
      for (int sum = 0; sum < count * count; ++sum) std::fill_n(to + sum * step, blocks_, 0.0f);
      return;
    }
    source.fill(in_.at(image / layers_.out, channel, z, part.y, part.x), in_.step[1] * stride_, in_.step[2] * stride_,
                band_.row);
    const float* places[side][side];
    for (int place = 0; place < side * side; ++place) places[place / side][place % side] = source.at(place / side, place % side);
    for (int64_t at = 0; at < blocks_; at += S::width) {
      Floats elements[side][side], sums[count][count];
#pragma GCC unroll 16
      for (int e = 0; e < side * side; ++e) elements[e / side][e % side] = S::load(places[e / side][e % side] + at);
      transformBoth<side, count>(elements, sums, transform);
#pragma GCC unroll 16
      for (int sum = 0; sum < count * count; ++sum) S::store(to + at + sum * step, sums[sum / count][sum % count]);
    }
  }

  const Volume<const float>& in_;
  const std::vector<Part>& parts_;
  const Axis& layers_;
  const int64_t stride_;
  const Band band_;
  const int64_t blocks_;
  std::vector<BlockSource> sources_;
};

}  // namespace flambeau::winograd
