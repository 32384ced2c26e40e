// The largest or smallest element so far along a dim, and where it is: the last of equal elements wins, and
// from the first NaN on the result is NaN.
#include "kernels/reduce_lanes.h"

namespace flambeau {
namespace {

// (indices, input, values)
template <bool kLargest, class T>
void scanExtreme(const LaneLoop<3>& lanes) {
  lanes.forEachBlock([&](char** p, const int64_t* s, int64_t width) {
    T best[kLaneBlock];
    int64_t place[kLaneBlock];
    char *indices = p[0], *in = p[1], *values = p[2];
    for (int64_t i = 0; i < lanes.length; ++i) {
      for (int64_t j = 0; j < width; ++j) {
        const T x = *reinterpret_cast<const T*>(in + j * s[1]);
        if (i == 0 || x != x || (best[j] == best[j] && (kLargest ? x >= best[j] : x <= best[j]))) {
          best[j] = x;
          place[j] = i;
        }
        *reinterpret_cast<T*>(values + j * s[2]) = best[j];
        *reinterpret_cast<int64_t*>(indices + j * s[0]) = place[j];
      }
      indices += lanes.strides[0];
      in += lanes.strides[1];
      values += lanes.strides[2];
    }
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
