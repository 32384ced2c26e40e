// How an elementwise kernel is made: from a function of single numbers.
//
//   const KernelRegistration kernels[] = {
//       pointwise<Floating, 1, kHeavy>("unary.exp", [](auto x) { return simd::exp(x); }),
//   };
//
// The compiler sees one loop over contiguous elements for each type and turns it into vector instructions;
// strides, broadcasting and threads are dealt with once for all kernels (`runPointwise`), by staging what is
// not contiguous in small buffers. A function must therefore be free of branches to be fast.
#pragma once
#include <algorithm>
#include <array>
#include <type_traits>

#include "kernels/kernel.h"

// FLAMBEAU_INDEPENDENT promises that the iterations of the next loop do not depend on each other: an output is
// either one of the inputs, element for element, or apart from them.
// FLAMBEAU_ONE_COPY keeps a function from being inlined or cloned.
#if defined(__clang__)
#define FLAMBEAU_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define FLAMBEAU_ONE_COPY [[gnu::noinline]]
#else
#define FLAMBEAU_INDEPENDENT _Pragma("GCC ivdep")
#define FLAMBEAU_ONE_COPY [[gnu::noinline, gnu::noclone]]
#endif

namespace flambeau {

constexpr int kMaxOperands = 4;

// Works on n contiguous elements of each operand; `data` begins with the outputs.
using RunFunction = void (*)(char* const* data, int64_t n, const void* context);

struct PointwiseLoop {
  RunFunction run;
  const void* context = nullptr;
  int operands;
  int outputs = 1;
  int itemSizes[kMaxOperands];
  int cost = 1;  // of one element, relative to an addition
  bool copies = false;  // the output is the input
};

// Reads the shape, addresses and strides as StridedLoop does, and covers every element with calls of `run`.
void runPointwise(Params& params, const PointwiseLoop& loop);

// Copies n elements of a size in bytes; strides are in bytes too.
void copyElements(int size, char* to, int64_t toStride, const char* from, int64_t fromStride, int64_t n);

// The error of a kernel that was asked for a dtype it does not know.
constexpr int kUnsupportedDType = 3;

template <Category... categories>
struct Types {
  template <class T>
  static constexpr bool has = !isHalf<T> && ((categoryOf<T> == categories) || ...);
};
// With the half types, of functions for which float does not do.
template <class List>
struct WithHalf {
  template <class T>
  static constexpr bool has = List::template has<T> || isHalf<T>;
};
using Floating = Types<Category::Floating>;
using Integers = Types<Category::Integer>;
using IntegersAndBool = Types<Category::Integer, Category::Bool>;
using Numbers = Types<Category::Floating, Category::Integer>;
using AllTypes = Types<Category::Floating, Category::Integer, Category::Bool>;

// Costs of one element: simple arithmetic, a dozen vector instructions, and a call or a loop for each number.
constexpr int kLight = 1, kHeavy = 6, kCall = 24;

// A result type other than the operands'.
struct Same {};
using BoolResult = uint8_t;

// Elements that a heavy function takes at a time; the rest is padded, so that no scalar copy of it is needed.
constexpr int kBlock = 32;

template <class F, class T, class Out, int Scalars, bool Padded>
struct Run {
  static constexpr F f{};

  // Calls f with the elements and then the scalar parameters.
  template <class... Xs>
  static Out apply(const T* s, Xs... x) {
    if constexpr (Scalars == 0) return f(x...);
    if constexpr (Scalars == 1) return f(x..., s[0]);
    if constexpr (Scalars == 2) return f(x..., s[0], s[1]);
    if constexpr (Scalars == 3) return f(x..., s[0], s[1], s[2]);
  }

  template <class... In>
  static void loop(Out* out, int64_t n, const T* scalars, const In*... in) {
    if constexpr (Padded) {
      const int64_t whole = n - n % kBlock;
      blocks(out, whole, scalars, in...);
      if (whole < n) tail(out + whole, static_cast<int>(n - whole), scalars, in + whole...);
    } else {
      FLAMBEAU_INDEPENDENT
      for (int64_t i = 0; i < n; ++i) out[i] = apply(scalars, in[i]...);
    }
  }

  // Whole blocks: one copy of the vector code serves the long run and the tail.
  template <class... In>
  FLAMBEAU_ONE_COPY static void blocks(Out* out, int64_t n, const T* scalars, const In*... in) {
    for (int64_t i = 0; i < n; i += kBlock) {
      if constexpr (requires { F::inRange(in[0]...); }) {
        blockWithRange(out + i, in + i...);
      } else {
        FLAMBEAU_INDEPENDENT
        for (int j = 0; j < kBlock; ++j) out[i + j] = apply(scalars, in[i + j]...);
      }
    }
  }

  // A function that holds for a range only, and has another, slow form beyond.
  template <class... In>
  static void blockWithRange(Out* out, const In*... in) {
    Out results[kBlock];
    int outside = 0;
    for (int j = 0; j < kBlock; ++j) {
      results[j] = f(in[j]...);
      outside |= !F::inRange(in[j]...);
    }
    for (int j = 0; j < kBlock && outside; ++j) {
      if (!F::inRange(in[j]...)) results[j] = F::outOfRange(in[j]...);
    }
    std::copy_n(results, kBlock, out);  // only now, since the output may take the place of an input
  }

  template <class... In>
  static void tail(Out* out, int n, const T* scalars, const In*... in) {
    struct Padding {
      T values[kBlock];
      Padding(const T* from, int n) { std::fill(std::copy_n(from, n, values), values + kBlock, T(1)); }
    };
    Out results[kBlock];
    blocks(results, kBlock, scalars, static_cast<const T*>(Padding(in, n).values)...);
    std::copy_n(results, n, out);
  }

  template <size_t... I>
  static void unpack(char* const* data, int64_t n, const void* context, std::index_sequence<I...>) {
    T scalars[Scalars + 1];
    std::copy_n(static_cast<const T*>(context), Scalars, scalars);
    loop(reinterpret_cast<Out*>(data[0]), n, scalars, reinterpret_cast<const T*>(data[I + 1])...);
  }
};

template <class F, class T, class Result, int Arity, int Scalars, bool Padded>
void runFunction(char* const* data, int64_t n, const void* context) {
  using Out = std::conditional_t<std::is_same_v<Result, Same>, T, Result>;
  Run<F, T, Out, Scalars, Padded>::unpack(data, n, context, std::make_index_sequence<Arity>{});
}

// A row function for each dtype, by its id, and null for those that are not in the list.
using RunTable = std::array<RunFunction, kDTypes>;

template <class F, class List, class Result, int Arity, int Scalars, bool Padded>
constexpr RunTable makeRunTable() {
  constexpr auto entry = []<class T>(T) -> RunFunction {
    if constexpr (List::template has<T>) return &runFunction<F, T, Result, Arity, Scalars, Padded>;
    return nullptr;
  };
#define FLAMBEAU_ENTRY(name, type, category) entry(type{}),
  return {FLAMBEAU_DTYPES(FLAMBEAU_ENTRY)};
#undef FLAMBEAU_ENTRY
}

struct PointwiseTraits {
  int arity, scalars, cost, resultSize;  // resultSize 0: that of the operands
};

// Reads (dtype, scalar parameters, loop over output and operands) and runs the function for that dtype, of a half type
// the one for float.
void runPointwiseKernel(Params& params, const RunTable& table, const PointwiseTraits& traits);

// Registers a kernel that applies f(operands…, scalars…) to elements of the types in List.
template <class List, int Arity, int Cost = kLight, int Scalars = 0, class Result = Same, class F>
KernelRegistration pointwise(const char* name, F) {
  return KernelRegistration(name, [](Params& params) {
    static constexpr RunTable table = makeRunTable<F, List, Result, Arity, Scalars, (Cost >= kHeavy)>();
    runPointwiseKernel(params, table, {Arity, Scalars, Cost, std::is_same_v<Result, Same> ? 0 : 1});
  });
}

}  // namespace flambeau
