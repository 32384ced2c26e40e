// Arithmetic of two operands, in every dtype.
#include <cmath>

#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/pointwise.h"
#include "runtime/atomic.h"

namespace flambeau {
namespace {

template <class T>
constexpr bool isFloating = std::is_floating_point_v<T>;

template <class T>
bool isNaN(T x) {
  return x != x;
}

constexpr auto add = []<class T>(T a, T b) -> T {
  if constexpr (std::is_same_v<T, Bool>) return a | b;
  else if constexpr (isFloating<T>) return a + b;
  else return integer::add(a, b);
};
constexpr auto subtract = []<class T>(T a, T b) -> T {
  if constexpr (isFloating<T>) return a - b;
  else return integer::sub(a, b);
};
constexpr auto multiply = []<class T>(T a, T b) -> T {
  if constexpr (std::is_same_v<T, Bool>) return a & b;
  else if constexpr (isFloating<T>) return a * b;
  else return integer::mul(a, b);
};
constexpr auto addScaled = []<class T>(T a, T b, T alpha) -> T { return add(a, multiply(b, alpha)); };

constexpr auto truncDivide = []<class T>(T a, T b) -> T {
  if constexpr (isFloating<T>) return std::trunc(a / b);
  else return integer::truncDivide(a, b);
};

const KernelRegistration binaryKernels[] = {
    pointwise<AllTypes, 2>("binary.add", add),
    pointwise<Numbers, 2>("binary.sub", subtract),
    pointwise<AllTypes, 2>("binary.mul", multiply),
    pointwise<Floating, 2, 2>("binary.div", [](auto a, auto b) { return a / b; }),
    pointwise<AllTypes, 2, kLight, 1>("binary.addScaled", addScaled),
    pointwise<Numbers, 2, 4>("binary.truncDivide", truncDivide),
    pointwise<AllTypes, 2>("binary.maximum", [](auto a, auto b) { return isNaN(a) || a > b ? a : b; }),
    pointwise<AllTypes, 2>("binary.minimum", [](auto a, auto b) { return isNaN(a) || a < b ? a : b; }),
    pointwise<AllTypes, 2>("binary.fmax", [](auto a, auto b) { return isNaN(b) || a > b ? a : b; }),
    pointwise<AllTypes, 2>("binary.fmin", [](auto a, auto b) { return isNaN(b) || a < b ? a : b; }),
    pointwise<AllTypes, 2>("binary.heaviside",
                           []<class T>(T a, T b) { return a == T(0) ? b : static_cast<T>(a > T(0)); }),
};

void findZero(char* const* data, int64_t n, const void* context) {
  const char* divisors = data[0];
  auto& [size, found] = *const_cast<std::pair<int, Atomic<bool>>*>(
      static_cast<const std::pair<int, Atomic<bool>>*>(context));
  for (int64_t i = 0; i < n; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, divisors + i * size, size);
    if (bits == 0) found = true;
  }
}

}  // namespace

// (integer dtype, loop over divisors): fails with code 2 where one of them is zero.
FLAMBEAU_KERNEL(requireNonZero) {
  const int size = itemSize(params.dtype());
  std::pair<int, Atomic<bool>> search(size, false);
  runPointwise(params, {.run = findZero, .context = &search, .operands = 1, .outputs = 0, .itemSizes = {size}});
  if (search.second) params.fail(2, 0);
}

}  // namespace flambeau
