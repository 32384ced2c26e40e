// Functions of three operands.
#include <cmath>

#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/half.h"

namespace flambeau {
namespace {

constexpr auto addcmul = []<class T>(T self, T a, T b, T value) -> T {
  if constexpr (std::is_floating_point_v<T>) return self + value * a * b;
  else return integer::add(self, integer::mul(integer::mul(value, a), b));
};

// The form that is exact at the nearer end.
constexpr auto lerp = []<class T>(T a, T b, T weight) -> T {
  const T fromA = a + weight * (b - a), fromB = b - (b - a) * (T(1) - weight);
  return std::abs(weight) < T(0.5) ? fromA : fromB;
};

constexpr auto clamp = []<class T>(T x, T low, T high) -> T {
  T result = x < low ? low : x;
  result = result > high ? high : result;
  return low != low || high != high ? low + high : result;
};

const KernelRegistration ternaryKernels[] = {
    pointwise<Numbers, 3, kLight, 1>("ternary.addcmul", addcmul),
    pointwise<Floating, 3, 2, 1>("ternary.addcdiv",
                                 [](auto self, auto a, auto b, auto value) { return self + value * a / b; }),
    pointwise<Floating, 3>("ternary.lerp", lerp),
    pointwise<Floating, 2, kLight, 1>("binary.lerp", lerp),
    pointwise<Numbers, 3>("ternary.clamp", clamp),
};

template <class Word>
void selectRow(char* const* data, int64_t n, const void*) {
  Word* out = reinterpret_cast<Word*>(data[0]);
  const uint8_t* condition = reinterpret_cast<const uint8_t*>(data[1]);
  const Word* a = reinterpret_cast<const Word*>(data[2]);
  const Word* b = reinterpret_cast<const Word*>(data[3]);
  FLAMBEAU_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) {
    const Word x = a[i], y = b[i];
    out[i] = condition[i] != 0 ? x : y;
  }
}

template <class T>
void frexpRow(char* const* data, int64_t n, const void*) {
  T* mantissa = reinterpret_cast<T*>(data[0]);
  int32_t* exponent = reinterpret_cast<int32_t*>(data[1]);
  const T* in = reinterpret_cast<const T*>(data[2]);
  for (int64_t i = 0; i < n; ++i) {
    int power = 0;
    const T x = in[i];
    mantissa[i] = std::frexp(x, &power);
    exponent[i] = std::isfinite(x) ? power : 0;
  }
}

}  // namespace

// (dtype, loop over output, bool condition, a, b)
FLAMBEAU_KERNEL(where) {
  const int size = itemSize(params.dtype());
  const auto run = dispatchSize(size, []<class Word>(Word) -> RunFunction { return selectRow<Word>; });
  runPointwise(params, {.run = run, .operands = 4, .itemSizes = {size, 1, size, size}});
}

// (dtype, loop over mantissa, int32 exponent, input)
FLAMBEAU_KERNEL(frexp) {
  const DType dtype = params.dtype();
  const int size = itemSize(dtype);
  const auto run = dispatchFloating(computedIn(dtype), []<class T>(T) -> RunFunction { return frexpRow<T>; });
  const PointwiseLoop loop{.run = run, .operands = 3, .outputs = 2, .itemSizes = {size, 4, size}, .cost = kCall};
  if (computedIn(dtype) == dtype) return runPointwise(params, loop);
  runPointwiseInFloat(params, loop, {dtype, DType::Int32, dtype});
}

}  // namespace flambeau
