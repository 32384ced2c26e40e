// Functions of two integers: bits, shifts, common divisors.
#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/pointwise.h"

namespace flambeau {
namespace {

const KernelRegistration binaryBitsKernels[] = {
    pointwise<IntegersAndBool, 2>("binary.bitwiseAnd", []<class T>(T a, T b) -> T { return a & b; }),
    pointwise<IntegersAndBool, 2>("binary.bitwiseOr", []<class T>(T a, T b) -> T { return a | b; }),
    pointwise<IntegersAndBool, 2>("binary.bitwiseXor", []<class T>(T a, T b) -> T { return a ^ b; }),
    pointwise<Integers, 2>("binary.leftShift", [](auto a, auto b) { return integer::leftShift(a, b); }),
    pointwise<Integers, 2>("binary.rightShift", [](auto a, auto b) { return integer::rightShift(a, b); }),
    pointwise<Integers, 2, kCall>("binary.gcd", [](auto a, auto b) { return integer::gcd(a, b); }),
    pointwise<Integers, 2, kCall>("binary.lcm", [](auto a, auto b) { return integer::lcm(a, b); }),
};

}  // namespace
}  // namespace flambeau
