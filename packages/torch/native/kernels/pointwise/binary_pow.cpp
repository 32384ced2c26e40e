// Powers, in every dtype.
#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/pointwise.h"
#include "simd/math_float.h"

namespace flambeau {
namespace {

constexpr auto pow = []<class T>(T a, T b) -> T {
  if constexpr (std::is_floating_point_v<T>) return simd::pow(a, b);
  else return integer::pow(a, b);
};

const KernelRegistration binaryPowKernels[] = {pointwise<Numbers, 2, 2 * kHeavy>("binary.pow", pow)};

}  // namespace
}  // namespace flambeau
