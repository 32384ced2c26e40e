// Vectors whose lanes are picked from two others.
#pragma once
#include <utility>

namespace flambeau::jpeg {

// The lanes of a vector: those of `a`, and behind them those of `b`, by their numbers.
template <int... index, class Vector>
inline Vector pick(Vector a, Vector b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, index...);
#else
  return __builtin_shuffle(a, b, Vector{index...});
#endif
}

}  // namespace flambeau::jpeg
