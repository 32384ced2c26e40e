// Activation functions, and other functions of one operand with scalar parameters.
#include "kernels/pointwise/pointwise.h"
#include "simd/activation.h"

namespace flambeau {
namespace {

const KernelRegistration activations[] = {
    pointwise<Floating, 1, kHeavy>("unary.sigmoid", [](auto x) { return simd::sigmoid(x); }),
    pointwise<Floating, 1, kHeavy>("unary.logSigmoid", [](auto x) { return simd::logSigmoid(x); }),
    pointwise<Floating, 1, kHeavy>("unary.silu", [](auto x) { return simd::silu(x); }),
    pointwise<Floating, 1, kHeavy>("unary.mish", [](auto x) { return simd::mish(x); }),
    pointwise<Floating, 1, kHeavy>("unary.gelu", [](auto x) { return simd::gelu(x); }),
    pointwise<Floating, 1, kHeavy>("unary.geluTanh", [](auto x) { return simd::geluTanh(x); }),
    pointwise<Floating, 1, 2>("unary.hardsigmoid", [](auto x) { return simd::hardsigmoid(x); }),
    pointwise<Floating, 1, 2>("unary.hardswish", [](auto x) { return x * simd::hardsigmoid(x); }),
    pointwise<Floating, 1, kHeavy, 2>("unary.softplus", [](auto x, auto beta, auto threshold) {
      return simd::softplus(x, beta, threshold);
    }),
    pointwise<Floating, 1, kLight, 1>("unary.leakyRelu",
                                      []<class T>(T x, T slope) { return x > T(0) ? x : x * slope; }),
    pointwise<Floating, 1, kHeavy, 3>("unary.elu", []<class T>(T x, T alpha, T scale, T inputScale) {
      const T negative = simd::expm1(x * inputScale) * (alpha * scale);
      return x <= T(0) ? negative : x * scale;
    }),
};

const KernelRegistration limits[] = {
    pointwise<Numbers, 1, kLight, 2>("unary.clamp", []<class T>(T x, T low, T high) {
      const T result = simd::clampKeepNaN(x, low, high);
      return low != low || high != high ? low + high : result;  // a limit that is NaN makes everything NaN
    }),
    pointwise<Numbers, 1, kLight, 2>("unary.threshold",
                                     [](auto x, auto threshold, auto value) { return x <= threshold ? value : x; }),
    pointwise<Floating, 1, kLight, 3>("unary.nanToNum", []<class T>(T x, T nan, T positive, T negative) {
      T result = x == simd::kInfinity<T> ? positive : x;
      result = x == -simd::kInfinity<T> ? negative : result;
      return x != x ? nan : result;
    }),
    // Rounds to a multiple of 1 / factor, or of the factor itself.
    pointwise<Floating, 1, 4, 1>("unary.roundFraction",
                                 [](auto x, auto factor) { return std::nearbyint(x * factor) / factor; }),
    pointwise<Floating, 1, 4, 1>("unary.roundMultiple",
                                 [](auto x, auto factor) { return std::nearbyint(x / factor) * factor; }),
};

}  // namespace
}  // namespace flambeau
