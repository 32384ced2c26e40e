#include "kernels/special/functions.h"

#include "kernels/pointwise/half.h"

namespace flambeau::special {
namespace {

constexpr int kCost = 60;

template <class T>
void apply(Function1 function, char* const* data, int64_t n) {
  auto* out = reinterpret_cast<T*>(data[0]);
  const auto* x = reinterpret_cast<const T*>(data[1]);
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(function(x[i]));
}

template <class T>
void apply(Function2 function, char* const* data, int64_t n) {
  auto* out = reinterpret_cast<T*>(data[0]);
  const auto *x = reinterpret_cast<const T*>(data[1]), *y = reinterpret_cast<const T*>(data[2]);
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(function(x[i], y[i]));
}

template <class T, class Function>
void applyRow(char* const* data, int64_t n, const void* context) {
  apply<T>(*static_cast<const Function*>(context), data, n);
}

template <class Function>
void run(Params& params, Function function, int operands) {
  const DType dtype = params.dtype();
  const DType computed = computedIn(dtype);
  RunFunction row;
  switch (computed) {
    case DType::Float32: row = applyRow<float, Function>; break;
    case DType::Float64: row = applyRow<double, Function>; break;
    default: return params.fail(kUnsupportedDType, static_cast<int>(dtype));
  }
  const int size = itemSize(dtype);
  const PointwiseLoop loop{
      .run = row, .context = &function, .operands = operands, .itemSizes = {size, size, size}, .cost = kCost};
  if (computed == dtype) return runPointwise(params, loop);
  runPointwiseInFloat(params, loop, {dtype, dtype, dtype});
}

}  // namespace

void runFunction(Params& params, Function1 function) { run(params, function, 2); }
void runFunction(Params& params, Function2 function) { run(params, function, 3); }

}  // namespace flambeau::special
