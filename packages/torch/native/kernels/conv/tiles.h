// Parts of a convolution whose source fits into the second-level cache, and the source of one with its border of zeros.
#pragma once
#include <algorithm>

#include "kernels/conv/convolution.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/micro.h"

namespace flambeau {

// Bytes of the source that a tile reads, where halving it would not read much twice, and in any case.
constexpr int64_t kTileBytes = 1 << 19, kLargestTileBytes = 1 << 26;

// Which part of the images and of the positions a tile is.
struct Tile {
  int64_t image, images;
  int64_t first[kSpatial], count[kSpatial];
};

// How a convolution is cut into tiles.
class Tiling {
 public:
  Tiling(const Axis (&axes)[kSpatial], int64_t batch, int64_t channels, int64_t itemSize, int64_t wanted)
      : images_(batch, batch), splits_{{axes[0].out, 1}, {axes[1].out, 1}, {axes[2].out, 1}} {
    const auto bytes = [&] {
      int64_t size = channels * itemSize;
      for (int d = 0; d < kSpatial; ++d) size *= axes[d].span(splits_[d].size(0));
      return size;
    };
    const auto halve = [&](int d) { splits_[d] = Split(axes[d].out, std::min(2 * splits_[d].parts, axes[d].out)); };
    for (int d = 0; d < kSpatial; ++d) {
      // What two tiles beside each other both read.
      const int64_t shared = axes[d].high - axes[d].low + 1 - axes[d].stride;
      const auto isWorthIt = [&] {
        return splits_[d].size(0) / 2 * axes[d].stride >= 2 * shared || bytes() > kLargestTileBytes;
      };
      while (splits_[d].size(0) > 1 && (bytes() > kTileBytes || count() < wanted) && isWorthIt()) halve(d);
    }
    if (splits_[0].parts * splits_[1].parts * splits_[2].parts > 1) return;
    const int64_t most = std::max<int64_t>(batch / wanted, 1);
    const int64_t together = std::clamp<int64_t>(kTileBytes / std::max<int64_t>(bytes(), 1), 1, most);
    images_ = Split(batch, (batch + together - 1) / together);
  }

  int64_t count() const { return images_.parts * splits_[0].parts * splits_[1].parts * splits_[2].parts; }

  Tile at(int64_t index) const {
    Tile tile;
    for (int d = kSpatial - 1; d >= 0; --d) {
      const int64_t part = index % splits_[d].parts;
      index /= splits_[d].parts;
      tile.first[d] = splits_[d].begin(part);
      tile.count[d] = splits_[d].size(part);
    }
    tile.image = images_.begin(index);
    tile.images = images_.size(index);
    return tile;
  }

  // Source elements of the largest tile, with the gaps between rows and channels.
  template <class T>
  int64_t elements(const Axis (&axes)[kSpatial], int64_t channels) const {
    int64_t plane = 1;
    for (int d = 0; d < kSpatial; ++d) plane *= axes[d].span(splits_[d].size(0));
    return images_.size(0) * channels * (plane + kVectorBytes / sizeof(T));
  }

  // Elements of one channel of a tile. Channels that lie a multiple of a page apart would be in each other's way.
  template <class T>
  static int64_t planeOf(const Axis (&axes)[kSpatial], int64_t z, int64_t y, int64_t x) {
    const int64_t plane = axes[0].span(z) * axes[1].span(y) * axes[2].span(x);
    return plane * sizeof(T) % 1024 == 0 ? plane + kVectorBytes / sizeof(T) : plane;
  }

 private:
  Split images_, splits_[kSpatial];
};

// The source of a tile: `in` itself, from the first position on, or a copy with zeros around it.
template <class T>
Volume<const T> sourceOf(const Volume<const T>& in, int64_t channels, const Axis (&axes)[kSpatial], const Tile& tile,
                         T* scratch) {
  int64_t begin[kSpatial], span[kSpatial];
  bool isInside = true;
  for (int d = 0; d < kSpatial; ++d) {
    begin[d] = tile.first[d] * axes[d].stride + axes[d].low;
    span[d] = axes[d].span(tile.count[d]);
    isInside = isInside && begin[d] >= 0 && begin[d] + span[d] <= axes[d].in;
  }
  Volume<const T> source = in;
  if (isInside) {
    source.data = in.at(tile.image, 0, begin[0], begin[1], begin[2]);
    return source;
  }
  const int64_t plane = Tiling::planeOf<T>(axes, tile.count[0], tile.count[1], tile.count[2]);
  source = {scratch, channels * plane, plane, {span[1] * span[2], span[2], 1}};
  const int64_t left = std::clamp<int64_t>(-begin[2], 0, span[2]);
  const int64_t right = std::clamp<int64_t>(axes[2].in - begin[2], left, span[2]);
  for (int64_t n = 0; n < tile.images; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      T* to = scratch + n * source.batch + c * plane;
      for (int64_t z = begin[0]; z < begin[0] + span[0]; ++z) {
        for (int64_t y = begin[1]; y < begin[1] + span[1]; ++y, to += span[2]) {
          if (z < 0 || z >= axes[0].in || y < 0 || y >= axes[1].in) {
            std::fill(to, to + span[2], T(0));
            continue;
          }
          const T* row = in.at(tile.image + n, c, z, y, begin[2]);
          const int64_t step = in.step[2];
          std::fill(to, to + left, T(0));
          if (step == 1) {
            std::copy(row + left, row + right, to + left);
          } else {
            for (int64_t x = left; x < right; ++x) to[x] = row[x * step];
          }
          std::fill(to + right, to + span[2], T(0));
        }
      }
    }
  }
  return source;
}

// How far the weights of taps that follow each other are apart; 0 where they differ.
inline int64_t stepOfTaps(const Tap* tap, int64_t count) {
  if (count == 1) return 1;
  const int64_t step = tap[1].weight - tap[0].weight;
  for (int64_t t = 2; t < count; ++t) {
    if (tap[t].weight - tap[t - 1].weight != step) return 0;
  }
  return step;
}

// Where in a source the taps of a position read, from the least place of each dim on.
template <class T>
inline int64_t offsetOf(const Tap& tap, const Axis (&axes)[kSpatial], const Volume<T>& source) {
  int64_t offset = 0;
  for (int d = 0; d < kSpatial; ++d) offset += (tap.at[d] - axes[d].low) * source.step[d];
  return offset;
}

}  // namespace flambeau
