// Relatives of the error function: the normal distribution and its inverse; and x ln x.
#include <cmath>

#include "kernels/pointwise/special.h"
#include "kernels/special/constants.h"
#include "kernels/special/functions.h"
#include "kernels/special/series.h"
#include "kernels/special/tables.h"

namespace flambeau::special {
namespace {

constexpr double kRootHalf = 0.70710678118654752440;

// e^(scale x^2): the square's rounding would count as often as the exponent is large.
double expOfSquare(double x, double scale) {
  if (std::abs(x) > 1000) return scale < 0 ? 0 : kInfinity;
  const double square = x * x;
  return std::exp(scale * square) * (1 + scale * std::fma(x, x, -square));
}

// erfcx for x ≥ 1: Goodwin's trapezoidal sum of the integral of e^(-t^2) / (t^2 + x^2), whose error is less than
// e^-(pi / step)^2 once the pole is accounted for.
double scaledErfcFar(double x) {
  constexpr double step = 0.5;
  if (x > 1e8) return 1 / (std::sqrt(kPi) * x);
  const double square = x * x;
  double sum = 0.5 / square, decay = 1;
  constexpr double first = 0.77880078307140487, ratio = 0.60653065971263342;  // e^-1/4, e^-1/2
  double factor = first;
  for (int n = 1; n <= 13; ++n) {
    decay *= factor;  // e^-(n/2)^2
    factor *= ratio;
    sum += decay / (n * n * (step * step) + square);
  }
  double result = 2 * step / kPi * x * sum;
  if (x < kPi / step) result -= 2 * expOfSquare(x, 1) / std::expm1(2 * kPi / step * x);
  return result;
}

double erfcx(double x) {
  if (x >= 1) return scaledErfcFar(x);
  if (x < -1) return 2 * expOfSquare(x, 1) - scaledErfcFar(-x);
  return std::exp(x * x) * std::erfc(x);
}

// erfcx(-x / sqrt(2)): the part of the left tail that does not decay as e^(-x^2 / 2).
double scaledTail(double x) { return erfcx(-x * kRootHalf); }

double ndtr(double x) {
  if (x < -1) {
    const double root = std::exp(-x * x / 4);  // of the decay, which may be a denormal number
    const double exact = std::fma(x, x, -(x * x));
    return root == 0 ? 0 : 0.5 * root * (scaledTail(x) * (1 - exact / 2)) * root;
  }
  return 0.5 * std::erfc(-x * kRootHalf);
}

double logNdtr(double x) {
  if (x < -1) return std::log(scaledTail(x) / 2) - x * x / 2;
  return std::log1p(-ndtr(-x));
}

// The inverse of ndtr for p up to a half, far from it: the logarithm of p is what the quantile goes with.
double lowerQuantile(double p) {
  const double t = std::sqrt(-std::log(p));
  if (t < 2.5) return series(kNormalNear, t, 1.3, 2.5);
  return t < 7 ? series(kNormalMiddle, t, 2.5, 7) : series(kNormalFar, t, 7, 28);
}

double ndtri(double p) {
  if (!(p >= 0 && p <= 1)) return kNaN;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  const double y = p - 0.5, z = y * y;
  if (z <= 0.125) return y * series(kNormalCentre, z, 0, 0.125);
  return p < 0.5 ? lowerQuantile(p) : -lowerQuantile(1 - p);
}

double entr(double x) {
  if (x != x) return x;
  if (x > 0) return -x * std::log(x);
  return x == 0 ? 0 : -kInfinity;
}

double xlog1py(double x, double y) {
  if (y != y) return y;
  return x == 0 ? 0 : x * std::log1p(y);
}

const KernelRegistration errorKernels[] = {
    kernelOf<entr>("unary.entr"),       kernelOf<erfcx>("unary.erfcx"), kernelOf<ndtr>("unary.ndtr"),
    kernelOf<logNdtr>("unary.logNdtr"), kernelOf<ndtri>("unary.ndtri"), kernelOf<xlog1py>("binary.xlog1py"),
    kernelOf<zeta>("binary.zeta"),
};

}  // namespace
}  // namespace flambeau::special
