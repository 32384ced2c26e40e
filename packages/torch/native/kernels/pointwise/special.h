// Special functions of one and two numbers, in double precision.
#pragma once

namespace flambeau::special {

double logGamma(double x);
double digamma(double x);
// The n-th derivative of digamma.
double polygamma(int n, double x);
// The sum of (q + k)^-s over k ≥ 0.
double zeta(double s, double q);
// The regularized incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x).
double lowerGamma(double a, double x);
double upperGamma(double a, double x);
double erfinv(double x);
float erfinv(float x);
// The modified Bessel functions of the first kind and orders 0 and 1.
double besselI0(double x);
double besselI1(double x);
// The same times e^-|x|.
double besselI0e(double x);
double besselI1e(double x);

}  // namespace flambeau::special
