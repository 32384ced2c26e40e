// How a reduction walks memory: which dims are kept and which are reduced, sorted by the strides of the input
// and merged where they can be; and how elements are read.
#pragma once
#include <algorithm>

#include "kernels/kernel.h"
#include "simd/half.h"

namespace flambeau {

struct ReductionPlan {
  struct Axis {
    int64_t size, in, out, extra;  // strides in bytes
  };

  int kept = 0, reduced = 0;
  Axis keptAxes[kMaxDims], reducedAxes[kMaxDims];  // innermost first
  int64_t keptCount = 1, reducedCount = 1;
  char* out;
  char* extra;
  const char* in;
  bool columns = false;

  // Reads the dims, outermost first, as (size, strides of input, output and second output, whether reduced), then
  // the addresses of the outputs and the input. `inOrder` leaves reduced dims in the order of their indices.
  ReductionPlan(Params& params, int inSize, int outSize, bool inOrder = false) {
    const int ndim = params.dims();
    Axis axes[kMaxDims];
    bool isReduced[kMaxDims];
    for (int d = ndim - 1; d >= 0; --d) {
      axes[d].size = params.integer();
      axes[d].in = params.integer() * inSize;
      axes[d].out = params.integer() * outSize;
      axes[d].extra = params.integer() * outSize;
      isReduced[d] = params.flag();
    }
    for (int d = 0; d < ndim; ++d) {
      (isReduced[d] ? reducedCount : keptCount) *= axes[d].size;
      if (axes[d].size == 1) continue;
      if (isReduced[d]) add(reducedAxes, reduced, axes[d], !inOrder);
      else add(keptAxes, kept, axes[d], true);
    }
    out = params.pointer();
    extra = params.pointer();
    in = params.pointer();
    merge(keptAxes, kept, true);
    merge(reducedAxes, reduced, false);
    columns = kept > 0 && keptAxes[0].in != 0 && (reduced == 0 || keptAxes[0].in < reducedAxes[0].in);
  }

 private:
  static void add(Axis* axes, int& count, const Axis& axis, bool sorted) {
    int at = count++;
    for (; sorted && at > 0 && axes[at - 1].in > axis.in; --at) axes[at] = axes[at - 1];
    axes[at] = axis;
  }

  static void merge(Axis* axes, int& count, bool withOutputs) {
    int last = 0;
    for (int d = 1; d < count; ++d) {
      Axis& inner = axes[last];
      const Axis next{0, inner.in * inner.size, inner.out * inner.size, inner.extra * inner.size};
      const bool sameOutputs = !withOutputs || (axes[d].out == next.out && axes[d].extra == next.extra);
      if (axes[d].in == next.in && sameOutputs) inner.size *= axes[d].size;
      else axes[++last] = axes[d];
    }
    if (count > 0) count = last + 1;
  }
};

// Calls run(p, stride in bytes, n) for the evenly spaced runs that make up the elements [begin, end) of the
// reduced dims, from the address of the first element on.
template <class Run>
void forEachRun(const ReductionPlan& plan, const char* p, int64_t begin, int64_t end, const Run& run) {
  if (begin >= end) return;
  const auto* axes = plan.reducedAxes;
  if (plan.reduced <= 1) {
    const int64_t stride = plan.reduced == 0 ? 0 : axes[0].in;
    return run(p + begin * stride, stride, end - begin);
  }
  int64_t index[kMaxDims];
  int64_t rest = begin;
  for (int d = 0; d < plan.reduced; ++d) {
    index[d] = rest % axes[d].size;
    rest /= axes[d].size;
    p += index[d] * axes[d].in;
  }
  while (begin < end) {
    const int64_t n = std::min(axes[0].size - index[0], end - begin);
    run(p, axes[0].in, n);
    begin += n;
    p -= index[0] * axes[0].in;
    index[0] = 0;
    for (int d = 1; d < plan.reduced; ++d) {
      p += axes[d].in;
      if (++index[d] < axes[d].size) break;
      p -= axes[d].size * axes[d].in;
      index[d] = 0;
    }
  }
}

// Bytes of the largest element that is gathered.
constexpr int64_t kGatherBytes = 8;

// Copies n elements of the type From, `stride` bytes apart, to a buffer of the type In.
template <class In, class From>
void gather(void* buffer, const char* p, int64_t stride, int64_t n) {
  In* const to = static_cast<In*>(buffer);
  if constexpr (isHalf<From> && std::is_same_v<In, float>) {
    if (stride == sizeof(From)) return simd::widen(to, reinterpret_cast<const From*>(p), n);
  }
  if (stride == sizeof(From)) {
    std::copy_n(reinterpret_cast<const From*>(p), n, to);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<In>(*reinterpret_cast<const From*>(p + i * stride));
  }
}

using Gather = void (*)(void* buffer, const char* p, int64_t stride, int64_t n);

// Any integer is read as int64, a half type as float32, and all of them also as float64, so that bodies are compiled for
// few types only.
template <class In>
Gather gatherFrom(DType dtype) {
  return dispatchStored(dtype, []<class From>(From) -> Gather {
    constexpr bool isFloating = categoryOf<From> == Category::Floating;
    constexpr bool widens = !isComplex<From> && sizeof(In) > sizeof(From) && isFloating == std::is_floating_point_v<In>;
    if constexpr (widens || std::is_same_v<In, From>) return gather<In, From>;
    else refuse("a reduction does not read this dtype");
  });
}

}  // namespace flambeau
