#include "kernels/linalg/qr.h"

namespace flambeau {

static const KernelRegistration qrKernels[] = {
    {"qrFactor", qrFactor<Reals>},
    {"reflectionProduct", reflectionProduct<Reals>},
    {"reflectionApply", reflectionApply<Reals>},
};

}  // namespace flambeau
