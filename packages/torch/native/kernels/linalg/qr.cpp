#include "kernels/linalg/qr.h"

namespace flambeau {

static const KernelRegistration kernels[] = {
    {"qrFactor", qrFactor<Reals>},
    {"reflectionProduct", reflectionProduct<Reals>},
    {"reflectionApply", reflectionApply<Reals>},
};

}  // namespace flambeau
