// Division that rounds down, and the remainders of division.
#include <cmath>
#include <concepts>

#include "kernels/pointwise/integer.h"
#include "kernels/pointwise/pointwise.h"
#include "simd/math.h"

namespace flambeau {
namespace {

// Remainders of floats in vector code: a quotient below 2^28 times a float is exact in double, and so is
// what it leaves. Other quotients are left to the C library's fmod.
struct SmallQuotient {
  template <std::same_as<float> T>
  static bool inRange(T a, T b) {
    return std::abs(static_cast<double>(a) / static_cast<double>(b)) <= 0x1p28;  // false for NaN
  }

  static double fmod(double a, double b) {
    const double x = std::abs(a), y = std::abs(b), quotient = simd::roundSmall(x / y);
    const double rest = x - quotient * y;
    const double positive = rest < 0.0 ? rest + y : rest;
    return std::copysign(quotient == 0.0 ? x : positive, a);  // no product with an infinite divisor
  }
  static double remainder(double a, double b) {
    const double r = fmod(a, b), moved = r + b;
    return r * std::copysign(1.0, b) < 0.0 ? moved : r;
  }
  static double floorDivide(double a, double b) {
    const double r = fmod(a, b), quotient = (a - r) / b;
    const double down = r * std::copysign(1.0, b) < 0.0 ? quotient - 1.0 : quotient;
    return down == 0.0 ? std::copysign(0.0, a / b) : down;
  }
};

// The same for any quotient.
template <class T>
T anyRemainder(T a, T b) {
  const T r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

template <class T>
T anyFloorDivide(T a, T b) {
  if (b == 0) return a / b;
  const T r = std::fmod(a, b);
  T quotient = (a - r) / b;
  if (r != 0 && (b < 0) != (r < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T(0), a / b);
  const T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + 1 : whole;
}

struct Fmod : SmallQuotient {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, float>) return static_cast<T>(SmallQuotient::fmod(a, b));
    else if constexpr (std::is_same_v<T, double>) return std::fmod(a, b);
    else return integer::fmod(a, b);
  }
  static float outOfRange(float a, float b) { return std::fmod(a, b); }
};

struct Remainder : SmallQuotient {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, float>) return static_cast<T>(SmallQuotient::remainder(a, b));
    else if constexpr (std::is_same_v<T, double>) return anyRemainder(a, b);
    else return integer::remainder(a, b);
  }
  static float outOfRange(float a, float b) { return anyRemainder(a, b); }
};

struct FloorDivide : SmallQuotient {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, float>) return static_cast<T>(SmallQuotient::floorDivide(a, b));
    else if constexpr (std::is_same_v<T, double>) return anyFloorDivide(a, b);
    else return integer::floorDivide(a, b);
  }
  static float outOfRange(float a, float b) { return anyFloorDivide(a, b); }
};

const KernelRegistration binaryModuloKernels[] = {
    pointwise<Numbers, 2, kHeavy>("binary.fmod", Fmod{}),
    pointwise<Numbers, 2, kHeavy>("binary.remainder", Remainder{}),
    pointwise<Numbers, 2, kHeavy>("binary.floorDivide", FloorDivide{}),
};

}  // namespace
}  // namespace flambeau
