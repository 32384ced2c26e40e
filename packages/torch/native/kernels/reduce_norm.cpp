// The largest and the smallest element, and norms, over some dims of a tensor.
#include "kernels/reduce_fold.h"

namespace flambeau {
namespace {

template <class V>
inline V magnitude(V x) {
  return x < V{} ? -x : x;
}

template <class T>
struct NonzeroNorm : Sum<T> {
  template <class V> V lift(V x) const { return x != V{} ? V{} + 1 : V{}; }
};

template <class T>
struct AbsoluteSum : Sum<T> {
  template <class V> V lift(V x) const { return magnitude(x); }
};

template <class T>
struct SquareSum : Sum<T> {
  template <class V> V lift(V x) const { return x * x; }
};

template <class T>
struct AbsoluteMax : Max<T> {
  static constexpr T identity = 0;
  template <class V> V lift(V x) const { return magnitude(x); }
};

template <class T>
struct AbsoluteMin : Min<T> {
  template <class V> V lift(V x) const { return magnitude(x); }
};

template <class T>
struct PowerSum : Sum<T> {
  T p;
  T lift(T x) const { return std::pow(std::fabs(x), p); }
  template <class V> V lift(V x) const {
    for (size_t j = 0; j < sizeof(V) / sizeof(T); ++j) x[j] = lift(static_cast<T>(x[j]));
    return x;
  }
};

template <class T>
void norm(const ReductionPlan& plan, DType outType, double p) {
  if (p == 0) return runReduction(plan, Fold<NonzeroNorm<T>>{{}, outType});
  if (p == 1) return runReduction(plan, Fold<AbsoluteSum<T>>{{}, outType});
  if (p == 2) return runReduction(plan, Fold<SquareSum<T>>{{}, outType, Finish::Sqrt});
  if (std::isinf(p)) {
    if (p > 0) return runReduction(plan, Fold<AbsoluteMax<T>>{{}, outType});
    return runReduction(plan, Fold<AbsoluteMin<T>>{{}, outType});
  }
  PowerSum<T> op;
  op.p = static_cast<T>(p);
  runReduction(plan, Fold<PowerSum<T>>{op, outType, Finish::Root, p, 32});
}

}  // namespace

// (dtype, whether the largest, plan)
FLAMBEAU_KERNEL(reduceExtreme) {
  const DType dtype = params.dtype();
  const bool largest = params.flag();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(dtype));
  dispatchNumbers(dtype, [&]<class T>(T) {
    if (largest) runReduction(plan, Fold<Max<T>>{{}, dtype});
    else runReduction(plan, Fold<Min<T>>{{}, dtype});
  });
}

// (output dtype, input dtype, p, plan)
FLAMBEAU_KERNEL(reduceNorm) {
  const DType outType = params.dtype(), inType = params.dtype();
  const double p = params.number();
  const ReductionPlan plan(params, itemSize(inType), itemSize(outType));
  dispatchFloating(inType, [&]<class T>(T) { norm<T>(plan, outType, p); });
}

}  // namespace flambeau
