// Sums of Chebyshev series.
#pragma once

namespace flambeau::special {

// The sum of a Chebyshev series over an interval, by Clenshaw's recurrence.
template <int count>
double series(const double (&coefficients)[count], double x, double low, double high) {
  const double t = (x - low - (high - x)) / (high - low), twice = 2 * t;
  double next = 0, sum = 0;
  for (int i = count - 1; i > 0; --i) {
    const double before = next;
    next = sum;
    sum = twice * sum + (coefficients[i] - before);  // the bracket does not wait for the step before
  }
  return t * sum + (coefficients[0] - next);
}

}  // namespace flambeau::special
