// Orthogonal polynomials of a degree that is an operand, too.
#include <cmath>
#include <cstdint>

#include "kernels/special/constants.h"
#include "kernels/special/functions.h"

namespace flambeau::special {
namespace {

// Steps that a number may take.
constexpr double kLongest = 1 << 20;

bool isOdd(double n) { return std::fmod(n, 2) != 0; }

// The degree that an operand means: what is below 0 gives the polynomial 0, and NaN gives NaN.
template <class Polynomial>
double ofDegree(double degree, const Polynomial& polynomial) {
  if (degree != degree) return kNaN;
  // What is larger has no fraction.
  const double n = std::abs(degree) < 0x1p52 ? static_cast<double>(static_cast<int64_t>(degree)) : degree;
  return n < 0 ? 0 : polynomial(n);
}

// The polynomial of degree n ≥ 0 by next(k, value, previous), the step from degree k to the one above. Both values are
// scaled down together where they would overflow on the way, so that the sign at the end is right.
template <class Next>
double recurrence(double n, double first, double second, const Next& next) {
  if (n > kLongest) return kNaN;
  if (n == 0) return first;
  constexpr double large = 0x1p500;
  if (std::abs(second) > large && n > 2) return isOdd(n) ? std::copysign(kInfinity, second) : kInfinity;
  double previous = first, value = second;
  int scale = 0;
  for (int k = 1; k < static_cast<int>(n); ++k) {
    const double above = next(k, value, previous);
    previous = value;
    value = above;
    if (std::abs(value) > large) {
      value /= large;
      previous /= large;
      scale += 500;
    }
  }
  return scale == 0 ? value : std::ldexp(value, scale);
}

// The four kinds of Chebyshev polynomials; they differ in their first member, and in which half of the angle they have.
enum Kind { T, U, V, W };

// Their values at 1; those at -1 are, but for their signs, those of the kind that has the other half.
double atEnd(Kind kind, double n) {
  if (kind == T) return 1;
  return kind == U ? n + 1 : kind == V ? 1 : 2 * n + 1;
}

double insideByAngle(Kind kind, double n, double x) {
  const double angle = std::acos(x);
  switch (kind) {
    case T: return std::cos(n * angle);
    case U: return std::sin((n + 1) * angle) / std::sin(angle);
    case V: return std::cos((n + 0.5) * angle) / std::cos(angle / 2);
    case W: return std::sin((n + 0.5) * angle) / std::sin(angle / 2);
  }
  return kNaN;
}

// For x > 1, with the hyperbolic functions of the same angle.
double outsideByAngle(Kind kind, double n, double x) {
  if (x == kInfinity) return x;
  const double angle = std::acosh(x);
  switch (kind) {
    case T: return std::cosh(n * angle);
    case U: return std::exp(n * angle) * (std::expm1(-2 * (n + 1) * angle) / std::expm1(-2 * angle));
    case V: return std::cosh((n + 0.5) * angle) / std::cosh(angle / 2);
    case W: return std::exp(n * angle) * (std::expm1(-(2 * n + 1) * angle) / std::expm1(-angle));
  }
  return kNaN;
}

Kind mirrored(Kind kind) { return kind == V ? W : kind == W ? V : kind; }

template <Kind kind>
double chebyshev(double x, double degree) {
  return ofDegree(degree, [x](double n) -> double {
    // p(-x) is p(x) or -p(x), where V and W change places.
    const double sign = isOdd(n) ? -1 : 1;
    if (x == 1) return atEnd(kind, n);
    if (x == -1) return sign * atEnd(mirrored(kind), n);
    if (n > (std::abs(x) < 1 ? 8 : 64)) {
      if (std::abs(x) < 1) return insideByAngle(kind, n, x);
      return x > 1 ? outsideByAngle(kind, n, x) : sign * outsideByAngle(mirrored(kind), n, -x);
    }
    constexpr double shift = kind == V ? -1 : kind == W ? 1 : 0;
    const double second = kind == T ? x : 2 * x + shift;
    return recurrence(n, 1, second, [x](int, double value, double previous) { return 2 * x * value - previous; });
  });
}

template <Kind kind>
double shifted(double x, double degree) { return chebyshev<kind>(2 * x - 1, degree); }

double hermiteH(double x, double degree) {
  return ofDegree(degree, [x](double n) -> double {
    return recurrence(n, 1, 2 * x, [x](int k, double value, double previous) { return 2 * (x * value - k * previous); });
  });
}

double hermiteHe(double x, double degree) {
  return ofDegree(degree, [x](double n) -> double {
    return recurrence(n, 1, x, [x](int k, double value, double previous) { return x * value - k * previous; });
  });
}

double laguerre(double x, double degree) {
  return ofDegree(degree, [x](double n) -> double {
    if (x == 0) return 1;
    return recurrence(n, 1, 1 - x, [x](int k, double value, double previous) {
      return ((2.0 * k + 1 - x) * value - k * previous) / (k + 1);
    });
  });
}

double legendre(double x, double degree) {
  return ofDegree(degree, [x](double n) -> double {
    if (std::abs(x) == 1) return x > 0 || !isOdd(n) ? 1 : -1;
    return recurrence(n, 1, x, [x](int k, double value, double previous) {
      return ((2.0 * k + 1) * x * value - k * previous) / (k + 1);
    });
  });
}

const KernelRegistration polynomialsKernels[] = {
    kernelOf<chebyshev<T>>("binary.chebyshevPolynomialT"),
    kernelOf<chebyshev<U>>("binary.chebyshevPolynomialU"),
    kernelOf<chebyshev<V>>("binary.chebyshevPolynomialV"),
    kernelOf<chebyshev<W>>("binary.chebyshevPolynomialW"),
    kernelOf<shifted<T>>("binary.shiftedChebyshevPolynomialT"),
    kernelOf<shifted<U>>("binary.shiftedChebyshevPolynomialU"),
    kernelOf<shifted<V>>("binary.shiftedChebyshevPolynomialV"),
    kernelOf<shifted<W>>("binary.shiftedChebyshevPolynomialW"),
    kernelOf<hermiteH>("binary.hermitePolynomialH"),
    kernelOf<hermiteHe>("binary.hermitePolynomialHe"),
    kernelOf<laguerre>("binary.laguerrePolynomialL"),
    kernelOf<legendre>("binary.legendrePolynomialP"),
};

}  // namespace
}  // namespace flambeau::special
