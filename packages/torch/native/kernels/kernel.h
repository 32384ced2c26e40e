// What a kernel is: a function that reads its arguments from a block of doubles which the caller filled.
//
// The block lives in memory that both sides see, so a call from JavaScript passes no argument at all (24 ns
// rather than 54 and more). Integers and addresses stand in it as doubles, exact up to 2^53. A kernel is
// defined with FLAMBEAU_KERNEL(name) and registers itself; the addon exports every registered kernel under
// its name. Arguments were validated by the caller, except the values of index tensors, which a kernel checks
// and reports with Params::fail before it has written anything.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/dtype.h"

namespace flambeau {

constexpr int kMaxDims = 64;

// Slots of the argument block: room for the longest list, that of an index for each of the dims.
constexpr int kParamSlots = 32768;

// A cursor over the argument block. Slot 0 takes the status on return; arguments begin at slot 1. What cannot be right
// is refused: the lists were written by the caller, but nothing may be read past the block or into too short an array.
class Params {
 public:
  explicit Params(double* block) : block_(block), next_(block + 1) { block[0] = 0; }

  double number() { return *slot(); }
  int64_t integer() { return static_cast<int64_t>(number()); }
  bool flag() { return number() != 0; }
  DType dtype() { return static_cast<DType>(below(kDTypes)); }
  int dims() { return below(kMaxDims + 1); }
  template <class T = char>
  T* pointer() {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(number()));
  }
  // A scalar in the type T; an int64 stands in its slot as raw bits, a complex number in two.
  template <class T>
  T scalar() {
    if constexpr (std::is_same_v<T, int64_t>) {
      T value;
      std::memcpy(&value, slot(), sizeof value);
      return value;
    } else if constexpr (isComplex<T>) {
      const double re = number();
      return convert<T>(Complex<double>(re, number()));
    } else {
      return convert<T>(number());
    }
  }
  // The address of the next slot, and a step over it.
  double* slot() {
    if (next_ == block_ + kParamSlots) refuse("a kernel's arguments reach past their block");
    return next_++;
  }

  void result(int index, double value) { block_[index + 1] = value; }
  // Reports an error: a code that the caller turns into a message, and the offending value.
  void fail(int code, double value) {
    block_[0] = code;
    block_[1] = value;
  }

 private:
  int below(int limit) {
    const double value = number();
    if (!(value >= 0 && value < limit)) refuse("a kernel knows no such dtype or number of dims");
    return static_cast<int>(value);
  }

  double* block_;
  double* next_;
};

using KernelFunction = void (*)(Params&);

struct KernelRegistration {
  const char* name;
  KernelFunction run;
  KernelRegistration* next;
  static inline KernelRegistration* first = nullptr;

  KernelRegistration(const char* name, KernelFunction run) : name(name), run(run), next(first) { first = this; }
};

#define FLAMBEAU_KERNEL(name)                                                        \
  static void name(::flambeau::Params& params);                                      \
  static const ::flambeau::KernelRegistration name##Registration(#name, name);       \
  static void name([[maybe_unused]] ::flambeau::Params& params)

}  // namespace flambeau
