// A number that several threads write, in the order of all such. <atomic> takes as long to read as a kernel to compile.
#pragma once

namespace flambeau {

template <class T>
class Atomic {
 public:
  Atomic(T value) : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  operator T() const { return __atomic_load_n(&value_, __ATOMIC_SEQ_CST); }
  void operator=(T value) { __atomic_store_n(&value_, value, __ATOMIC_SEQ_CST); }
  void operator+=(T value) { __atomic_fetch_add(&value_, value, __ATOMIC_SEQ_CST); }
  void operator|=(T value) { __atomic_fetch_or(&value_, value, __ATOMIC_SEQ_CST); }
  // Returns what it was.
  T exchange(T value) { return __atomic_exchange_n(&value_, value, __ATOMIC_SEQ_CST); }

 private:
  T value_;
};

}  // namespace flambeau
