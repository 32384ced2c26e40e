// Kernels that write or combine at computed places.
#include "kernels/indexing/scatter.h"

#include <cmath>

#include "kernels/indexing/offsets.h"

namespace flambeau {
namespace {

// Rounds towards minus infinity for integers, as PyTorch's mean does.
template <class T>
T divideByCount(T sum, int64_t count) {
  if constexpr (std::is_floating_point_v<T>) {
    return sum / static_cast<T>(count);
  } else {
    const int64_t quotient = static_cast<int64_t>(sum) / count;
    return static_cast<T>(quotient - (static_cast<int64_t>(sum) % count < 0));
  }
}

// Divides every touched element by how many numbers went into it.
template <class T>
void divideByCounts(const StridedLoop<3>& loop, const ScatterSteps& step, bool includeSelf) {
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) {
    const ScatterRow<T> row(p, s, n);
    const Scratch<int64_t> counts(step.size * n);
    std::fill_n(counts.get(), step.size * n, 0);
    for (int64_t j = 0; j < step.count; ++j) {
      for (int64_t i = 0; i < n; ++i) {
        const int64_t at = readOnce(row.index[j * step.index + i * row.si]);
        if (inRange(at, step.size)) ++counts[at * n + i];
      }
    }
    for (int64_t k = 0; k < step.size; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        T& place = row.self[k * step.self + i * row.ss];
        const int64_t count = counts[k * n + i];
        if (count > 0) place = divideByCount(place, count + includeSelf);
      }
    }
  }, 4 * std::max<int64_t>(step.count, 1));
}

// Assigning moves bits, and adding and multiplying integers does not mind their sign: fewer types to compile for.
template <class T>
void assign(const StridedLoop<3>& loop, const ScatterSteps& step) {
  dispatchSize(sizeof(T), [&]<class Bits>(Bits) {
    if constexpr (sizeof(Bits) == sizeof(T)) scatterRows<Bits>(loop, step, Assign());
  });
}

template <class T>
using Addend = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;

// Makes the touched elements start from the mode's neutral element.
template <class T>
void resetTouched(StridedLoop<3> loop, ScatterSteps step, ScatterMode mode) {
  T identity = identityOf<T>(mode);
  loop.data[2] = reinterpret_cast<char*>(&identity);
  std::fill_n(loop.strides[2], kMaxDims, 0);
  step.src = 0;
  assign<T>(loop, step);
}

template <class T>
void combine(const StridedLoop<3>& loop, const ScatterSteps& step, ScatterMode mode, bool includeSelf, T alpha) {
  using A = Addend<T>;
  if (!includeSelf) resetTouched<T>(loop, step, mode);
  switch (mode) {
    case ScatterMode::Assign: return assign<T>(loop, step);
    case ScatterMode::Sum: return scatterRows<A>(loop, step, Sum());
    case ScatterMode::Prod: return scatterRows<A>(loop, step, Prod());
    case ScatterMode::Amax: return scatterRows<T>(loop, step, Amax());
    case ScatterMode::Amin: return scatterRows<T>(loop, step, Amin());
    case ScatterMode::SumScaled: return scatterRows<A>(loop, step, SumScaled<A>{static_cast<A>(alpha)});
    case ScatterMode::Mean:
      scatterRows<A>(loop, step, Sum());
      return divideByCounts<T>(loop, step, includeSelf);
  }
}

// Calls body(T, mode). What is moved only counts by its size. Bools combine as bytes: the sum is "or", which is 0 where
// all are, the product "and".
template <class Body>
void dispatchScatter(DType dtype, ScatterMode mode, const Body& body) {
  if (mode == ScatterMode::Assign && dtype != computedIn(dtype)) dtype = DType::Int16;
  if (dtype == DType::Bool && (mode == ScatterMode::Sum || mode == ScatterMode::SumScaled)) mode = ScatterMode::Amax;
  if (dtype == DType::Bool && mode == ScatterMode::Prod) mode = ScatterMode::Amin;
  dispatch(dtype == DType::Bool ? DType::UInt8 : dtype, [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, Bool>) body(T{}, mode);
  });
}

}  // namespace

// (mode, dtype, include self, alpha, count, size of the indexed dim, steps of self, index and src along it, index
// without expanded dims, loop over self, index, src without the indexed dim)
FLAMBEAU_KERNEL(scatter) {
  const auto wanted = static_cast<ScatterMode>(params.integer());
  const DType dtype = params.dtype();
  const bool includeSelf = params.flag();
  dispatchScatter(dtype, wanted, [&]<class T>(T, ScatterMode mode) {
    const T alpha = params.scalar<T>();
    ScatterSteps step{params.integer(), params.integer(), params.integer(), params.integer(), params.integer()};
    const StridedLoop<1> distinct(params, {8});
    const StridedLoop<3> loop(params, {sizeof(T), 8, sizeof(T)});
    if (checkIndices<int64_t>(params, distinct, 0, step.size)) combine<T>(loop, step, mode, includeSelf, alpha);
  });
}

// The product of complex numbers that meet at a place and what is there; all other ways to combine are those of their
// parts. The same list as above.
FLAMBEAU_KERNEL(scatterComplexProduct) {
  params.integer();
  const DType dtype = params.dtype();
  params.flag();
  const auto run = [&]<class T>(T) {
    params.scalar<T>();
    const ScatterSteps step{params.integer(), params.integer(), params.integer(), params.integer(), params.integer()};
    const StridedLoop<1> distinct(params, {8});
    const StridedLoop<3> loop(params, {sizeof(T), 8, sizeof(T)});
    const auto product = [](T a, T b) { return T(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re); };
    if (checkIndices<int64_t>(params, distinct, 0, step.size)) scatterRows<T>(loop, step, product);
  };
  dtype == DType::Complex64 ? run(Complex<float>{}) : run(Complex<double>{});
}

// (mode: assign or sum, dtype, number of offsets, index operands, dims of the source that go with the offsets, loop
// over self, offsets, source without the indexed dims)
FLAMBEAU_KERNEL(indexPut) {
  const auto wanted = static_cast<ScatterMode>(params.integer());
  const DType dtype = params.dtype();
  const Offsets offsets(params);
  if (offsets.failed()) return;
  const int64_t count = offsets.count();
  const FlatDims source(params);
  const bool needsTable = source.ndim > 1;
  const Scratch<int64_t> table(needsTable ? count : 0);
  if (needsTable) source.enumerate(table, count);
  const ScatterSteps step{count, offsets.size(), offsets.step(), 1, source.ndim == 1 ? source.strides[0] : 0,
                          needsTable ? table.get() : nullptr};
  dispatchScatter(dtype, wanted, [&]<class T>(T, ScatterMode mode) {
    StridedLoop<3> loop(params, {sizeof(T), 8, sizeof(T)});
    loop.data[1] = offsets.data();
    combine<T>(loop, step, mode, true, T(1));
  });
}

}  // namespace flambeau
