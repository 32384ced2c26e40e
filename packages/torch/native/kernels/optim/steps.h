// A step of an optimizer over a list of parameters, in place and in one pass over their memory.
//
// A rule is a struct that reads the numbers of its group, and updates elements of one parameter:
//
//     template <class T>
//     struct Rule {
//       Rule(Params& params, bool fresh);          // fresh: the first of the states holds nothing yet
//       void begin(Row<T>& row) const;             // counts the step, and keeps what follows from the count
//       void run(const Row<T>& row, int64_t begin, int64_t end) const;
//     };
//
// Roundings happen where PyTorch has them, so that training follows it bit by bit: `a + alpha * b` is one fused
// operation where the CPU has it, everything else rounds on its own.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/pointwise/pointwise.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

constexpr int64_t kStepGrain = 16384;

// a * b + c
template <class T>
inline T multiplyAdd(T a, T b, T c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

// a * b, which the compiler may not fuse with an addition that follows.
template <class T>
inline T multiply(T a, T b) {
  return multiplyAdd(a, b, T(0));
}

// A running mean: factor * mean + keep * value.
template <class T>
inline T decay(T mean, T factor, T value, T keep) {
  return multiplyAdd(value, keep, mean * factor);
}

// The same of a square.
template <class T>
inline T decaySquare(T mean, T factor, T value, T keep) {
  return multiplyAdd(keep * value, value, mean * factor);
}

// The larger of two numbers, or NaN if one of them is.
template <class T>
inline T larger(T a, T b) {
  const T top = a > b ? a : b;
  return a != a ? a : top;
}

// A number that an optimizer counts in a tensor of its own, float32 or float64.
class Count {
 public:
  void read(Params& params) {
    address_ = params.pointer<void>();
    isDouble_ = params.dtype() == DType::Float64;
  }
  double get() const { return isDouble_ ? *static_cast<double*>(address_) : *static_cast<float*>(address_); }
  void set(double value) const {
    if (isDouble_) *static_cast<double*>(address_) = value;
    else *static_cast<float*>(address_) = static_cast<float>(value);
  }
  // Multiplies as tensors of its type do.
  double times(double factor) const {
    set(isDouble_ ? get() * factor : static_cast<float>(get()) * static_cast<float>(factor));
    return get();
  }
  // Adds one, and returns the number of the step.
  double next() const {
    set(get() + 1);
    return get();
  }

 private:
  void* address_;
  bool isDouble_;
};

// One parameter.
template <class T>
struct Row {
  // How many elements the rows before it have, and how many it has.
  int64_t first, size;
  T* p;
  const T* grad;
  // Tensors of its size, or null.
  T* state[3];
  Count counts[3];
  // What follows from the counts.
  T factors[3];
};

// beta^step for steps that are mostly the same from row to row.
class Power {
 public:
  explicit Power(double base) : base_(base) {}
  double operator()(double step) {
    if (step != step_) value_ = std::pow(base_, step_ = step);
    return value_;
  }

 private:
  double base_, step_ = 0, value_ = 1;
};

template <template <class> class Rule>
void runSteps(Params& params) {
  static thread_local ThreadScratch scratch;
  const DType dtype = params.dtype();
  const bool fresh = params.flag();
  const int64_t count = params.integer();
  const int states = params.dims(), counts = params.dims();
  if (states > 3 || counts > 3) refuse("an optimizer has at most three states and counts");
  dispatchFloating(dtype, [&]<class T>(T) {
    Rule<T> rule(params, fresh);
    Row<T>* const rows = scratch.reserve<Row<T>>(count);
    int64_t total = 0;
    for (int64_t i = 0; i < count; ++i) {
      Row<T>& row = rows[i];
      row.first = total;
      row.size = params.integer();
      row.p = params.pointer<T>();
      row.grad = params.pointer<T>();
      for (int j = 0; j < states; ++j) row.state[j] = params.pointer<T>();
      for (int j = 0; j < counts; ++j) row.counts[j].read(params);
      rule.begin(row);
      total += row.size;
    }
    // Each thread updates the same part of every large parameter, the one that products of the parameter most likely
    // left in its cache; a small one goes to one thread as a whole.
    const int64_t parts = std::min<int64_t>(threadCount(), (total + kStepGrain - 1) / kStepGrain);
    parallelFor(parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = 0; i < count; ++i) {
        const Row<T>& row = rows[i];
        if (row.size >= kStepGrain) {
          rule.run(row, row.size * first / parts, row.size * last / parts);
        } else if (const int64_t part = row.first * parts / total; first <= part && part < last) {
          rule.run(row, 0, row.size);
        }
      }
    });
  });
}

// Calls body with a constant for each of two switches: choose(a, b, [&]<bool A, bool B>() { … }).
template <class Body>
void choose(bool a, bool b, const Body& body) {
  if (a) return b ? body.template operator()<true, true>() : body.template operator()<true, false>();
  return b ? body.template operator()<false, true>() : body.template operator()<false, false>();
}

}  // namespace flambeau
