// Adadelta: steps as large as the running mean of the steps before, over that of the gradients.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Adadelta {
  T rate, rho, keep, eps, weightDecay, sign;

  Adadelta(Params& params, bool) {
    rate = static_cast<T>(-params.number());
    const double factor = params.number();
    rho = static_cast<T>(factor);
    keep = static_cast<T>(1 - factor);
    eps = static_cast<T>(params.number());
    weightDecay = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>& row) { row.counts[0].next(); }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const square = row.state[0], *const moved = row.state[1];
    const T* const grad = row.grad;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if (weightDecay != 0) g = multiplyAdd(p[i], weightDecay, g);
      const T v = decaySquare(square[i], rho, g, keep);
      const T delta = multiply(std::sqrt(moved[i] + eps) / std::sqrt(v + eps), g);
      square[i] = v;
      moved[i] = decaySquare(moved[i], rho, delta, keep);
      p[i] = multiplyAdd(delta, rate, p[i]);
    }
  }
};

}  // namespace

// (lr, rho, eps, weight decay, maximize); state: mean of squares, mean of squared steps; count: step
FLAMBEAU_KERNEL(adadeltaStep) { runSteps<Adadelta>(params); }

}  // namespace flambeau
