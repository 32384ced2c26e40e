// Conversion between float and the half types, of many numbers at a time.
#pragma once
#include "kernels/half.h"

namespace flambeau::simd {

void widen(float* to, const Half* from, int64_t n);
void widen(float* to, const BFloat16* from, int64_t n);
void narrow(Half* to, const float* from, int64_t n);
void narrow(BFloat16* to, const float* from, int64_t n);

}  // namespace flambeau::simd
