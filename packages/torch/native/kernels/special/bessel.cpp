// Bessel functions of the orders 0 and 1, and Airy's function, from Chebyshev series of what is smooth in them.
//
// Errors are a few units in the last place: of the value for functions that do not oscillate, and of the height of the
// wave for those that do.
#include <cmath>

#include "kernels/pointwise/special.h"
#include "kernels/special/constants.h"
#include "kernels/special/functions.h"
#include "kernels/special/series.h"
#include "kernels/special/tables.h"

namespace flambeau::special {
namespace {

constexpr double kTwoByPi = 2 / kPi;

// Where the power series ends and the waves begin.
constexpr double kWaves = 8;

// The leading wave and the other one at x > kWaves.
struct Wave {
  double scale, p, q, sine, cosine;  // of the phase

  Wave(int order, double x) {
    const double inverse = kWaves / x, z = inverse * inverse;
    p = order == 0 ? series(kP0, z, 0, 1) : series(kP1, z, 0, 1);
    q = (order == 0 ? series(kQ0, z, 0, 1) : series(kQ1, z, 0, 1)) / x;
    // The phase is x - pi/4 or x - 3 pi/4; the factor that both have stands in the scale.
    const double s = std::sin(x), c = std::cos(x);
    sine = order == 0 ? s - c : -s - c;
    cosine = order == 0 ? c + s : s - c;
    scale = std::sqrt(1 / (kPi * x));
  }
  double first() const { return scale * (p * cosine - q * sine); }
  double second() const { return scale * (p * sine + q * cosine); }
};

double besselJ0(double x) {
  const double a = std::abs(x);
  if (a < 1) {
    // The power series, which is 1 at 0 exactly.
    double sum = 1;
    for (int k = 9; k > 0; --k) sum = 1 - a * a / (4 * k * k) * sum;
    return sum;
  }
  if (a <= kWaves) return series(kJ0, a * a, 0, 64);
  return a == kInfinity ? 0 : Wave(0, a).first();
}

double besselJ1(double x) {
  const double a = std::abs(x);
  if (a <= kWaves) return x * series(kJ1, a * a, 0, 64);
  return a == kInfinity ? 0 : std::copysign(1, x) * Wave(1, a).first();
}

double besselY0(double x) {
  if (!(x >= 0)) return kNaN;
  if (x == 0) return -kInfinity;
  if (x <= kWaves) return kTwoByPi * std::log(x) * besselJ0(x) + series(kY0, x * x, 0, 64);
  return x == kInfinity ? 0 : Wave(0, x).second();
}

double besselY1(double x) {
  if (!(x >= 0)) return kNaN;
  if (x == 0) return -kInfinity;
  if (x <= kWaves) return kTwoByPi * (std::log(x) * besselJ1(x) - 1 / x) + x * series(kY1, x * x, 0, 64);
  return x == kInfinity ? 0 : Wave(1, x).second();
}

// e^x K(x) for x > 1.
double scaledK(int order, double x) {
  if (x == kInfinity) return 0;
  const double t = 1 / x;
  const double sum = x <= 4 ? order == 0 ? series(kK0Middle, t, 0.25, 1) : series(kK1Middle, t, 0.25, 1)
                            : order == 0 ? series(kK0Far, t, 0, 0.25) : series(kK1Far, t, 0, 0.25);
  return sum / std::sqrt(x);
}

// K(x) for x up to 1.
double nearK(int order, double x) {
  if (!(x >= 0)) return kNaN;
  if (x == 0) return kInfinity;
  if (order == 0) return series(kK0, x * x, 0, 1) - std::log(x) * besselI0(x);
  return 1 / x + (std::log(x) * besselI1(x) + x * series(kK1, x * x, 0, 1));
}

// e^-x may be a denormal number where the result is none: so in two steps.
double modifiedK(int order, double x) {
  if (!(x > 1)) return nearK(order, x);
  const double root = std::exp(-x / 2);
  return root * scaledK(order, x) * root;
}

double modifiedBesselK0(double x) { return modifiedK(0, x); }
double modifiedBesselK1(double x) { return modifiedK(1, x); }
double scaledModifiedBesselK0(double x) { return x > 1 ? scaledK(0, x) : nearK(0, x) * std::exp(x); }
double scaledModifiedBesselK1(double x) { return x > 1 ? scaledK(1, x) : nearK(1, x) * std::exp(x); }

double sphericalBesselJ0(double x) {
  if (x == 0) return 1;
  return std::abs(x) == kInfinity ? 0 : std::sin(x) / x;
}

// 2/3 x^(3/2) for x > 0 as a number and what it lacks: as a phase or an exponent it counts absolutely.
struct Phase {
  double value, rest;

  explicit Phase(double x) {
    constexpr double third = 2.0 / 3, thirdRest = 3.7007434154171883e-17;
    const double root = std::sqrt(x), rootRest = std::fma(-root, root, x) / (2 * root);
    const double product = x * root, productRest = std::fma(x, root, -product) + x * rootRest;
    value = third * product;
    rest = std::fma(third, product, -value) + thirdRest * product + third * productRest;
  }
};

double airyAi(double x) {
  if (x != x) return x;
  constexpr double scale = 0.28209479177387814;  // 1 / (2 sqrt(pi))
  if (x >= 0 && x <= 1) return series(kAiryNear, x, 0, 1);
  if (x < 0 && x >= -3) return series(kAiryNegative, x, -3, 0);
  if (x < 0 && x >= -6) return series(kAiryWaves, x, -6, -3);
  if (std::abs(x) > 1e100) return 0;  // less than the smallest number, or as far from one wave to the next
  const Phase phase(std::abs(x));
  if (x > 0) {
    const double factor = x <= 4 ? series(kAiryMiddle, x, 1, 4)
                                 : scale * series(kAiryFar, 1 / phase.value, 0, 0.1875) / std::sqrt(std::sqrt(x));
    const double root = std::exp(-phase.value / 2);
    return root * (factor * (1 - phase.rest)) * root;
  }
  const double s = std::sin(phase.value), c = std::cos(phase.value);
  const double s1 = std::sin(phase.rest), c1 = std::cos(phase.rest);
  const double sine = s * c1 + c * s1, cosine = c * c1 - s * s1;
  constexpr double end = 1 / 96.0;  // the inverse square of the phase at -6
  const double w = 1 / (phase.value * phase.value);
  const double f = series(kAiryF, w, 0, end), g = series(kAiryG, w, 0, end) / phase.value;
  // sin and cos of the phase and pi/4, whose factor makes the scale.
  constexpr double wave = 0.39894228040143268;  // 1 / sqrt(2 pi)
  return wave * ((sine + cosine) * f - (cosine - sine) * g) / std::sqrt(std::sqrt(-x));
}

const KernelRegistration besselKernels[] = {
    kernelOf<besselJ0>("unary.besselJ0"),
    kernelOf<besselJ1>("unary.besselJ1"),
    kernelOf<besselY0>("unary.besselY0"),
    kernelOf<besselY1>("unary.besselY1"),
    kernelOf<modifiedBesselK0>("unary.modifiedBesselK0"),
    kernelOf<modifiedBesselK1>("unary.modifiedBesselK1"),
    kernelOf<scaledModifiedBesselK0>("unary.scaledModifiedBesselK0"),
    kernelOf<scaledModifiedBesselK1>("unary.scaledModifiedBesselK1"),
    kernelOf<besselI0e>("unary.i0e"),
    kernelOf<besselI1e>("unary.i1e"),
    kernelOf<sphericalBesselJ0>("unary.sphericalBesselJ0"),
    kernelOf<airyAi>("unary.airyAi"),
};

}  // namespace
}  // namespace flambeau::special
