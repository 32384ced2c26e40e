// Kernels of functions of doubles that take their time for each number: one loop for each dtype calls them by address,
// so that another function costs its own code and a line.
#pragma once
#include "kernels/kernel.h"

namespace flambeau::special {

using Function1 = double (*)(double);
using Function2 = double (*)(double, double);

// Read (dtype, loop over output and operands), compute in double, and round once into the dtype.
void runFunction(Params& params, Function1 function);
void runFunction(Params& params, Function2 function);

// Registers the kernel of a function.
template <auto function>
KernelRegistration kernelOf(const char* name) {
  return KernelRegistration(name, [](Params& params) { runFunction(params, +function); });
}

}  // namespace flambeau::special
