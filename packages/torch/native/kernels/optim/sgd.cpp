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

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    choose(row.state[0] != nullptr, weightDecay != 0, [&]<bool kMomentum, bool kDecay>() {
      T* const p = row.p;
      const T* const grad = row.grad;
      T* const buffer = row.state[0];
      for (int64_t i = begin; i < end; ++i) {
        T g = sign * grad[i];
        if (kDecay) g = multiplyAdd(p[i], weightDecay, g);
        if (kMomentum) {
          const T b = isFresh ? g : decay(buffer[i], momentum, g, keep);
          buffer[i] = b;
          g = nesterov ? multiplyAdd(b, momentum, g) : b;
        }
        p[i] = multiplyAdd(g, rate, p[i]);
      }
    });
  }
};

}  // namespace

// (lr, momentum, dampening, weight decay, nesterov, maximize); state: momentum buffer or none
FLAMBEAU_KERNEL(sgdStep) { runSteps<Sgd>(params); }

}  // namespace flambeau
