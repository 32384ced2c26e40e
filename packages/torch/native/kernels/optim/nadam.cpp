// NAdam: Adam with Nesterov momentum.
#include "kernels/optim/adam.h"

namespace flambeau {
namespace {

template <class T>
struct NAdam : AdamNumbers<T> {
  using Numbers = AdamNumbers<T>;
  using Numbers::beta1, Numbers::beta2, Numbers::decay1, Numbers::eps, Numbers::keep1, Numbers::keep2, Numbers::rate,
      Numbers::shrink, Numbers::sign, Numbers::weightDecay;
  double momentumDecay;
  Power power;

  NAdam(Params& params, bool) : Numbers(params), momentumDecay(params.number()), power(this->decay2) {
    this->readFlags(params);
  }

  double momentumAt(double step) const { return decay1 * (1 - 0.5 * std::pow(0.96, step * momentumDecay)); }

  void begin(Row<T>& row) {
    const double step = row.counts[0].next();
    const double now = momentumAt(step), next = momentumAt(step + 1);
    const double product = row.counts[1].times(now);
    row.factors[0] = static_cast<T>(-rate * (1 - now) / (1 - product));
    row.factors[1] = static_cast<T>(-rate * next / (1 - product * next));
    row.factors[2] = static_cast<T>(1 - power(step));
  }

  template <bool kPenalty, bool kShrinks>
  FLAMBEAU_ONE_COPY void update(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const mean = row.state[0], *const square = row.state[1];
    const T* const grad = row.grad;
    const T ofGrad = row.factors[0], ofMean = row.factors[1], correction = row.factors[2];
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i], x = p[i];
      if constexpr (kShrinks) x = multiply(x, shrink);
      if constexpr (kPenalty) g = multiplyAdd(x, weightDecay, g);
      const T m = decay(mean[i], beta1, g, keep1);
      const T v = decaySquare(square[i], beta2, g, keep2);
      mean[i] = m;
      square[i] = v;
      const T root = std::sqrt(v / correction) + eps;
      p[i] = x + ofGrad * g / root + ofMean * m / root;
    }
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    this->chooseDecay([&]<bool kPenalty, bool kShrinks>() {
      update<kPenalty, kShrinks>(row, begin, end);
    });
  }
};

}  // namespace

// (lr, beta1, beta2, eps, weight decay, momentum decay, whether decoupled, maximize); state: mean, mean of squares;
// counts: step, product of the momenta
FLAMBEAU_KERNEL(nadamStep) { runSteps<NAdam>(params); }

}  // namespace flambeau
