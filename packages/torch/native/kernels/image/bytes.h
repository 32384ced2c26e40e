// Bytes of images. Sums are rounded as written, also where the machine could multiply and add in one go: what is cut off
// or looked at for equality must not depend on it.
#pragma once
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace flambeau {

// Bytes that are worth waking another thread for.
constexpr int64_t kImageGrain = 32768;

// How a computed value becomes a byte: without its fraction, or rounded as torch.round does.
template <class T>
inline uint8_t truncated(T value) {
  return static_cast<uint8_t>(static_cast<int>(std::min(std::max(value, T(0)), T(255))));
}
template <class T>
inline uint8_t rounded(T value) {
  return static_cast<uint8_t>(static_cast<int>(std::nearbyint(std::min(std::max(value, T(0)), T(255)))));
}

}  // namespace flambeau
