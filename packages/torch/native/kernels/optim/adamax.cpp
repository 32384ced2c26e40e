// Adamax: Adam with the largest gradient in place of the mean of squares.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Adamax {
  double rate, decay1;
  T beta1, keep1, beta2, eps, weightDecay, sign;
  Power power;

  Adamax(Params& params, bool) : rate(params.number()), decay1(params.number()), power(decay1) {
    beta1 = static_cast<T>(decay1);
    keep1 = static_cast<T>(1 - decay1);
    beta2 = static_cast<T>(params.number());
    eps = static_cast<T>(params.number());
    weightDecay = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>& row) { row.factors[0] = static_cast<T>(-(rate / (1 - power(row.counts[0].next())))); }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const mean = row.state[0], *const norm = row.state[1];
    const T* const grad = row.grad;
    const T stepSize = row.factors[0];
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if (weightDecay != 0) g = multiplyAdd(p[i], weightDecay, g);
      const T m = decay(mean[i], beta1, g, keep1);
      const T u = larger(std::abs(g) + eps, norm[i] * beta2);
      mean[i] = m;
      norm[i] = u;
      p[i] = p[i] + stepSize * m / u;
    }
  }
};

}  // namespace

// (lr, beta1, beta2, eps, weight decay, maximize); state: mean, largest; count: step
FLAMBEAU_KERNEL(adamaxStep) { runSteps<Adamax>(params); }

}  // namespace flambeau
