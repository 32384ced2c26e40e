// RoIPool: the largest element of each bin of a region, or the mean of its elements where each bin has channels of its own.
#include <limits>

#include "kernels/vision/regions.h"

namespace flambeau {
namespace {

struct Span {
  int64_t begin, end;
};

// A corner as a whole element; what is none lies far outside or at the first.
template <class T>
int64_t rounded(T value) {
  constexpr T kFar = T(1) * (1 << 30);
  return std::isnan(value) ? 0 : static_cast<int64_t>(std::round(std::clamp(value, -kFar, kFar)));
}

template <class T>
struct RoiPool {
  RegionGeometry g;
  const T* regions;

  explicit RoiPool(Params& params) : g(params), regions(params.pointer<T>()) {}

  // The elements of the i-th of so many bins between two corners. Regions of nothing have one element.
  Span span(T from, T to, int64_t bins, int64_t i, int64_t size) const {
    const T scale = static_cast<T>(g.scale);
    const int64_t first = rounded(from * scale);
    const int64_t length = std::max<int64_t>(rounded(to * scale) - first + (g.byPosition ? 0 : 1), 1);
    const T bin = static_cast<T>(length) / static_cast<T>(bins);
    const auto begin = static_cast<int64_t>(std::floor(static_cast<T>(i) * bin)) + first;
    const auto end = static_cast<int64_t>(std::ceil(static_cast<T>(i + 1) * bin)) + first;
    // The means leave out the last row and column, as torchvision does.
    const int64_t most = std::max<int64_t>(g.byPosition ? size - 1 : size, 0);
    return {std::clamp<int64_t>(begin, 0, most), std::clamp<int64_t>(end, 0, most)};
  }

  // Calls body(row, column, its rows of the image, its columns) for each bin of a region.
  template <class Body>
  void forBins(int64_t region, const Body& body) const {
    const T box[4] = {regions[5 * region + 1], regions[5 * region + 2], regions[5 * region + 3], regions[5 * region + 4]};
    for (int64_t row = 0; row < g.rows; ++row) {
      const Span y = span(box[1], box[3], g.rows, row, g.height);
      for (int64_t column = 0; column < g.columns; ++column) {
        body(row, column, y, span(box[0], box[2], g.columns, column, g.width));
      }
    }
  }

  void largest(const RegionImages<T>& images, const T* in, T* out, int32_t* places) const {
    g.forRegions([&](int64_t begin, int64_t end, int64_t, int64_t) {
      for (int64_t n = begin; n < end; ++n) {
        forBins(n, [&](int64_t row, int64_t column, Span y, Span x) {
          const bool isEmpty = y.end <= y.begin || x.end <= x.begin;
          for (int64_t c = 0; c < g.channels; ++c) {
            const T* plane = in + g.plane(images[n], c, row, column);
            T value = isEmpty ? T(0) : static_cast<T>(-std::numeric_limits<float>::max());
            int64_t place = -1;
            for (int64_t i = y.begin; i < y.end; ++i) {
              for (int64_t at = i * g.width + x.begin; at < i * g.width + x.end; ++at) {
                if (plane[at] > value) value = plane[at], place = at;
              }
            }
            const int64_t element = g.element(n, c, row, column);
            out[element] = value;
            places[element] = static_cast<int32_t>(place);
          }
        });
      }
    });
  }

  void largestBackward(const RegionImages<T>& images, const T* gradOut, const int32_t* places, T* grad) const {
    const int64_t size = g.height * g.width;
    g.forChannels([&](int64_t begin, int64_t end, int64_t firstChannel, int64_t endChannel) {
      for (int64_t n = begin; n < end; ++n) {
        for (int64_t c = firstChannel; c < endChannel; ++c) {
          T* plane = grad + g.plane(images[n], c, 0, 0);
          const int64_t first = g.element(n, c, 0, 0);
          for (int64_t i = first; i < first + g.bins(); ++i) {
            const int64_t place = readOnce(places[i]);
            if (inRange(place, size)) plane[place] += gradOut[i];
          }
        }
      }
    });
  }

  void means(const RegionImages<T>& images, const T* in, T* out) const {
    g.forRegions([&](int64_t begin, int64_t end, int64_t, int64_t) {
      for (int64_t n = begin; n < end; ++n) {
        forBins(n, [&](int64_t row, int64_t column, Span y, Span x) {
          const int64_t area = (y.end - y.begin) * (x.end - x.begin);
          for (int64_t c = 0; c < g.channels; ++c) {
            const T* plane = in + g.plane(images[n], c, row, column);
            T sum = 0;
            for (int64_t i = y.begin; i < y.end; ++i) {
              for (int64_t j = x.begin; j < x.end; ++j) sum += plane[i * g.width + j];
            }
            out[g.element(n, c, row, column)] = y.end > y.begin && x.end > x.begin ? sum / static_cast<T>(area) : T(0);
          }
        });
      }
    });
  }

  void meansBackward(const RegionImages<T>& images, const T* gradOut, T* grad) const {
    g.forChannels([&](int64_t begin, int64_t end, int64_t firstChannel, int64_t endChannel) {
      for (int64_t n = begin; n < end; ++n) {
        forBins(n, [&](int64_t row, int64_t column, Span y, Span x) {
          if (y.end <= y.begin || x.end <= x.begin) return;
          const auto area = static_cast<T>((y.end - y.begin) * (x.end - x.begin));
          for (int64_t c = firstChannel; c < endChannel; ++c) {
            T* plane = grad + g.plane(images[n], c, row, column);
            const T one = gradOut[g.element(n, c, row, column)] / area;
            for (int64_t i = y.begin; i < y.end; ++i) {
              for (int64_t j = x.begin; j < x.end; ++j) plane[i * g.width + j] += one;
            }
          }
        });
      }
    });
  }

  void clear(T* grad) const { std::fill_n(grad, g.images * g.inChannels() * g.height * g.width, T(0)); }
};

}  // namespace

// (dtype, geometry, regions, input, output, places of the elements or 0 for means)
FLAMBEAU_KERNEL(roiPool) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const RoiPool<T> pool(params);
    const T* in = params.pointer<T>();
    T* out = params.pointer<T>();
    int32_t* places = params.pointer<int32_t>();
    const RegionImages<T> images(params, pool.g, pool.regions);
    if (!images.areValid()) return;
    if (pool.g.byPosition) pool.means(images, in, out);
    else pool.largest(images, in, out, places);
  });
}

// (dtype, geometry, regions, gradient of the output, that of the input, places of the elements or 0 for means)
FLAMBEAU_KERNEL(roiPoolBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const RoiPool<T> pool(params);
    const T* gradOut = params.pointer<T>();
    T* grad = params.pointer<T>();
    const int32_t* places = params.pointer<int32_t>();
    const RegionImages<T> images(params, pool.g, pool.regions);
    if (!images.areValid()) return;
    pool.clear(grad);
    if (pool.g.byPosition) pool.meansBackward(images, gradOut, grad);
    else pool.largestBackward(images, gradOut, places, grad);
  });
}

}  // namespace flambeau
