// Integer arithmetic without traps or undefined behaviour: overflow wraps around, and a division by zero,
// which the caller has ruled out but memory shared with another thread may still bring, gives zero.
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>

namespace flambeau::integer {

// The unsigned type in which to compute: at least as wide as unsigned int, so that nothing is promoted to int.
template <class T>
using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
T add(T a, T b) { return static_cast<T>(static_cast<Wide<T>>(a) + static_cast<Wide<T>>(b)); }
template <class T>
T sub(T a, T b) { return static_cast<T>(static_cast<Wide<T>>(a) - static_cast<Wide<T>>(b)); }
template <class T>
T mul(T a, T b) { return static_cast<T>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b)); }
template <class T>
T negate(T a) { return static_cast<T>(Wide<T>{0} - static_cast<Wide<T>>(a)); }

template <class T>
T truncDivide(T a, T b) {
  if (b == 0) return 0;
  if (std::is_signed_v<T> && b == T(-1)) return negate(a);
  return a / b;
}

// The remainder with the sign of a.
template <class T>
T fmod(T a, T b) {
  if (b == 0 || (std::is_signed_v<T> && b == T(-1))) return 0;
  return a % b;
}

// The remainder with the sign of b.
template <class T>
T remainder(T a, T b) {
  const T r = fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
}

template <class T>
T floorDivide(T a, T b) {
  const T q = truncDivide(a, b);
  return fmod(a, b) != 0 && (a < 0) != (b < 0) ? static_cast<T>(q - 1) : q;
}

template <class T>
T pow(T base, T exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == T(-1)) return exponent % 2 == 0 ? T(1) : T(-1);
    return 0;
  }
  T result = 1;
  for (; exponent != 0; exponent = static_cast<T>(exponent / 2)) {
    if (exponent % 2 != 0) result = mul(result, base);
    base = mul(base, base);
  }
  return result;
}

// A shift by a negative number or by all bits and more leaves nothing but the sign.
template <class T>
T leftShift(T a, T bits) {
  if (bits < 0 || bits >= static_cast<T>(sizeof(T) * 8)) return 0;
  return static_cast<T>(static_cast<Wide<T>>(a) << bits);
}

template <class T>
T rightShift(T a, T bits) {
  constexpr T most = sizeof(T) * 8 - std::is_signed_v<T>;
  return static_cast<T>(a >> (bits < 0 || bits > most ? most : bits));
}

template <class T>
T magnitude(T a) { return std::is_signed_v<T> && a < 0 ? negate(a) : a; }

template <class T>
T gcd(T a, T b) {
  while (b != 0) {
    const T rest = fmod(a, b);
    a = b;
    b = rest;
  }
  return magnitude(a);
}

// Of narrow types it is computed in int, and wraps around only at the end.
template <class T>
T lcm(T a, T b) {
  if constexpr (sizeof(T) < sizeof(int32_t)) return static_cast<T>(lcm<int32_t>(a, b));
  const T divisor = gcd(a, b);
  return divisor == 0 ? T(0) : magnitude(mul(truncDivide(a, divisor), b));
}

}  // namespace flambeau::integer
