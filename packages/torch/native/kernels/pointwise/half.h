// Elementwise functions of floats on operands of half types: a piece of each input is converted to float, which stays in
// the cache, and what the function makes of it is rounded into the output.
#pragma once
#include "kernels/pointwise/pointwise.h"

namespace flambeau {

// Runs a loop over operands of these dtypes, whose function takes floats where they are of a half type.
void runPointwiseInFloat(Params& params, PointwiseLoop loop, const DType (&dtypes)[kMaxOperands]);

}  // namespace flambeau
