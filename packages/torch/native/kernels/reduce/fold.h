// Folds: reductions that turn each element into a number (`lift`) and put numbers together (`combine`).
//
// A row is folded in four vectors of accumulators; columns are folded four rows at a time. After a bounded
// number of steps the accumulators go into a total of higher precision, so that the error of a long sum does
// not grow with its length.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/reduce/reduce.h"

namespace flambeau {

#if defined(__AVX512F__)
constexpr int kFoldBytes = 64;
#elif defined(__AVX2__)
constexpr int kFoldBytes = 32;
#else
constexpr int kFoldBytes = 16;
#endif

// Steps that an accumulator takes before it goes into the total.
constexpr int64_t kFoldDepth = 64;

template <class T, int N>
struct VectorOf {
  typedef T type __attribute__((vector_size(sizeof(T) * N)));
};
template <class T, int N>
using Vector = typename VectorOf<T, N>::type;

template <class Acc, int N, class In>
inline Vector<Acc, N> load(const In* p) {
  Vector<Acc, N> v;
  static_assert(sizeof(In) == sizeof(Acc));
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <class T, int N>
inline Vector<T, N> splat(T value) {
  Vector<T, N> v;
  for (int j = 0; j < N; ++j) v[j] = value;
  return v;
}

// Integers are accumulated as unsigned ones, which may wrap around in C++.
template <class T>
using AccumulatorOf = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
template <class T>
using TotalOf = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

// The functions of an operation work on numbers and on vectors of them alike.
template <class T>
struct Sum {
  using In = T;
  using Acc = AccumulatorOf<T>;
  using Total = TotalOf<T>;
  static constexpr Acc identity = 0;
  template <class V> V lift(V x) const { return x; }
  template <class V> V combine(V a, V b) const { return a + b; }
};

template <class T>
struct Product : Sum<T> {
  static constexpr AccumulatorOf<T> identity = 1;
  template <class V> V combine(V a, V b) const { return a * b; }
};

template <class T>
struct Max {
  using In = T;
  using Acc = T;
  using Total = T;
  static constexpr T identity =
      std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  template <class V> V lift(V x) const { return x; }
  template <class V> V combine(V a, V b) const { return ((b > a) | (b != b)) ? b : a; }
};

template <class T>
struct Min : Max<T> {
  static constexpr T identity =
      std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  template <class V> V combine(V a, V b) const { return ((b < a) | (b != b)) ? b : a; }
};

// Combines the lanes of a vector, halving it down to the narrowest one that every CPU has.
template <class Op, class V>
inline typename Op::Acc foldLanes(const Op& op, V v) {
  using Acc = typename Op::Acc;
  constexpr int n = sizeof(V) / sizeof(Acc);
  if constexpr (sizeof(V) > 16) {
    Vector<Acc, n / 2> low, high;
    std::memcpy(&low, &v, sizeof low);
    std::memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
    return foldLanes(op, op.combine(low, high));
  } else if constexpr (n == 4) {
    return op.combine(op.combine(v[0], v[1]), op.combine(v[2], v[3]));
  } else {
    return op.combine(v[0], v[1]);
  }
}

// The operation is taken by value: its members stay in registers.
template <class Op>
inline void foldRow(Op op, typename Op::Total& total, const typename Op::In* p, int64_t n) {
  using Acc = typename Op::Acc;
  using Total = typename Op::Total;
  constexpr int lanes = kFoldBytes / sizeof(Acc);
  const auto at = [&](int64_t i) { return op.lift(load<Acc, lanes>(p + i * lanes)); };
  while (n >= lanes) {
    const int64_t vectors = std::min<int64_t>(n / lanes, 4 * kFoldDepth);
    auto a = splat<Acc, lanes>(Op::identity), b = a, c = a, d = a;
    int64_t i = 0;
    for (; i + 4 <= vectors; i += 4) {
      a = op.combine(a, at(i));
      b = op.combine(b, at(i + 1));
      c = op.combine(c, at(i + 2));
      d = op.combine(d, at(i + 3));
    }
    for (; i < vectors; ++i) a = op.combine(a, at(i));
    const Acc block = foldLanes(op, op.combine(op.combine(a, b), op.combine(c, d)));
    total = op.combine(total, static_cast<Total>(block));
    p += vectors * lanes;
    n -= vectors * lanes;
  }
  if (n == 0) return;
  Acc rest = Op::identity;
  for (int64_t i = 0; i < n; ++i) rest = op.combine(rest, op.lift(static_cast<Acc>(p[i])));
  total = op.combine(total, static_cast<Total>(rest));
}

// Fewer columns than a vector has lanes.
template <class Op>
inline void foldFewColumns(const Op& op, typename Op::Total* totals, const typename Op::In* p, int64_t stride,
                           int64_t n, int64_t width) {
  using Acc = typename Op::Acc;
  for (int64_t r = 0; r < n; ++r, p += stride) {
    for (int64_t j = 0; j < width; ++j) {
      totals[j] = op.combine(totals[j], static_cast<typename Op::Total>(op.lift(static_cast<Acc>(p[j]))));
    }
  }
}

// The last vector of a row overlaps the one before it, with accumulators of its own.
template <class Op>
inline void foldColumns(Op op, typename Op::Total* totals, const typename Op::In* p, int64_t stride, int64_t n,
                        int64_t width) {
  using Acc = typename Op::Acc;
  using Total = typename Op::Total;
  constexpr int64_t lanes = kFoldBytes / sizeof(Acc);
  if (width < lanes) return foldFewColumns(op, totals, p, stride, n, width);
  const int64_t whole = width / lanes, last = width - lanes, slots = whole + (width % lanes != 0);
  Vector<Acc, lanes> acc[kColumns / lanes];
  const auto at = [&](const typename Op::In* x) { return op.lift(load<Acc, lanes>(x)); };
  while (n > 0) {
    const int64_t rows = std::min<int64_t>(n, 4 * kFoldDepth);
    for (int64_t v = 0; v < slots; ++v) acc[v] = splat<Acc, lanes>(Op::identity);
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4, p += 4 * stride) {
      const auto step = [&](int64_t v, const typename Op::In* x) {
        const auto a = op.combine(at(x), at(x + stride)), b = op.combine(at(x + 2 * stride), at(x + 3 * stride));
        acc[v] = op.combine(acc[v], op.combine(a, b));
      };
      for (int64_t v = 0; v < whole; ++v) step(v, p + v * lanes);
      if (slots > whole) step(whole, p + last);
    }
    for (; r < rows; ++r, p += stride) {
      for (int64_t v = 0; v < whole; ++v) acc[v] = op.combine(acc[v], at(p + v * lanes));
      if (slots > whole) acc[whole] = op.combine(acc[whole], at(p + last));
    }
    const Acc* sums = reinterpret_cast<const Acc*>(acc);
    for (int64_t j = 0; j < whole * lanes; ++j) totals[j] = op.combine(totals[j], static_cast<Total>(sums[j]));
    sums += slots * lanes - width;
    for (int64_t j = whole * lanes; j < width; ++j) totals[j] = op.combine(totals[j], static_cast<Total>(sums[j]));
    n -= rows;
  }
}

// What is made of a total in the end.
enum class Finish { Keep, Divide, AnyNonzero, AllNonzero, Sqrt, Root };

template <class Value>
inline void storeAs(DType dtype, char* out, Value value) {
  dispatchStored(dtype, [&]<class T>(T) { *reinterpret_cast<T*>(out) = convert<T>(value); });
}

// Writes what is made of a total; `count` is the number of elements of one output, or the exponent of a root.
template <class Value>
[[gnu::noinline]] void storeFinished(Finish finish, double count, DType dtype, char* out, Value total) {
  switch (finish) {
    case Finish::AnyNonzero: return storeAs(dtype, out, total != 0);
    case Finish::AllNonzero: return storeAs(dtype, out, static_cast<double>(total) == count);
    case Finish::Divide: return storeAs(dtype, out, static_cast<double>(total) / count);
    case Finish::Sqrt: return storeAs(dtype, out, std::sqrt(static_cast<double>(total)));
    case Finish::Root: return storeAs(dtype, out, std::pow(static_cast<double>(total), 1 / count));
    case Finish::Keep: return storeAs(dtype, out, total);
  }
}

// The body of a reduction (reduce.h) made from an operation.
template <class Op>
struct Fold {
  using In = typename Op::In;
  using Total = typename Op::Total;

  Op op;
  DType outType;
  Finish finish = Finish::Keep;
  double count = 0;  // elements of one output, or the exponent of a root
  int64_t cost = 1;

  void init(Total& total) const { total = Op::identity; }
  void row(Total& total, const In* p, int64_t n) const { foldRow(op, total, p, n); }
  void columns(Total* totals, const In* p, int64_t stride, int64_t n, int64_t width) const {
    foldColumns(op, totals, p, stride, n, width);
  }
  void merge(Total& total, const Total& other) const { total = op.combine(total, other); }

  bool storeRow(char* out, int64_t step, const Total* totals, int64_t n) const {
    if constexpr (std::is_floating_point_v<In> && std::is_floating_point_v<Total>) {
      const bool plain = finish == Finish::Keep || finish == Finish::Divide;
      if (!plain || step != sizeof(In) || outType != ElementTraits<In>::dtype) return false;
      const Total divisor = finish == Finish::Divide ? static_cast<Total>(count) : Total(1);
      for (int64_t j = 0; j < n; ++j) reinterpret_cast<In*>(out)[j] = static_cast<In>(totals[j] / divisor);
      return true;
    }
    return false;
  }

  void store(char* out, char*, const Total& total) const {
    using Value = std::conditional_t<std::is_floating_point_v<Total>, double, int64_t>;
    storeFinished(finish, count, outType, out, static_cast<Value>(total));
  }
};

// Calls body with a value of the type as which elements of a dtype are read.
template <class Body>
void dispatchRead(DType dtype, const Body& body) {
  dispatch(computedIn(dtype), [&]<class T>(T value) {
    if constexpr (categoryOf<T> == Category::Floating) body(value);
    else body(int64_t{});
  });
}

}  // namespace flambeau
