// Copies with conversion between dtypes, and filling with one value.
#include <cmath>
#include <type_traits>

#include "kernels/iterator.h"
#include "kernels/pointwise/pointwise.h"

namespace flambeau {
namespace {

// C++ leaves a float out of an integer's range undefined. As PyTorch on common hardware: it becomes the
// smallest int64 or int32, and narrower types take the low bits of the latter.
template <class To, class From>
inline To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using Integer = std::conditional_t<sizeof(To) == 8, int64_t, int32_t>;
    constexpr From limit = sizeof(To) == 8 ? From(0x1p63) : From(0x1p31);
    const bool fits = value >= -limit && value < limit;
    const Integer whole = static_cast<Integer>(fits ? value : From(0));
    return static_cast<To>(fits ? whole : std::numeric_limits<Integer>::min());
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void convertRow(char* const* data, int64_t n, const void*) {
  To* out = reinterpret_cast<To*>(data[0]);
  const From* in = reinterpret_cast<const From*>(data[1]);
  for (int64_t i = 0; i < n; ++i) out[i] = convert<To>(in[i]);
}

template <class From>
RunFunction conversionFrom(DType to) {
  return dispatch(to, []<class To>(To) -> RunFunction { return convertRow<To, From>; });
}

template <int size>
void copyRow(char* const* data, int64_t n, const void*) {
  std::memcpy(data[0], data[1], n * size);
}

template <class T>
void fillRow(char* const* data, int64_t n, const void* context) {
  std::fill_n(reinterpret_cast<T*>(data[0]), n, *static_cast<const T*>(context));
}

void copySame(Params& params, int size) {
  const RunFunction run = size == 8 ? copyRow<8> : size == 4 ? copyRow<4> : size == 2 ? copyRow<2> : copyRow<1>;
  runPointwise(params, {.run = run, .operands = 2, .itemSizes = {size, size}});
}

}  // namespace

// (output dtype, input dtype, loop)
FLAMBEAU_KERNEL(copy) {
  const DType to = params.dtype(), from = params.dtype();
  if (to == from) return copySame(params, itemSize(to));
  const RunFunction run = dispatch(from, [to]<class From>(From) { return conversionFrom<From>(to); });
  runPointwise(params, {.run = run, .operands = 2, .itemSizes = {itemSize(to), itemSize(from)}});
}

// (dtype, value, loop)
FLAMBEAU_KERNEL(fill) {
  const DType dtype = params.dtype();
  dispatch(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    runPointwise(params, {.run = fillRow<T>, .context = &value, .operands = 1, .itemSizes = {itemSize(dtype)}});
  });
}

}  // namespace flambeau
