// Special functions: those of which each number takes a loop.
#include "kernels/pointwise/special.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/pointwise/pointwise.h"

namespace flambeau {
namespace special {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.14159265358979323846;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// B(2k) / (2k)! for the Euler-Maclaurin sum of the zeta function.
constexpr double kBernoulli[] = {
    1.0 / 12,          -1.0 / 720,           1.0 / 30240,           -1.0 / 1209600,
    1.0 / 47900160,    -691.0 / 1307674368000.0, 1.0 / 74724249600.0, -3617.0 / 10670622842880000.0,
};

// A factor of all terms of a sum, (s - 1)! or 1, which may leave the range of a double.
struct Factor {
  double value = 1, logarithm = 0;

  // factor q^-s, also where only one of the two is in the range.
  double timesPower(double s, double q) const {
    const double power = std::pow(q, -s);
    if (value == 1 || (value < kInfinity && power >= std::numeric_limits<double>::min())) return value * power;
    return std::exp(logarithm - s * std::log(q));
  }
};

// The sum of factor (q + k)^-s over k ≥ 0 for q > 0: its first terms, then the Euler-Maclaurin formula.
double zetaOfPositive(const Factor& factor, double s, double q) {
  double sum = 0;
  for (const double enough = std::max(12.0, 2.0 * s); q < enough; q += 1) {
    const double term = factor.timesPower(s, q);
    sum += term;
    if (term <= sum * kEpsilon / 4) return sum;
  }
  const double area = factor.timesPower(s - 1, q) / (s - 1), last = area * ((s - 1) / q);
  sum += area + 0.5 * last;
  double slope = s * last / q;
  for (int k = 0; k < 8; ++k) {
    sum += kBernoulli[k] * slope;
    slope *= (s + 2 * k + 1) / q * ((s + 2 * k + 2) / q);
  }
  return sum;
}

// The same sum for any q, of an integer s > 1.
double zetaOfInteger(const Factor& factor, double s, double q) {
  if (!(q <= 0)) return zetaOfPositive(factor, s, q);
  if (q == std::floor(q)) return kInfinity;
  // The terms below 0 are, but for their sign, those of another sum between two limits.
  const double below = std::trunc(q) - q, above = 1 - below;
  const double nearest = zetaOfPositive(factor, s, below), beyond = zetaOfPositive(factor, s, 1 - q);
  if (std::fmod(s, 2) == 0) {
    return nearest == kInfinity ? nearest : zetaOfPositive(factor, s, above) + (nearest - beyond);
  }
  if (above == below) return beyond;
  const double difference = zetaOfPositive(factor, s, above) - nearest;
  if (!std::isfinite(difference)) return above < below ? kInfinity : -kInfinity;
  return difference + beyond;
}

// x^a e^-x / Γ(a + 1)
double gammaPrefix(double a, double x) {
  // Near its peak the exponent is a difference of large numbers; there ln(1 + t) - t keeps the digits.
  if (a > 20 && std::abs(x - a) < 0.4 * a) {
    const double t = (x - a) / a, a2 = 1 / (a * a);
    const double stirling = (1.0 / 12 - a2 * (1.0 / 360 - a2 * (1.0 / 1260 - a2 / 1680))) / a;
    return std::exp(a * (std::log1p(t) - t) - stirling) / std::sqrt(2 * kPi * a);
  }
  return std::exp(a * std::log(x) - x - logGamma(a + 1));
}

double lowerGammaSeries(double a, double x) {
  double term = 1, sum = 1;
  for (double n = a + 1; term > sum * kEpsilon / 4; n += 1) {
    term *= x / n;
    sum += term;
  }
  return sum * gammaPrefix(a, x);
}

// Lentz's evaluation of the continued fraction of Q.
double upperGammaFraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (int i = 1; i < 20000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    d = 1 / (std::abs(d) < tiny ? tiny : d);
    c = b + an / c;
    if (std::abs(c) < tiny) c = tiny;
    h *= d * c;
    if (std::abs(d * c - 1) < kEpsilon) break;
  }
  return h * gammaPrefix(a, x) * a;
}

// Temme's uniform expansion of Q for a so large that its first terms suffice and the others take too long.
constexpr double kLargeA = 1e6;

double upperGammaLarge(double a, double x) {
  const double m = (x - a) / a, eta = std::copysign(std::sqrt(2 * (m - std::log1p(m))), m);
  const double c0 = std::abs(m) < 1e-3 ? -1.0 / 3 + eta * (1.0 / 12 - eta * (2.0 / 135)) : 1 / m - 1 / eta;
  return 0.5 * std::erfc(eta * std::sqrt(a / 2)) + c0 * std::exp(-a * eta * eta / 2) / std::sqrt(2 * kPi * a);
}

}  // namespace

double logGamma(double x) {
#if defined(__GLIBC__) || defined(__APPLE__)
  int sign;
  return lgamma_r(x, &sign);  // std::lgamma writes a global variable
#else
  return std::lgamma(x);
#endif
}

double digamma(double x) {
  if (x == 0) return std::copysign(kInfinity, -x);
  if (x < 0) {
    if (x == std::floor(x)) return kNaN;
    const double fraction = x - std::trunc(x);
    return digamma(1 - x) - kPi / std::tan(kPi * fraction);
  }
  double shift = 0;
  for (; x < 12; x += 1) shift -= 1 / x;
  if (x == kInfinity) return x;
  const double z = 1 / (x * x);
  const double series =
      z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760))))));
  return shift + std::log(x) - 0.5 / x - series;
}

double polygamma(int n, double x) {
  if (n == 0) return digamma(x);
  Factor factorial{.value = 1, .logarithm = logGamma(n + 1.0)};
  for (int k = 2; k <= n && factorial.value < kInfinity; ++k) factorial.value *= k;
  const double magnitude = zetaOfInteger(factorial, n + 1.0, x);
  return n % 2 == 0 ? -magnitude : magnitude;
}

double zeta(double s, double q) {
  if (!(s >= 1) || q != q) return kNaN;
  if (s == 1 || (q <= 0 && q == std::floor(q))) return kInfinity;
  if (s == kInfinity) return q < 1 && q > 0 ? kInfinity : q == 1 ? 1 : q > 1 ? 0 : kNaN;
  if (q > 0) return q == kInfinity ? 0 : zetaOfPositive(Factor{}, s, q);
  return s == std::floor(s) ? zetaOfInteger(Factor{}, s, q) : kNaN;
}

double lowerGamma(double a, double x) {
  if (!(a >= 0) || !(x >= 0)) return kNaN;
  if (a == 0) return x > 0 ? 1 : kNaN;
  if (x == 0) return 0;
  if (a == kInfinity) return x == kInfinity ? kNaN : 0;
  if (x == kInfinity) return 1;
  if (a > kLargeA) return 1 - upperGammaLarge(a, x);
  return x < a + 1 ? lowerGammaSeries(a, x) : 1 - upperGammaFraction(a, x);
}

double upperGamma(double a, double x) {
  if (!(a >= 0) || !(x >= 0)) return kNaN;
  if (a == 0) return x > 0 ? 0 : kNaN;
  if (x == 0) return 1;
  if (a == kInfinity) return x == kInfinity ? kNaN : 1;
  if (x == kInfinity) return 0;
  if (a > kLargeA) return upperGammaLarge(a, x);
  return x < a + 1 ? 1 - lowerGammaSeries(a, x) : upperGammaFraction(a, x);
}

double erfinv(double x) {
  const double a = std::abs(x);
  if (!(a <= 1)) return kNaN;
  if (a == 1) return std::copysign(kInfinity, x);
  if (a == 0) return x;
  // Winitzki's approximation, then Halley's method; with erfc where erf has no digits left.
  const double logarithm = std::log1p(-a * a), half = 2 / (kPi * 0.147) + logarithm / 2;
  double y = std::sqrt(std::sqrt(half * half - logarithm / 0.147) - half);
  for (int i = 0; i < 3; ++i) {
    const double error = a < 0.5 ? std::erf(y) - a : (1 - a) - std::erfc(y);
    const double step = error / (2 / std::sqrt(kPi) * std::exp(-y * y));
    y -= step / (1 + y * step);
  }
  return std::copysign(y, x);
}

// The sum of coefficients, the one of the highest power first, times powers of z, each step rounded once.
template <size_t count>
static float polynomial(const float (&coefficients)[count], float z) {
  float sum = coefficients[0];
  for (size_t i = 1; i < count; ++i) sum = std::fma(sum, z, coefficients[i]);
  return sum;
}

// In single precision a rational function, then Newton's method twice: PyTorch's bits, from which weights begin.
float erfinv(float x) {
  const float a = std::abs(x);
  if (!(a <= 1)) return static_cast<float>(kNaN);
  if (a == 1) return std::copysign(static_cast<float>(kInfinity), x);
  float y;
  if (a <= 0.7F) {
    static constexpr float above[] = {-0.140543331F, 0.914624893F, -1.645349621F, 0.886226899F};
    static constexpr float below[] = {0.012229801F, -0.329097515F, 1.442710462F, -2.118377725F, 1};
    const float z = x * x;
    y = x * polynomial(above, z) / polynomial(below, z);
  } else {
    static constexpr float above[] = {1.641345311F, 3.429567803F, -1.624906493F, -1.970840454F};
    static constexpr float below[] = {1.637067800F, 3.543889200F, 1};
    const float z = std::sqrt(-std::log((1 - a) / 2));
    y = std::copysign(polynomial(above, z), x) / polynomial(below, z);
  }
  const float slope = 2 / static_cast<float>(std::sqrt(kPi));
  for (int i = 0; i < 2; ++i) y -= (std::erf(y) - x) / (slope * std::exp(-y * y));
  return y;
}

// The modified Bessel function of the first kind and a whole order at a number that is not negative, or e^-a times it:
// by the power series where the number is small, by the asymptotic one where it is large.
static double besselI(int order, double a, bool scaled) {
  if (!(a < kInfinity)) return scaled && a == kInfinity ? 0 : a;
  const double quarter = a * a / 4;
  const bool small = a < 20;
  double term = small && order == 1 ? a / 2 : 1, sum = term;
  for (int k = 1; k < (small ? 200 : 40) && std::abs(term) > std::abs(sum) * kEpsilon / 4; ++k) {
    const double odd = 2.0 * k - 1;
    term *= small ? quarter / (static_cast<double>(k) * (k + order)) : (odd * odd - 4 * order * order) / (8 * a * k);
    sum += term;
  }
  if (small) return scaled ? sum * std::exp(-a) : sum;
  if (scaled) return sum / std::sqrt(2 * kPi * a);
  // In two steps, since e^a may overflow where the result does not.
  const double root = std::exp(a / 2);
  return root * (sum / std::sqrt(2 * kPi * a)) * root;
}

double besselI0(double x) { return besselI(0, std::abs(x), false); }

double besselI1(double x) { return std::copysign(besselI(1, std::abs(x), false), x); }

double besselI0e(double x) { return besselI(0, std::abs(x), true); }

double besselI1e(double x) { return std::copysign(besselI(1, std::abs(x), true), x); }

}  // namespace special

namespace {

// A kernel of a function of double, in both floating dtypes.
template <double (*Function)(double)>
constexpr auto inDouble = []<class T>(T x) { return static_cast<T>(Function(x)); };

const KernelRegistration unarySpecialKernels[] = {
    pointwise<Floating, 1, kCall>("unary.lgamma", inDouble<special::logGamma>),
    pointwise<Floating, 1, kCall>("unary.digamma", inDouble<special::digamma>),
    pointwise<Floating, 1, kCall>("unary.erfinv", []<class T>(T x) { return special::erfinv(x); }),
    pointwise<Floating, 1, kCall>("unary.i0", inDouble<special::besselI0>),
    pointwise<Floating, 1, kCall>("unary.i1", inDouble<special::besselI1>),
    pointwise<Floating, 1, kCall, 1>(
        "unary.polygamma",
        []<class T>(T x, T n) { return static_cast<T>(special::polygamma(static_cast<int>(n), x)); }),
};

}  // namespace
}  // namespace flambeau
