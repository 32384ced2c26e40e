// Comparisons and logic of two operands; the results are bool.
#include "kernels/pointwise/pointwise.h"

namespace flambeau {
namespace {

const KernelRegistration binaryCompareKernels[] = {
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.eq", [](auto a, auto b) { return a == b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.ne", [](auto a, auto b) { return a != b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.lt", [](auto a, auto b) { return a < b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.le", [](auto a, auto b) { return a <= b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.gt", [](auto a, auto b) { return a > b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.ge", [](auto a, auto b) { return a >= b; }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.logicalAnd",
                                                  []<class T>(T a, T b) { return (a != T(0)) & (b != T(0)); }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.logicalOr",
                                                  []<class T>(T a, T b) { return (a != T(0)) | (b != T(0)); }),
    pointwise<AllTypes, 2, kLight, 0, BoolResult>("compare.logicalXor",
                                                  []<class T>(T a, T b) { return (a != T(0)) != (b != T(0)); }),
};

}  // namespace
}  // namespace flambeau
