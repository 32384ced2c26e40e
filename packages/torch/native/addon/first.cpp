// Part of an addon that has the first kernels alone (build.mjs), and tells so by its name among them.
#include "kernels/kernel.h"

FLAMBEAU_KERNEL(onlyFirst) {}
