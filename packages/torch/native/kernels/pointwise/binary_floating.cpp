// Functions of two floating-point numbers, and the derivatives of activations as functions of two.
#include <cmath>

#include "kernels/pointwise/pointwise.h"
#include "kernels/pointwise/special.h"
#include "simd/activation.h"

namespace flambeau {
namespace {

template <class T>
T logAddExp(T a, T b) {
  const T largest = a > b ? a : b;
  const T sum = largest + simd::log1p(simd::exp(-std::abs(a - b)));
  return a == b && std::abs(a) == simd::kInfinity<T> ? a : a != a || b != b ? simd::kNaN<T> : sum;
}

template <class T>
T logAddExp2(T a, T b) {
  const T largest = a > b ? a : b;
  constexpr T log2e = T(1.4426950408889634), ln2 = T(0.6931471805599453);
  const T sum = largest + log2e * simd::log1p(simd::exp(-std::abs(a - b) * ln2));
  return a == b && std::abs(a) == simd::kInfinity<T> ? a : a != a || b != b ? simd::kNaN<T> : sum;
}

template <class T>
T xlogy(T a, T b) {
  const T product = a == T(0) ? T(0) : a * simd::log(b);
  return b != b ? b : product;
}

// The neighbour of a in the direction of b.
constexpr auto nextAfter = []<class T>(T a, T b) -> T {
  if constexpr (isHalf<T>) {
    const float x = a, y = b;
    if (x == y || x != x || y != y) return x == y ? b : static_cast<T>(x + y);
    const auto sign = static_cast<uint16_t>(y < 0 ? 0x8000 : 0);
    if (x == 0) return std::bit_cast<T>(static_cast<uint16_t>(sign | 1));
    // Away from zero the bits count up.
    return std::bit_cast<T>(static_cast<uint16_t>(a.bits + ((x < y) == (x > 0) ? 1 : -1)));
  } else {
    return std::nextafter(a, b);
  }
};

const KernelRegistration binaryFloatingKernels[] = {
    pointwise<Floating, 2, kHeavy>("binary.atan2", [](auto a, auto b) { return simd::atan2(a, b); }),
    pointwise<Floating, 2, kHeavy>("binary.hypot", [](auto a, auto b) { return simd::hypot(a, b); }),
    pointwise<Floating, 2, kHeavy>("binary.logaddexp", [](auto a, auto b) { return logAddExp(a, b); }),
    pointwise<Floating, 2, kHeavy>("binary.logaddexp2", [](auto a, auto b) { return logAddExp2(a, b); }),
    pointwise<Floating, 2, kHeavy>("binary.xlogy", [](auto a, auto b) { return xlogy(a, b); }),
    pointwise<Floating, 2, kHeavy>("binary.ldexp", []<class T>(T a, T b) -> T { return a * simd::exp2(b); }),
    pointwise<Floating, 2>("binary.copysign", [](auto a, auto b) { return std::copysign(a, b); }),
    pointwise<WithHalf<Floating>, 2, kCall>("binary.nextafter", nextAfter),
    pointwise<Floating, 2, 4 * kCall>("binary.igamma",
                                      []<class T>(T a, T x) { return static_cast<T>(special::lowerGamma(a, x)); }),
    pointwise<Floating, 2, 4 * kCall>("binary.igammac",
                                      []<class T>(T a, T x) { return static_cast<T>(special::upperGamma(a, x)); }),
};

const KernelRegistration derivatives[] = {
    pointwise<Numbers, 2>("binary.reluBackward", []<class T>(T grad, T x) { return x <= T(0) ? T(0) : grad; }),
    pointwise<Numbers, 2, kLight, 1>("binary.thresholdBackward",
                                     []<class T>(T grad, T x, T threshold) { return x <= threshold ? T(0) : grad; }),
    pointwise<Floating, 2, kLight, 1>("binary.leakyReluBackward",
                                      []<class T>(T grad, T x, T slope) { return x > T(0) ? grad : grad * slope; }),
    pointwise<Floating, 2>("binary.sigmoidBackward", []<class T>(T grad, T y) { return grad * (T(1) - y) * y; }),
    pointwise<Floating, 2>("binary.tanhBackward", []<class T>(T grad, T y) { return grad * (T(1) - y * y); }),
    pointwise<Floating, 2, kHeavy>("binary.siluBackward", [](auto grad, auto x) { return grad * simd::siluSlope(x); }),
    pointwise<Floating, 2, kHeavy>("binary.geluBackward", [](auto grad, auto x) { return grad * simd::geluSlope(x); }),
    pointwise<Floating, 2, kHeavy>("binary.geluTanhBackward",
                                   [](auto grad, auto x) { return grad * simd::geluTanhSlope(x); }),
};

}  // namespace
}  // namespace flambeau
