// What the kernels of regions of interest share: a region is a row (image, x1, y1, x2, y2), cut into bins, and each bin of
// each channel becomes one number.
#pragma once
#include <algorithm>
#include <cmath>

#include "kernels/indexing/common.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {

constexpr int64_t kRegionGrain = 16384;

struct RegionGeometry {
  int64_t regions, images, channels, height, width;  // channels: of the result
  int64_t rows, columns;                             // bins
  bool byPosition;                                   // each bin has channels of the input of its own
  double scale;

  explicit RegionGeometry(Params& params)
      : regions(params.integer()), images(params.integer()), channels(params.integer()), height(params.integer()),
        width(params.integer()), rows(params.integer()), columns(params.integer()), byPosition(params.flag()),
        scale(params.number()) {}

  int64_t bins() const { return rows * columns; }
  int64_t inChannels() const { return byPosition ? channels * bins() : channels; }

  // Where the plane lies that a bin of a channel looks at.
  int64_t plane(int64_t image, int64_t channel, int64_t row, int64_t column) const {
    const int64_t own = byPosition ? (channel * rows + row) * columns + column : channel;
    return (image * inChannels() + own) * height * width;
  }
  int64_t element(int64_t region, int64_t channel, int64_t row, int64_t column) const {
    return ((region * channels + channel) * rows + row) * columns + column;
  }

  // Sizes of what has no elements may be so large that their product is no number.
  bool isEmpty() const { return regions == 0 || channels == 0; }

  // Regions are shared out where each writes numbers of its own, channels where regions write into the same images.
  template <class Body>
  void forRegions(const Body& body) const {
    if (isEmpty()) return;
    const int64_t work = std::max<int64_t>(1, channels * bins());
    parallelFor(regions, 1 + kRegionGrain / work, [&](int64_t begin, int64_t end) { body(begin, end, int64_t{0}, channels); });
  }
  template <class Body>
  void forChannels(const Body& body) const {
    if (isEmpty()) return;
    const int64_t work = std::max<int64_t>(1, regions * bins());
    parallelFor(channels, 1 + kRegionGrain / work, [&](int64_t begin, int64_t end) { body(int64_t{0}, regions, begin, end); });
  }
};

// The image of each region, read once; reports one that does not exist.
template <class T>
class RegionImages {
 public:
  RegionImages(Params& params, const RegionGeometry& g, const T* regions) : images_(g.regions) {
    for (int64_t i = 0; i < g.regions; ++i) {
      const T image = regions[5 * i];
      if (!(image >= T(0) && image < static_cast<T>(g.images))) {
        params.fail(1, static_cast<double>(image));
        isValid_ = false;
        return;
      }
      images_.get()[i] = std::min(static_cast<int64_t>(image), g.images - 1);
    }
  }

  bool areValid() const { return isValid_; }
  int64_t operator[](int64_t region) const { return images_.get()[region]; }

 private:
  Scratch<int64_t> images_;
  bool isValid_ = true;
};

}  // namespace flambeau
