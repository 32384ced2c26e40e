// Adagrad: steps scaled by the sum of all squared gradients.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Adagrad {
  double rate, rateDecay;
  T weightDecay, eps, sign;

  Adagrad(Params& params, bool) {
    rate = params.number();
    rateDecay = params.number();
    weightDecay = static_cast<T>(params.number());
    eps = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>& row) {
    row.factors[0] = static_cast<T>(-(rate / (1 + (row.counts[0].next() - 1) * rateDecay)));
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const sum = row.state[0];
    const T* const grad = row.grad;
    const T stepSize = row.factors[0];
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if (weightDecay != 0) g = multiplyAdd(p[i], weightDecay, g);
      const T s = multiplyAdd(g, g, sum[i]);
      sum[i] = s;
      p[i] = p[i] + stepSize * g / (std::sqrt(s) + eps);
    }
  }
};

}  // namespace

// (lr, decay of it, weight decay, eps, maximize); state: sum of squares; count: step
FLAMBEAU_KERNEL(adagradStep) { runSteps<Adagrad>(params); }

}  // namespace flambeau
