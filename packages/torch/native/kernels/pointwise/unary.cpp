// Simple functions of one operand, in every dtype, and tests of it.
#include <cmath>

#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/pointwise.h"
#include "simd/float_bits.h"

namespace flambeau {
namespace {

template <class T>
constexpr bool isFloating = std::is_floating_point_v<T>;

// A kernel that rounds floating-point numbers in some way; integers have nothing to round.
template <class Round>
constexpr auto rounding(Round) {
  return []<class T>(T x) -> T {
    if constexpr (isFloating<T>) return Round{}(x);
    else return x;
  };
}

constexpr auto negate = []<class T>(T x) -> T {
  if constexpr (isFloating<T>) return -x;
  else return integer::negate(x);
};
constexpr auto absolute = []<class T>(T x) -> T {
  if constexpr (isFloating<T>) return std::abs(x);
  else return integer::magnitude(x);
};
constexpr auto square = []<class T>(T x) -> T {
  if constexpr (isFloating<T>) return x * x;
  else return integer::mul(x, x);
};
constexpr auto cube = []<class T>(T x) -> T {
  if constexpr (isFloating<T>) return x * x * x;
  else return integer::mul(integer::mul(x, x), x);
};
constexpr auto bitwiseNot = []<class T>(T x) -> T {
  if constexpr (std::is_same_v<T, Bool>) return !x;
  else return ~x;
};

const KernelRegistration unaryKernels[] = {
    pointwise<Numbers, 1>("unary.neg", negate),
    pointwise<Numbers, 1>("unary.abs", absolute),
    pointwise<AllTypes, 1>("unary.sign",
                           []<class T>(T x) { return static_cast<T>(int(x > T(0)) - int(x < T(0))); }),
    pointwise<Numbers, 1>("unary.square", square),
    pointwise<Numbers, 1>("unary.cube", cube),
    pointwise<IntegersAndBool, 1>("unary.bitwiseNot", bitwiseNot),
    pointwise<Numbers, 1>("unary.ceil", rounding([](auto x) { return std::ceil(x); })),
    pointwise<Numbers, 1>("unary.floor", rounding([](auto x) { return std::floor(x); })),
    pointwise<Numbers, 1>("unary.trunc", rounding([](auto x) { return std::trunc(x); })),
    pointwise<Numbers, 1>("unary.round", rounding([](auto x) { return std::nearbyint(x); })),
    pointwise<Floating, 1>("unary.frac", [](auto x) { return x - std::trunc(x); }),
    pointwise<Floating, 1, 2>("unary.sqrt", [](auto x) { return std::sqrt(x); }),
    pointwise<Floating, 1, 4>("unary.rsqrt", []<class T>(T x) { return T(1) / std::sqrt(x); }),
    pointwise<Floating, 1, 2>("unary.reciprocal", []<class T>(T x) { return T(1) / x; }),
    pointwise<Numbers, 1>("unary.relu", []<class T>(T x) { return x < T(0) ? T(0) : x; }),
};

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

const KernelRegistration unaryTests[] = {
    pointwise<Floating, 1, kLight, 0, BoolResult>("test.isnan", [](auto x) { return x != x; }),
    pointwise<Floating, 1, kLight, 0, BoolResult>("test.isinf",
                                                  []<class T>(T x) { return std::abs(x) == kInfinity<T>; }),
    pointwise<Floating, 1, kLight, 0, BoolResult>("test.isfinite",
                                                  []<class T>(T x) { return std::abs(x) < kInfinity<T>; }),
    pointwise<Floating, 1, kLight, 0, BoolResult>("test.isposinf", []<class T>(T x) { return x == kInfinity<T>; }),
    pointwise<Floating, 1, kLight, 0, BoolResult>("test.isneginf", []<class T>(T x) { return x == -kInfinity<T>; }),
    pointwise<Floating, 1, kLight, 0, BoolResult>(
        "test.signbit", [](auto x) { return (simd::bitsOf(x) >> (sizeof(x) * 8 - 1)) != 0; }),
    pointwise<AllTypes, 1, kLight, 0, BoolResult>("test.logicalNot", []<class T>(T x) { return x == T(0); }),
};

}  // namespace
}  // namespace flambeau
