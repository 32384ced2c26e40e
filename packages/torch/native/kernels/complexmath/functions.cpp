// Elementary functions of complex numbers: those of the C++ library, for one number at a time.
#include "kernels/complex/complex.h"

namespace flambeau {
namespace {

template <class T>
std::complex<T> toStd(Complex<T> z) {
  return {z.re, z.im};
}
template <class T>
Complex<T> fromStd(std::complex<T> z) {
  return {z.real(), z.imag()};
}

// A kernel of a function of std::complex.
template <int Cost, class F>
KernelRegistration function(const char* name, F) {
  return complexPointwise<1, Cost>(name, []<class T>(Complex<T> z) { return fromStd(F{}(toStd(z))); });
}

template <class T>
constexpr T kLn2 = T(0.693147180559945309417232121458176568);

// e^z - 1 without the difference of two numbers that are near each other.
constexpr auto expm1 = []<class T>(std::complex<T> z) -> std::complex<T> {
  const T half = std::sin(z.imag() / T(2));
  return {std::expm1(z.real()) * std::cos(z.imag()) - T(2) * half * half, std::exp(z.real()) * std::sin(z.imag())};
};

constexpr auto log1p = []<class T>(std::complex<T> z) -> std::complex<T> {
  const T x = z.real(), y = z.imag();
  const bool isSmall = std::abs(x) < T(0.5) && std::abs(y) < T(0.5);
  return {isSmall ? std::log1p(x * (T(2) + x) + y * y) / T(2) : std::log(std::hypot(x + T(1), y)),
          std::atan2(y, x + T(1))};
};

constexpr auto power = []<class T>(Complex<T> a, Complex<T> b) { return fromStd(std::pow(toStd(a), toStd(b))); };

const KernelRegistration functionsKernels[] = {
    function<kCall>("complex.exp", [](auto z) { return std::exp(z); }),
    function<kCall>("complex.exp2", []<class T>(std::complex<T> z) { return std::exp(z * kLn2<T>); }),
    function<kCall>("complex.expm1", expm1),
    function<kCall>("complex.log", [](auto z) { return std::log(z); }),
    function<kCall>("complex.log2", []<class T>(std::complex<T> z) { return std::log(z) / kLn2<T>; }),
    function<kCall>("complex.log10", [](auto z) { return std::log10(z); }),
    function<kCall>("complex.log1p", log1p),
    function<kCall>("complex.sqrt", [](auto z) { return std::sqrt(z); }),
    function<kCall>("complex.rsqrt", []<class T>(std::complex<T> z) { return T(1) / std::sqrt(z); }),
    function<kCall>("complex.sin", [](auto z) { return std::sin(z); }),
    function<kCall>("complex.cos", [](auto z) { return std::cos(z); }),
    function<kCall>("complex.tan", [](auto z) { return std::tan(z); }),
    function<kCall>("complex.asin", [](auto z) { return std::asin(z); }),
    function<kCall>("complex.acos", [](auto z) { return std::acos(z); }),
    function<kCall>("complex.atan", [](auto z) { return std::atan(z); }),
    function<kCall>("complex.sinh", [](auto z) { return std::sinh(z); }),
    function<kCall>("complex.cosh", [](auto z) { return std::cosh(z); }),
    function<kCall>("complex.tanh", [](auto z) { return std::tanh(z); }),
    function<kCall>("complex.asinh", [](auto z) { return std::asinh(z); }),
    function<kCall>("complex.acosh", [](auto z) { return std::acosh(z); }),
    function<kCall>("complex.atanh", [](auto z) { return std::atanh(z); }),
    function<kCall>("complex.sigmoid", []<class T>(std::complex<T> z) { return T(1) / (T(1) + std::exp(-z)); }),
    complexPointwise<2, 2 * kCall>("complex.pow", power),
    ofParts<kCall>("complex.angle", []<class T>(T re, T im) { return std::atan2(im, re); }),
};

}  // namespace
}  // namespace flambeau
