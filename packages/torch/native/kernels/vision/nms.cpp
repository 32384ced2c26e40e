// Non-maximum suppression: of boxes that overlap much, the first one stays.
#include <algorithm>

#include "kernels/indexing/common.h"
#include "kernels/kernel.h"

namespace flambeau {
namespace {

template <class T>
struct Box {
  T x1, y1, x2, y2, area;

  Box(const T* from) : x1(from[0]), y1(from[1]), x2(from[2]), y2(from[3]), area((x2 - x1) * (y2 - y1)) {}

  // Intersection over union. What is not a number overlaps with nothing.
  T overlap(const Box& other) const {
    const T width = std::max(T(0), std::min(x2, other.x2) - std::max(x1, other.x1));
    const T height = std::max(T(0), std::min(y2, other.y2) - std::max(y1, other.y1));
    const T both = width * height;
    return both / (area + other.area - both);
  }
};

}  // namespace

// (dtype, count, threshold, boxes [count, 4], order [count], kept [count]): kept[i] tells whether the box order[i] stays.
FLAMBEAU_KERNEL(suppressBoxes) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const int64_t count = params.integer();
    const double threshold = params.number();
    const T* boxes = params.pointer<T>();
    const int64_t* order = params.pointer<int64_t>();
    uint8_t* kept = params.pointer<uint8_t>();
    const Scratch<Box<T>> sorted(count);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = readOnce(order[i]);
      if (!inRange(at, count)) return params.fail(1, static_cast<double>(at));
      sorted.get()[i] = Box<T>(boxes + 4 * at);
    }
    std::fill_n(kept, count, uint8_t(1));
    for (int64_t i = 0; i < count; ++i) {
      if (!kept[i]) continue;
      const Box<T> box = sorted.get()[i];
      for (int64_t j = i + 1; j < count; ++j) {
        if (box.overlap(sorted.get()[j]) > threshold) kept[j] = 0;
      }
    }
  });
}

}  // namespace flambeau
