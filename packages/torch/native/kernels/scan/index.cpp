// The largest or smallest element so far along a dim, and where it is: the last of equal elements wins, and
// from the first NaN on the result is NaN.
#include "kernels/reduce/lanes.h"

namespace flambeau {
namespace {

template <bool kLargest, class T>
inline bool takesOver(T x, T best) {
  return (x != x) | ((best == best) & (kLargest ? x >= best : x <= best));
}

// Pointers and strides (bytes) of indices, input and values.
template <bool kLargest, class T>
void scanLane(char* const* p, const int64_t* strides, int64_t n) {
  T best = *reinterpret_cast<const T*>(p[1]);
  int64_t place = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T x = *reinterpret_cast<const T*>(p[1] + i * strides[1]);
    const bool newer = takesOver<kLargest>(x, best);
    best = newer ? x : best;
    place = newer ? i : place;
    *reinterpret_cast<T*>(p[2] + i * strides[2]) = best;
    *reinterpret_cast<int64_t*>(p[0] + i * strides[0]) = place;
  }
}

// Neighbouring lanes step by step, `between` their strides.
template <bool kLargest, class T>
void scanSideBySide(char** p, const int64_t* strides, const int64_t* between, int64_t n, int64_t width) {
  T best[kLaneBlock];
  int64_t place[kLaneBlock];
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      const T x = *reinterpret_cast<const T*>(p[1] + i * strides[1] + j * between[1]);
      if (i == 0 || takesOver<kLargest>(x, best[j])) {
        best[j] = x;
        place[j] = i;
      }
      *reinterpret_cast<T*>(p[2] + i * strides[2] + j * between[2]) = best[j];
      *reinterpret_cast<int64_t*>(p[0] + i * strides[0] + j * between[0]) = place[j];
    }
  }
}

template <bool kLargest, class T>
void scanExtreme(const LaneLoop<3>& lanes) {
  lanes.forEachBlock([&](char** p, const int64_t* between, int64_t width) {
    if (width == 1) scanLane<kLargest, T>(p, lanes.strides, lanes.length);
    else scanSideBySide<kLargest, T>(p, lanes.strides, between, lanes.length, width);
  }, 4);
}

}  // namespace

// (dtype, whether the largest, lanes of indices, input, values)
FLAMBEAU_KERNEL(scanIndex) {
  const DType dtype = params.dtype();
  const bool largest = params.flag();
  const LaneLoop<3> lanes(params, {itemSize(DType::Int64), itemSize(dtype), itemSize(dtype)});
  dispatch(dtype, [&]<class T>(T) {
    if (largest) scanExtreme<true, T>(lanes);
    else scanExtreme<false, T>(lanes);
  });
}

}  // namespace flambeau
