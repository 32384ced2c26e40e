// Stochastic gradient descent, with a buffer for momentum.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Sgd {
  T rate, momentum, keep, weightDecay, sign;
  bool nesterov, isFresh;

  Sgd(Params& params, bool fresh) : isFresh(fresh) {
    rate = static_cast<T>(-params.number());
    momentum = static_cast<T>(params.number());
    keep = static_cast<T>(1 - params.number());
    weightDecay = static_cast<T>(params.number());
    nesterov = params.flag();
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>&) {}

  template <bool kMomentum, bool kFresh, bool kNesterov, bool kDecay>
  FLAMBEAU_ONE_COPY void update(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const buffer = row.state[0];
    const T* const grad = row.grad;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if constexpr (kDecay) g = multiplyAdd(p[i], weightDecay, g);
      if constexpr (kMomentum) {
        T b = g;
        if constexpr (!kFresh) b = decay(buffer[i], momentum, g, keep);
        buffer[i] = b;
        g = kNesterov ? multiplyAdd(b, momentum, g) : b;
      }
      p[i] = multiplyAdd(g, rate, p[i]);
    }
  }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    choose(weightDecay != 0, nesterov, [&]<bool kDecay, bool kNesterov>() {
      if (row.state[0] == nullptr) update<false, false, false, kDecay>(row, begin, end);
      else if (isFresh) update<true, true, kNesterov, kDecay>(row, begin, end);
      else update<true, false, kNesterov, kDecay>(row, begin, end);
    });
  }
};

}  // namespace

// (lr, momentum, dampening, weight decay, nesterov, maximize); state: momentum buffer or none
FLAMBEAU_KERNEL(sgdStep) { runSteps<Sgd>(params); }

}  // namespace flambeau
