// The decompositions of complex matrices: those of real ones (linalg/), compiled for complex numbers. Their names begin with
// `complex.`.
#include "kernels/linalg/cholesky.h"
#include "kernels/linalg/eigh.h"
#include "kernels/linalg/lu.h"
#include "kernels/linalg/qr.h"
#include "kernels/linalg/svd.h"

namespace flambeau {

static const KernelRegistration decompositionsKernels[] = {
    {"complex.choleskyFactor", choleskyFactor<Complexes>},
    {"complex.ldlFactor", ldlFactor<Complexes>},
    {"complex.ldlSolve", ldlSolve<Complexes>},
    {"complex.luFactor", luFactor<Complexes>},
    {"complex.luDeterminant", luDeterminant<Complexes>},
    {"complex.luSolve", luSolve<Complexes>},
    {"complex.luFactorAndSolve", luFactorAndSolve<Complexes>},
    {"complex.triangularSolve", triangularSolve<Complexes>},
    {"complex.qrFactor", qrFactor<Complexes>},
    {"complex.reflectionProduct", reflectionProduct<Complexes>},
    {"complex.reflectionApply", reflectionApply<Complexes>},
    {"complex.symmetricEigen", symmetricEigen<Complexes>},
    {"complex.singularValues", singularValues<Complexes>},
};

}  // namespace flambeau
