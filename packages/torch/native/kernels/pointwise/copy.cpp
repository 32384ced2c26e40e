// Copies with conversion between dtypes, and filling with one value.
#include "kernels/iterator.h"
#include "kernels/pointwise/half.h"

namespace flambeau {
namespace {

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

template <class Word>
void copyRow(char* const* data, int64_t n, const void*) {
  std::memcpy(data[0], data[1], n * sizeof(Word));
}

template <class T>
void fillRow(char* const* data, int64_t n, const void* context) {
  std::fill_n(reinterpret_cast<T*>(data[0]), n, *static_cast<const T*>(context));
}

void copySame(Params& params, int size) {
  const auto run = dispatchSize(size, []<class Word>(Word) -> RunFunction { return copyRow<Word>; });
  runPointwise(params, {.run = run, .operands = 2, .itemSizes = {size, size}, .copies = true});
}

}  // namespace

// (output dtype, input dtype, loop)
FLAMBEAU_KERNEL(copy) {
  const DType to = params.dtype(), from = params.dtype();
  if (to == from) return copySame(params, itemSize(to));
  const DType out = computedIn(to), in = computedIn(from);
  const RunFunction run = dispatch(in, [out]<class From>(From) { return conversionFrom<From>(out); });
  const PointwiseLoop loop{.run = run, .operands = 2, .itemSizes = {itemSize(to), itemSize(from)}};
  if (to == out && from == in) return runPointwise(params, loop);
  runPointwiseInFloat(params, loop, {to, from});
}

// (dtype, value, loop)
FLAMBEAU_KERNEL(fill) {
  const DType dtype = params.dtype();
  dispatchStored(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    runPointwise(params, {.run = fillRow<T>, .context = &value, .operands = 1, .itemSizes = {itemSize(dtype)}});
  });
}

}  // namespace flambeau
