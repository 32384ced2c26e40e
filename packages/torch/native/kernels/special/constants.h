// Numbers that special functions are made of.
#pragma once
#include <limits>

namespace flambeau::special {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.14159265358979323846;

}  // namespace flambeau::special
