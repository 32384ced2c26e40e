// Adam and AdamW: steps scaled by running moments of the gradient.
#include "kernels/optim/adam.h"

namespace flambeau {
namespace {

template <class T>
struct Adam : AdamNumbers<T> {
  using Numbers = AdamNumbers<T>;
  using Numbers::beta1, Numbers::beta2, Numbers::eps, Numbers::keep1, Numbers::keep2, Numbers::rate, Numbers::shrink,
      Numbers::sign, Numbers::weightDecay;
  Power power1, power2;

  Adam(Params& params, bool) : Numbers(params), power1(this->decay1), power2(this->decay2) {
    this->readFlags(params);
  }

  void begin(Row<T>& row) {
    const double step = row.counts[0].next();
    row.factors[0] = static_cast<T>(-(rate / (1 - power1(step))));
    row.factors[1] = static_cast<T>(std::sqrt(1 - power2(step)));
  }

  template <bool kAmsgrad, bool kPenalty, bool kShrinks>
  FLAMBEAU_ONE_COPY void update(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const mean = row.state[0], *const square = row.state[1], *const largest = row.state[2];
    const T* const grad = row.grad;
    const T stepSize = row.factors[0], correction = row.factors[1];
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i], x = p[i];
      if constexpr (kShrinks) x = multiply(x, shrink);
      if constexpr (kPenalty) g = multiplyAdd(x, weightDecay, g);
      const T m = decay(mean[i], beta1, g, keep1);
      const T v = decaySquare(square[i], beta2, g, keep2);
      mean[i] = m;
      square[i] = v;
      T top = v;
      if constexpr (kAmsgrad) {
        top = larger(v, largest[i]);
        largest[i] = top;
      }
      p[i] = x + stepSize * m / (std::sqrt(top) / correction + eps);
    }
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    this->chooseDecay([&]<bool kPenalty, bool kShrinks>() {
      if (row.state[2] != nullptr) update<true, kPenalty, kShrinks>(row, begin, end);
      else update<false, kPenalty, kShrinks>(row, begin, end);
    });
  }
};

}  // namespace

// (lr, beta1, beta2, eps, weight decay, whether decoupled, maximize); state: mean, mean of squares, the largest of
// those or none; count: step
FLAMBEAU_KERNEL(adamStep) { runSteps<Adam>(params); }

}  // namespace flambeau
