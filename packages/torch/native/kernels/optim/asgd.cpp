// Averaged stochastic gradient descent.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Asgd {
  double rate, lambd, alpha, start;
  T weightDecay, sign;

  Asgd(Params& params, bool) {
    rate = params.number();
    lambd = params.number();
    alpha = params.number();
    start = params.number();
    weightDecay = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  // The factors: what shrinks the parameter, the rate, and the share of the parameter in the average.
  void begin(Row<T>& row) {
    const auto& [count, eta, mu] = row.counts;
    const double step = count.next();
    row.factors[0] = static_cast<T>(1 - lambd * eta.get());
    row.factors[1] = static_cast<T>(-eta.get());
    row.factors[2] = static_cast<T>(mu.get());
    eta.set(rate / std::pow(1 + lambd * rate * step, alpha));
    mu.set(1 / std::max(1.0, step - start));
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const average = row.state[0];
    const T* const grad = row.grad;
    const auto [shrink, stepSize, share] = row.factors;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if (weightDecay != 0) g = multiplyAdd(p[i], weightDecay, g);
      const T x = multiplyAdd(g, stepSize, multiply(p[i], shrink));
      p[i] = x;
      average[i] = share == 1 ? x : average[i] + multiply(x - average[i], share);
    }
  }
};

}  // namespace

// (lr, lambd, alpha, t0, weight decay, maximize); state: average; counts: step, eta, mu
FLAMBEAU_KERNEL(asgdStep) { runSteps<Asgd>(params); }

}  // namespace flambeau
