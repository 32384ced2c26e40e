// RMSprop: steps scaled by a running mean of squared gradients.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct RMSprop {
  T rate, alpha, keep, eps, weightDecay, momentum, sign;

  RMSprop(Params& params, bool) {
    rate = static_cast<T>(-params.number());
    const double factor = params.number();
    alpha = static_cast<T>(factor);
    keep = static_cast<T>(1 - factor);
    eps = static_cast<T>(params.number());
    weightDecay = static_cast<T>(params.number());
    momentum = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>& row) { row.counts[0].next(); }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    choose(row.state[1] != nullptr, row.state[2] != nullptr, [&]<bool kMomentum, bool kCentered>() {
      T *const p = row.p, *const square = row.state[0], *const buffer = row.state[1], *const mean = row.state[2];
      const T* const grad = row.grad;
      FLAMBEAU_INDEPENDENT
      for (int64_t i = begin; i < end; ++i) {
        T g = sign * grad[i];
        if (weightDecay != 0) g = multiplyAdd(p[i], weightDecay, g);
        T v = decaySquare(square[i], alpha, g, keep);
        square[i] = v;
        if (kCentered) {
          const T m = decay(mean[i], alpha, g, keep);
          mean[i] = m;
          v = multiplyAdd(-m, m, v);
        }
        const T root = std::sqrt(v) + eps;
        if (kMomentum) {
          const T b = multiply(buffer[i], momentum) + g / root;
          buffer[i] = b;
          p[i] = multiplyAdd(b, rate, p[i]);
        } else {
          p[i] = p[i] + rate * g / root;
        }
      }
    });
  }
};

}  // namespace

// (lr, alpha, eps, weight decay, momentum, maximize); state: mean of squares, momentum buffer or none, mean or none;
// count: step
FLAMBEAU_KERNEL(rmspropStep) { runSteps<RMSprop>(params); }

}  // namespace flambeau
