// Winograd's F(2×2, 3×3): of each 4×4 elements of a source and of each kernel of 3×3 16 sums are formed, whose products
// give 2×2 results by sums again: 16 products for what else takes 36. They lie in 16 products of matrices. This is what
// convolutions and the gradients of their weights share.
//
// Source: https://arxiv.org/abs/1509.09308
#pragma once
#include "kernels/conv/blocks.h"
#include "kernels/conv/convolution.h"
#include "kernels/gemm/simd.h"

namespace flambeau::winograd {

using S = Simd<float>;
using Floats = S::Vector;

// Results along a dim that are computed together, the elements that they read, and the sums of a kernel.
constexpr int kSide = 2, kReach = BlockSource::kReach, kSums = kReach * kReach;

// Rows of so many elements for each of the sums would be in each other's way, where they lie a power of two apart.
inline int64_t apart(int64_t elements) { return elements + 5 * S::width; }

// The sums of elements along one dim.
constexpr auto transformSource = [](const Floats (&d)[kReach], Floats (&to)[kReach]) {
  to[0] = d[0] - d[2];
  to[1] = d[1] + d[2];
  to[2] = d[2] - d[1];
  to[3] = d[1] - d[3];
};

// The same along both dims, of elements a[row][col]; the sums are at [row][col] again.
template <int from, int to, class Transform>
inline void transformBoth(const Floats (&a)[from][from], Floats (&result)[to][to], const Transform& transform) {
  Floats half[to][from];
#pragma GCC unroll 4
  for (int col = 0; col < from; ++col) {
    Floats column[from], sums[to];
#pragma GCC unroll 4
    for (int row = 0; row < from; ++row) column[row] = a[row][col];
    transform(column, sums);
#pragma GCC unroll 4
    for (int row = 0; row < to; ++row) half[row][col] = sums[row];
  }
#pragma GCC unroll 4
  for (int row = 0; row < to; ++row) transform(half[row], result[row]);
}

// Images, and rows of blocks of 2×2 results in them, that are worked on together. Positions are those of blocks, row by row.
struct Band {
  int64_t image, images, row, rows;
};

// From one row of sums to the next, where vectors are stored whole.
inline int64_t rowOf(int64_t positions) { return (positions + 2 * S::width - 1) / S::width * S::width; }

// The sums of what the blocks of one channel hold, [sum, image, position]: of `side` elements along each dim, from the
// places of `source` on. Sums lie `step` apart; up to a vector behind the last position is written.
template <int side, class Transform>
void sumBlocks(const BlockSource& source, const Volume<const float>& in, int64_t channel, const Band& band, int64_t cols,
               float* to, int64_t step, const Transform& transform) {
  const int64_t blocks = band.rows * cols;
  const float* places[side][side];
  for (int i = 0; i < side * side; ++i) places[i / side][i % side] = source.at(i / side, i % side);
  for (int64_t n = 0; n < band.images; ++n, to += blocks) {
    source.fill(in.at(band.image + n, channel, 0, 0, 0), in.step[1], band.row);
    // What is stored beyond an image, the next one takes the place of.
    for (int64_t at = 0; at < blocks; at += S::width) {
      Floats elements[side][side], sums[kReach][kReach];
#pragma GCC unroll 16
      for (int i = 0; i < side * side; ++i) elements[i / side][i % side] = S::load(places[i / side][i % side] + at);
      transformBoth<side, kReach>(elements, sums, transform);
#pragma GCC unroll 16
      for (int i = 0; i < kSums; ++i) S::store(to + at + i * step, sums[i / kReach][i % kReach]);
    }
  }
}

// Where in a kernel of 3×3 the weights of its rows and columns lie.
struct KernelPlaces {
  int64_t at[3][3];

  KernelPlaces(const Tap* tap, const Axis (&axes)[kSpatial]) {
    for (int64_t t = 0; t < 9; ++t) at[tap[t].at[1] - axes[1].low][tap[t].at[2] - axes[2].low] = tap[t].weight;
  }
};

// Blocks from which the products outweigh the sums of kernels.
constexpr int64_t kFewBlocks = 48;

// Whether a kernel is of 3×3 with stride 1 in two dims, and there is enough to multiply.
inline bool isLarge(const Axis (&axes)[kSpatial], int64_t taps, int64_t batch) {
  const auto spans = [](const Axis& axis, int64_t reach) { return axis.stride == 1 && axis.high - axis.low == reach; };
  const Axis &z = axes[0], &y = axes[1], &x = axes[2];
  if (taps != 9 || z.in != 1 || z.out != 1 || z.low != 0 || !spans(z, 0) || !spans(y, 2) || !spans(x, 2)) return false;
  return batch * ((y.out + 1) / kSide) * ((x.out + 1) / kSide) >= kFewBlocks;
}

}  // namespace flambeau::winograd
