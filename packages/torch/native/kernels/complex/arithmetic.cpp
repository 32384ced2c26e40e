// Complex numbers: arithmetic and tests. Sums and differences are those of the parts, and need no kernel.
#include "kernels/complex/complex.h"

namespace flambeau {
namespace {

constexpr auto multiply = [](auto a, auto b) { return a * b; };
constexpr auto divide = [](auto a, auto b) { return a / b; };
constexpr auto addScaled = [](auto a, auto b, auto alpha) { return a + b * alpha; };
constexpr auto addcmul = [](auto self, auto a, auto b, auto value) { return self + value * a * b; };
constexpr auto addcdiv = [](auto self, auto a, auto b, auto value) { return self + value * a / b; };

// The form that is exact at the nearer end.
constexpr auto lerp = []<class T>(Complex<T> a, Complex<T> b, Complex<T> weight) -> Complex<T> {
  const Complex<T> fromA = a + weight * (b - a), fromB = b - (b - a) * (Complex<T>(1) - weight);
  return weight.re * weight.re + weight.im * weight.im < T(0.25) ? fromA : fromB;
};

// Scaled by the larger part, so that no square leaves the range; an infinity wins over NaN.
struct Magnitude {
  template <class T>
  T operator()(T re, T im) const {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const T x = std::abs(re), y = std::abs(im);
    const T large = x > y ? x : y, small = x > y ? y : x;
    const T ratio = large == T(0) ? T(0) : small / large;
    const T size = large * std::sqrt(T(1) + ratio * ratio);
    return x == infinity || y == infinity ? infinity : x != x || y != y ? x + y : size;
  }
};

template <class T>
bool isNaN(Complex<T> z) {
  return (z.re != z.re) | (z.im != z.im);
}
template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

const KernelRegistration arithmeticKernels[] = {
    complexPointwise<2, 2>("complex.mul", multiply),
    complexPointwise<2, 4>("complex.div", divide),
    complexPointwise<2, 2, 1>("complex.addScaled", addScaled),
    complexPointwise<3, 3, 1>("complex.addcmul", addcmul),
    complexPointwise<3, 6, 1>("complex.addcdiv", addcdiv),
    complexPointwise<3, 4>("complex.lerp", lerp),
    complexPointwise<2, 4, 1>("complex.lerpScalar", lerp),
    complexPointwise<1, 2>("complex.square", [](auto z) { return z * z; }),
    complexPointwise<1, 2>("complex.cube", [](auto z) { return z * z * z; }),
    complexPointwise<1, 4>("complex.reciprocal", []<class T>(Complex<T> z) { return Complex<T>(1) / z; }),
    complexPointwise<1, 1>("complex.conj", []<class T>(Complex<T> z) { return Complex<T>(z.re, -z.im); }),
    complexPointwise<1, 4>("complex.sgn", []<class T>(Complex<T> z) {
      const T size = Magnitude()(z.re, z.im);
      return size == T(0) ? Complex<T>(T(0)) : Complex<T>(z.re / size, z.im / size);
    }),
    ofParts<3>("complex.abs", Magnitude()),
};

const KernelRegistration arithmeticTests[] = {
    complexPointwise<2, 1, 0, BoolResult>("complex.eq", [](auto a, auto b) { return a == b; }),
    complexPointwise<2, 1, 0, BoolResult>("complex.ne", [](auto a, auto b) { return !(a == b); }),
    complexPointwise<1, 1, 0, BoolResult>("complex.isnan", [](auto z) { return isNaN(z); }),
    complexPointwise<1, 1, 0, BoolResult>("complex.isinf", []<class T>(Complex<T> z) {
      return std::abs(z.re) == kInfinity<T> || std::abs(z.im) == kInfinity<T>;
    }),
    complexPointwise<1, 1, 0, BoolResult>("complex.isfinite", []<class T>(Complex<T> z) {
      return std::abs(z.re) < kInfinity<T> && std::abs(z.im) < kInfinity<T>;
    }),
};

}  // namespace
}  // namespace flambeau
