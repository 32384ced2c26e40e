#include "kernels/linalg/cholesky.h"

namespace flambeau {

static const KernelRegistration choleskyKernels[] = {
    {"choleskyFactor", choleskyFactor<Reals>},
    {"ldlFactor", ldlFactor<Reals>},
    {"ldlSolve", ldlSolve<Reals>},
};

}  // namespace flambeau
