#include "kernels/linalg/lu.h"

namespace flambeau {

static const KernelRegistration luKernels[] = {
    {"luFactor", luFactor<Reals>},
    {"luDeterminant", luDeterminant<Reals>},
    {"luSolve", luSolve<Reals>},
    {"luFactorAndSolve", luFactorAndSolve<Reals>},
    {"triangularSolve", triangularSolve<Reals>},
};

// (count, rows, steps, pivots, permutations): the order in which the exchanges leave the rows; status 1 for a pivot that
// is no row
FLAMBEAU_KERNEL(pivotsToOrder) {
  const int64_t count = params.integer(), rows = params.integer(), steps = params.integer();
  const int32_t* const pivots = params.pointer<const int32_t>();
  int64_t* const order = params.pointer<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    int64_t* const own = order + i * rows;
    for (int64_t r = 0; r < rows; ++r) own[r] = r;
    for (int64_t j = 0; j < steps; ++j) {
      const int64_t pivot = pivots[i * steps + j];
      if (pivot < 1 || pivot > rows) return params.fail(1, static_cast<double>(pivot));
      std::swap(own[j], own[pivot - 1]);
    }
  }
}

}  // namespace flambeau
