// How numbers from gamma and beta distributions move with a parameter while their quantile stays: dx/da = -(dF/da) / f,
// where F(x; a) is the distribution function and f its density. F is a power series or a continued fraction, which is
// evaluated together with its derivative by `a`, in double precision.
#include "kernels/pointwise/special.h"
#include "kernels/random/random.h"

namespace flambeau {
namespace {

constexpr int kMostTerms = 20000;

// How exact a series has to be for results of a type.
template <class T>
constexpr double kTolerance = std::is_same_v<T, double> ? std::numeric_limits<double>::epsilon() : 1e-9;

// A number and its derivative.
struct Dual {
  double value, slope;
};

Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
Dual operator*(Dual a, Dual b) { return {a.value * b.value, a.slope * b.value + a.value * b.slope}; }
Dual inverse(Dual a) {
  const double value = 1 / a.value;
  return {value, -a.slope * value * value};
}
// Keeps the continued fraction from a division by zero.
Dual nonzero(Dual a) { return std::abs(a.value) < 1e-300 ? Dual{1e-300, a.slope} : a; }

// Lentz's evaluation of 1 / (b0 + a1 / (b1 + a2 / (b2 + ...))), where `term(i)` gives a and b.
template <class Term>
Dual continuedFraction(Dual first, double tolerance, const Term& term) {
  Dual d = inverse(nonzero(first)), c{1e300, 0}, h = d;
  for (int i = 1; i <= kMostTerms; ++i) {
    const auto [a, b] = term(i);
    d = inverse(nonzero(a * d + b));
    c = nonzero(b + a * inverse(c));
    const Dual factor = c * d;
    h = h * factor;
    const double moved = std::abs(factor.slope * h.value);
    if (std::abs(factor.value - 1) <= tolerance && moved <= 4 * tolerance * (std::abs(h.value) + std::abs(h.slope))) break;
  }
  return h;
}

// The sum of x^n / ((a + 1) ... (a + n)): P(a, x) but for its prefix. For x of the size of a, or less.
double gammaBySeries(double a, double x, double tolerance) {
  double term = 1, harmonic = 0, sum = 1, slope = 0;
  for (int n = 1; n <= kMostTerms; ++n) {
    const double inverse = 1 / (a + n);
    term *= x * inverse;
    harmonic += inverse;
    sum += term;
    slope -= term * harmonic;
    if (term * harmonic < tolerance * -slope) break;
  }
  return -(x / a) * (sum * (std::log(x) - special::digamma(a + 1)) + slope);
}

// Q(a, x) by its continued fraction, for x that are larger.
double gammaByFraction(double a, double x, double tolerance) {
  const Dual f = continuedFraction({x + 1 - a, -1}, tolerance, [=](int i) {
    return std::pair{Dual{i * (a - i), double(i)}, Dual{x + 2 * i + 1 - a, -1}};
  });
  return x * (f.value * (std::log(x) - special::digamma(a)) + f.slope);
}

// For large a the normal deviate of x/a = 1 + m is r + log(v/r)/r but for terms of 1/a^2, with r = sqrt(a) eta,
// v = sqrt(a) m and eta^2/2 = m - log(1 + m). It stays while a and m move.
double gammaLarge(double a, double x) {
  const double m = (x - a) / a;
  double square = 0;  // eta^2 / m^2 - 1
  if (std::abs(m) < 0.03) {
    for (int k = 12; k >= 3; --k) square = m * ((k % 2 == 1 ? -2.0 : 2.0) / k + square);
  } else {
    square = 2 * (m - std::log1p(m)) / (m * m) - 1;
  }
  const double ratio = std::sqrt(1 + square), eta = m * ratio;    // eta / m
  const double slope = 1 / (ratio * (1 + m));                     // d eta / dm
  if (std::abs(m) < 1e-7) return 1 + m / 2 + 1 / (6 * a);
  const double log = -0.5 * std::log1p(square);                   // log(m / eta)
  const double byA = 0.5 * eta - 0.5 * log / (a * eta);
  const double byM = slope + ((1 / m - slope / eta) / eta - log * slope / (eta * eta)) / a;
  return 1 + m - byA / byM;
}

double gammaGradient(double a, double x, double tolerance) {
  if (!(a > 0) || !(x >= 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return 0;
  if (a > 1e6) return gammaLarge(a, x);
  return x < a + 1 ? gammaBySeries(a, x, tolerance) : gammaByFraction(a, x, tolerance);
}

// The continued fraction of the incomplete beta function I(x; a, b), its prefix aside, with derivatives by the first
// parameter times `byA` and by the second times `byB`.
Dual betaFraction(double x, double a, double b, double byA, double byB, double tolerance) {
  const Dual first{a, byA}, second{b, byB}, total{a + b, byA + byB};
  const auto number = [](double value) { return Dual{value, 0}; };
  return continuedFraction({1, 0}, tolerance, [=](int i) {
    const double m = i / 2;
    const Dual at = first + number(2 * m);
    Dual top, below;
    if (i % 2 == 0) {
      top = number(m * x) * (second + number(-m));
      below = (at + number(-1)) * at;
    } else {
      top = number(-x) * ((first + number(m)) * (total + number(m)));
      below = at * (at + number(1));
    }
    return std::pair{top * inverse(below), Dual{1, 0}};
  });
}

double betaGradient(double x, double a, double b, double tolerance) {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0 || x == 1) return 0;
  const double prefix = std::log(x) - special::digamma(a) + special::digamma(a + b);
  if (x < (a + 1) / (a + b + 2)) {
    const Dual f = betaFraction(x, a, b, 1, 0, tolerance);
    return -x * (1 - x) / a * (f.value * (prefix - 1 / a) + f.slope);
  }
  const Dual f = betaFraction(1 - x, b, a, 0, 1, tolerance);
  return x * (1 - x) / b * (f.value * prefix + f.slope);
}

}  // namespace

// (dtype, loop over output, shape parameters, numbers)
FLAMBEAU_KERNEL(gammaGradient) {
  const DType dtype = params.dtype();
  const OrderedLoop<3> loop(params, {itemSize(dtype), itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    mapOneByOne<T>(loop, [](T a, T x) { return gammaGradient(a, x, kTolerance<T>); });
  });
}

// (dtype, loop over output, numbers, first parameters, second ones)
FLAMBEAU_KERNEL(betaGradient) {
  const DType dtype = params.dtype();
  const OrderedLoop<4> loop(params, {itemSize(dtype), itemSize(dtype), itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    mapOneByOne<T>(loop, [](T x, T a, T b) { return betaGradient(x, a, b, kTolerance<T>); });
  });
}

}  // namespace flambeau
