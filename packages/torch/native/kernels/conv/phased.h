// The source of a tile as kernels read it whose vectors hold positions beside each other: with its border of zeros, and
// taken apart into those elements that are a stride apart.
#pragma once
#include "kernels/gemm/rows.h"
#include "kernels/conv/tiles.h"

namespace flambeau {

// [image, channel, z, phase of y, phase of x, y, x]. What a tap reads for positions beside each other lies beside each
// other, and a row below is `length` further. Behind the last element there is room for `slack` more.
template <class T>
class PhasedSource {
 public:
  PhasedSource(const Axis (&axes)[kSpatial], int64_t channels, const Tile& tile)
      : axes_(axes), channels_(channels), tile_(tile) {
    for (int d = 0; d < kSpatial; ++d) {
      span_[d] = axes[d].span(tile.count[d]);
      phases_[d] = std::min(axes[d].stride, axes[d].high - axes[d].low + 1);
      size_[d] = (span_[d] + axes[d].stride - 1) / axes[d].stride;
    }
    layer_ = phases_[1] * phases_[2] * size_[1] * size_[2];
    plane_ = span_[0] * layer_;
  }

  int64_t length() const { return size_[2]; }
  int64_t elements(int64_t slack) const { return tile_.images * channels_ * plane_ + slack; }

  // Copies the source to `to`. Where another one of the same sizes was copied there before, its zeros stay.
  void fill(const Volume<const T>& in, T* to, bool hasZeros = false) {
    data_ = to;
    const int64_t firstZ = tile_.first[0] * axes_[0].stride + axes_[0].low;
    for (int64_t n = 0; n < tile_.images; ++n) {
      for (int64_t c = 0; c < channels_; ++c) {
        for (int64_t z = firstZ; z < firstZ + span_[0]; ++z, to += layer_) {
          fillLayer(in.at(tile_.image + n, c, z, 0, 0), in.step, z >= 0 && z < axes_[0].in, to, hasZeros);
        }
      }
    }
  }

  // Where a tap reads for the position (0, 0, 0).
  int64_t offsetOf(const Tap& tap, int64_t channel) const {
    const int64_t z = tap.at[0] - axes_[0].low, y = tap.at[1] - axes_[1].low, x = tap.at[2] - axes_[2].low;
    const int64_t phase = y % axes_[1].stride * phases_[2] + x % axes_[2].stride;
    return channel * plane_ + z * layer_ + (phase * size_[1] + y / axes_[1].stride) * size_[2] + x / axes_[2].stride;
  }
  const T* at(int64_t n, int64_t z, int64_t y, int64_t x) const {
    return data_ + n * channels_ * plane_ + z * axes_[0].stride * layer_ + y * size_[2] + x;
  }

 private:
  void fillLayer(const T* in, const int64_t (&step)[kSpatial], bool isInside, T* to, bool hasZeros) const {
    const int64_t down = axes_[1].stride, across = axes_[2].stride, length = size_[2];
    const int64_t firstY = tile_.first[1] * down + axes_[1].low, firstX = tile_.first[2] * across + axes_[2].low;
    for (int64_t phaseX = 0; phaseX < phases_[2]; ++phaseX) {
      // Elements x, and every stride further, as far as they are in the source.
      const int64_t x = firstX + phaseX;
      const int64_t left = std::clamp<int64_t>((across - 1 - x) / across, 0, length);
      const int64_t right = std::clamp<int64_t>((axes_[2].in - x + across - 1) / across, left, length);
      const T* column = in + (x + left * across) * step[2];
      for (int64_t phaseY = 0; phaseY < phases_[1]; ++phaseY) {
        T* row = to + (phaseY * phases_[2] + phaseX) * size_[1] * length;
        for (int64_t y = firstY + phaseY, i = 0; i < size_[1]; ++i, y += down, row += length) {
          const bool isZero = !isInside || y < 0 || y >= axes_[1].in || left == right;
          if (!hasZeros) {
            std::fill(row, row + (isZero ? length : left), T(0));
            std::fill(row + right, row + length, T(0));
          }
          if (!isZero) gatherRow(column + y * step[1], across * step[2], right - left, row + left);
        }
      }
    }
  }

  const Axis (&axes_)[kSpatial];
  const int64_t channels_;
  const Tile& tile_;
  int64_t span_[kSpatial], phases_[kSpatial], size_[kSpatial], layer_, plane_;
  const T* data_ = nullptr;
};

}  // namespace flambeau
