// The table of dtypes. The enumeration, sizes, C++ types and every choice by a dtype come from it; what a kernel does not
// know it refuses.
#pragma once
#include <cstdint>
#include <utility>

#include "kernels/number.h"
#include "runtime/refuse.h"

namespace flambeau {

enum class Category { Bool, Integer, Floating, Complex };

// X(name, C++ type of an element, category), in the order of the ids, which src/core/dtype.ts has too.
#define FLAMBEAU_DTYPES(X)                                      \
  X(Float32, float, Floating)                                   \
  X(Float64, double, Floating)                                  \
  X(Int64, int64_t, Integer)                                    \
  X(Int32, int32_t, Integer)                                    \
  X(Int16, int16_t, Integer)                                    \
  X(Int8, int8_t, Integer)                                      \
  X(UInt8, uint8_t, Integer)                                    \
  X(Bool, ::flambeau::Bool, Bool)                               \
  X(Float16, ::flambeau::Half, Floating)                        \
  X(BFloat16, ::flambeau::BFloat16, Floating)                   \
  X(Complex64, ::flambeau::Complex<float>, Complex)             \
  X(Complex128, ::flambeau::Complex<double>, Complex)           \
  X(Complex32, ::flambeau::Complex<::flambeau::Half>, Complex)

#define FLAMBEAU_NAME(name, type, category) name,
enum class DType : int { FLAMBEAU_DTYPES(FLAMBEAU_NAME) };
#undef FLAMBEAU_NAME

#define FLAMBEAU_ONE(name, type, category) +1
constexpr int kDTypes = 0 FLAMBEAU_DTYPES(FLAMBEAU_ONE);
#undef FLAMBEAU_ONE

template <class T>
struct ElementTraits;
#define FLAMBEAU_TRAITS(name, type, category_)                      \
  template <>                                                       \
  struct ElementTraits<type> {                                      \
    static constexpr DType dtype = DType::name;                     \
    static constexpr Category category = Category::category_;       \
  };
FLAMBEAU_DTYPES(FLAMBEAU_TRAITS)
#undef FLAMBEAU_TRAITS

template <class T>
constexpr Category categoryOf = ElementTraits<T>::category;

// Calls body with a value of the C++ type of a dtype: dispatchStored(dtype, [&]<class T>(T) { … }).
template <class Body>
auto dispatchStored(DType dtype, Body&& body) {
  switch (dtype) {
#define FLAMBEAU_CASE(name, type, category) \
  case DType::name: return body(type{});
    FLAMBEAU_DTYPES(FLAMBEAU_CASE)
#undef FLAMBEAU_CASE
  }
  refuse("a kernel knows no such dtype");
}

// The same for the dtypes in which kernels compute, which are all but the half types. Complex numbers have kernels of
// their own (complex/), or are seen as two real ones each (backend/cpu/complex.ts).
template <class Body>
auto dispatch(DType dtype, Body&& body) {
  return dispatchStored(dtype, [&]<class T>(T value) -> decltype(body(float{})) {
    if constexpr (isComplex<T>) refuse("this kernel does not compute with complex numbers");
    else if constexpr (!isHalf<T>) return body(value);
    else refuse("this kernel does not compute in a half type");
  });
}

// The dtype in which a kernel computes with elements of a dtype.
inline DType computedIn(DType dtype) {
  return dispatchStored(dtype, []<class T>(T) { return isHalf<T> ? DType::Float32 : ElementTraits<T>::dtype; });
}

// The same for the floating ones of them only.
template <class Body>
auto dispatchFloating(DType dtype, Body&& body) {
  return dispatch(dtype, [&]<class T>(T value) -> decltype(body(float{})) {
    if constexpr (categoryOf<T> == Category::Floating) return body(value);
    else refuse("a kernel takes floating dtypes");
  });
}

inline int itemSize(DType dtype) {
  return dispatchStored(dtype, []<class T>(T) { return static_cast<int>(sizeof(T)); });
}

// An element of 16 bytes, which need not be aligned to more than 8.
struct DoubleWord {
  uint64_t low, high;

  DoubleWord() = default;
  // The bits of an integer, extended by its sign.
  constexpr explicit DoubleWord(int64_t bits) : low(static_cast<uint64_t>(bits)), high(bits < 0 ? ~uint64_t{0} : 0) {}
  constexpr DoubleWord(uint64_t low, uint64_t high) : low(low), high(high) {}

  constexpr DoubleWord operator~() const { return {~low, ~high}; }
  constexpr DoubleWord operator&(DoubleWord other) const { return {low & other.low, high & other.high}; }
  constexpr DoubleWord operator|(DoubleWord other) const { return {low | other.low, high | other.high}; }
};

// Calls body with an unsigned integer as wide as an element: enough for kernels that only move elements.
template <class Body>
auto dispatchSize(int bytes, Body&& body) {
  switch (bytes) {
    case 1: return body(uint8_t{});
    case 2: return body(uint16_t{});
    case 4: return body(uint32_t{});
    case 8: return body(uint64_t{});
    case 16: return body(DoubleWord{});
  }
  refuse("a kernel knows no elements of such a size");
}

}  // namespace flambeau
