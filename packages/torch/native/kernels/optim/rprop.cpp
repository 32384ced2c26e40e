// Rprop: steps that grow while the sign of the gradient stays, and shrink when it changes.
#include "kernels/optim/steps.h"

namespace flambeau {
namespace {

template <class T>
struct Rprop {
  T shrink, grow, least, most, sign;

  Rprop(Params& params, bool) {
    shrink = static_cast<T>(params.number());
    grow = static_cast<T>(params.number());
    least = static_cast<T>(params.number());
    most = static_cast<T>(params.number());
    sign = params.flag() ? T(-1) : T(1);
  }

  void begin(Row<T>& row) { row.counts[0].next(); }

  void run(const Row<T>& row, int64_t begin, int64_t end) const {
    T *const p = row.p, *const before = row.state[0], *const stepSize = row.state[1];
    const T* const grad = row.grad;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      const T agreement = g * before[i];
      T s = stepSize[i] * (agreement > 0 ? grow : agreement < 0 ? shrink : T(1));
      s = s < least ? least : s > most ? most : s;
      if (agreement < 0) g = 0;
      before[i] = g;
      stepSize[i] = s;
      p[i] = p[i] - (g > 0 ? s : g < 0 ? -s : T(0));
    }
  }
};

}  // namespace

// (factors by which steps shrink and grow, least and largest step, maximize); state: gradient before, steps; count: step
FLAMBEAU_KERNEL(rpropStep) { runSteps<Rprop>(params); }

}  // namespace flambeau
