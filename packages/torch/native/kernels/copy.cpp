// Copies with conversion between dtypes, and filling with one value.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/iterator.h"

namespace flambeau {
namespace {

// C++ leaves a float out of an integer's range undefined; go through int64, as the common hardware does.
template <class To, class From>
inline To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From limit = static_cast<From>(9223372036854775808.0);
    const bool fits = value >= -limit && value < limit;
    return static_cast<To>(fits ? static_cast<int64_t>(value) : INT64_MIN);
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void copyRow(To* out, const From* in, int64_t outStride, int64_t inStride, int64_t n) {
  if (outStride == 1 && inStride == 1) {
    if constexpr (std::is_same_v<To, From>) {
      std::memcpy(out, in, n * sizeof(To));
    } else {
      for (int64_t i = 0; i < n; ++i) out[i] = convert<To>(in[i]);
    }
  } else if (outStride == 1 && inStride == 0) {
    std::fill_n(out, n, convert<To>(*in));
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * outStride] = convert<To>(in[i * inStride]);
  }
}

}  // namespace

// (output dtype, input dtype, loop)
FLAMBEAU_KERNEL(copy) {
  const DType to = params.dtype(), from = params.dtype();
  const StridedLoop<2> loop(params, {itemSize(to), itemSize(from)});
  dispatch(to, [&]<class To>(To) {
    dispatch(from, [&]<class From>(From) {
      loop.forEachRow([](char** p, const int64_t* strides, int64_t n) {
        copyRow(reinterpret_cast<To*>(p[0]), reinterpret_cast<const From*>(p[1]),
                strides[0] / static_cast<int64_t>(sizeof(To)), strides[1] / static_cast<int64_t>(sizeof(From)), n);
      });
    });
  });
}

// (dtype, value, loop)
FLAMBEAU_KERNEL(fill) {
  const DType dtype = params.dtype();
  dispatch(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    const StridedLoop<1> loop(params, {itemSize(dtype)});
    loop.forEachRow([value](char** p, const int64_t* strides, int64_t n) {
      const int64_t stride = strides[0] / static_cast<int64_t>(sizeof(T));
      T* out = reinterpret_cast<T*>(p[0]);
      if (stride == 1) {
        std::fill_n(out, n, value);
      } else {
        for (int64_t i = 0; i < n; ++i) out[i * stride] = value;
      }
    });
  });
}

}  // namespace flambeau
