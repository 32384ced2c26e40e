// How elementwise kernels of complex numbers are made: as those of real ones (pointwise.h), with functions of
// Complex<float> and Complex<double>. Their names begin with `complex.`.
#pragma once
#include <complex>

#include "kernels/complex/arithmetic.h"
#include "kernels/pointwise/pointwise.h"

namespace flambeau {

struct ComplexNumbers {
  template <class T>
  static constexpr bool has = std::is_same_v<T, Complex<float>> || std::is_same_v<T, Complex<double>>;
};

template <int Arity, int Cost, int Scalars = 0, class Result = Same, class F>
KernelRegistration complexPointwise(const char* name, F) {
  return KernelRegistration(name, [](Params& params) {
    static constexpr RunTable table = makeRunTable<F, ComplexNumbers, Result, Arity, Scalars, false>();
    runPointwiseKernel(params, table, {Arity, Scalars, Cost, std::is_same_v<Result, Same> ? 0 : 1});
  });
}

template <class F, class T>
void runOfParts(char* const* data, int64_t n, const void*) {
  constexpr F f{};
  T* out = reinterpret_cast<T*>(data[0]);
  const auto* in = reinterpret_cast<const Complex<T>*>(data[1]);
  FLAMBEAU_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) out[i] = f(in[i].re, in[i].im);
}

// A kernel that makes one real number of both parts: (complex dtype, loop over real output, complex input).
template <int Cost, class F>
KernelRegistration ofParts(const char* name, F) {
  return KernelRegistration(name, [](Params& params) {
    const DType dtype = params.dtype();
    const int size = itemSize(dtype);
    RunFunction run = nullptr;
    if (dtype == DType::Complex64) run = runOfParts<F, float>;
    if (dtype == DType::Complex128) run = runOfParts<F, double>;
    if (run == nullptr) return params.fail(kUnsupportedDType, static_cast<int>(dtype));
    runPointwise(params, {.run = run, .operands = 2, .itemSizes = {size / 2, size}, .cost = Cost});
  });
}

}  // namespace flambeau
