// RAdam: Adam that scales its steps only once the variance of the scale is small enough.
#include "kernels/optim/adam.h"

namespace flambeau {
namespace {

template <class T>
struct RAdam : AdamNumbers<T> {
  using Numbers = AdamNumbers<T>;
  using Numbers::beta1, Numbers::beta2, Numbers::decay2, Numbers::eps, Numbers::keep1, Numbers::keep2, Numbers::rate,
      Numbers::shrink, Numbers::sign, Numbers::weightDecay;
  Power power1, power2;

  RAdam(Params& params, bool) : Numbers(params), power1(this->decay1), power2(this->decay2) {
    this->readFlags(params);
  }

  // The factors: correction of the mean, of the mean of squares, and the rectification, 0 where there is none yet.
  void begin(Row<T>& row) {
    const double step = row.counts[0].next();
    const double correction2 = 1 - power2(step);
    const double limit = 2 / (1 - decay2) - 1;
    const double length = limit - 2 * step * power2(step) / correction2;
    row.factors[0] = static_cast<T>(1 - power1(step));
    row.factors[1] = static_cast<T>(std::sqrt(correction2));
    row.factors[2] = T(0);
    if (length <= 5) return;
    const double ratio = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length);
    row.factors[2] = static_cast<T>(std::sqrt(ratio));
  }

  template <bool kRectified, bool kPenalty, bool kShrinks>
  FLAMBEAU_ONE_COPY void update(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const mean = row.state[0], *const square = row.state[1];
    const T* const grad = row.grad;
    const T learningRate = static_cast<T>(rate);
    const T correction1 = row.factors[0], correction2 = row.factors[1], rectification = row.factors[2];
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i], x = p[i];
      if constexpr (kShrinks) x = multiply(x, shrink);
      if constexpr (kPenalty) g = multiplyAdd(x, weightDecay, g);
      const T m = decay(mean[i], beta1, g, keep1);
      const T v = decaySquare(square[i], beta2, g, keep2);
      mean[i] = m;
      square[i] = v;
      T step = multiply(m / correction1, learningRate);
      if constexpr (kRectified) step = multiply(step * (correction2 / (std::sqrt(v) + eps)), rectification);
      p[i] = x - step;
    }
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    this->chooseDecay([&]<bool kPenalty, bool kShrinks>() {
      if (row.factors[2] != 0) update<true, kPenalty, kShrinks>(row, begin, end);
      else update<false, kPenalty, kShrinks>(row, begin, end);
    });
  }
};

}  // namespace

// (lr, beta1, beta2, eps, weight decay, whether decoupled, maximize); state: mean, mean of squares; count: step
FLAMBEAU_KERNEL(radamStep) { runSteps<RAdam>(params); }

}  // namespace flambeau
