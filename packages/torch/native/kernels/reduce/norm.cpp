// The largest and the smallest element, and norms, over some dims of a tensor.
#include "kernels/reduce/fold.h"

namespace flambeau {
namespace {

template <class V>
inline V magnitude(V x) {
  return x < V{} ? -x : x;
}

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
void norm(const ReductionPlan& plan, double p, DType outType, DType inType) {
  const auto fold = [&]<class Op>(Op op, Finish finish = Finish::Keep, int64_t cost = 1) {
    runReduction(plan, Fold<Op>{op, outType, finish, p, cost}, inType);
  };
  if (p == 1) return fold(AbsoluteSum<T>());
  if (p == 2) return fold(SquareSum<T>(), Finish::Sqrt);
  if (std::isinf(p)) return p > 0 ? fold(AbsoluteMax<T>()) : fold(AbsoluteMin<T>());
  PowerSum<T> op;
  op.p = static_cast<T>(p);
  fold(op, Finish::Root, 32);
}

}  // namespace

// (dtype, whether the largest, plan)
FLAMBEAU_KERNEL(reduceExtreme) {
  const DType dtype = params.dtype();
  const bool largest = params.flag();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(dtype));
  dispatchRead(dtype, [&]<class T>(T) {
    if (largest) runReduction(plan, Fold<Max<T>>{{}, dtype}, dtype);
    else runReduction(plan, Fold<Min<T>>{{}, dtype}, dtype);
  });
}

// (output dtype, input dtype, p other than 0, plan)
FLAMBEAU_KERNEL(reduceNorm) {
  const DType outType = params.dtype(), inType = params.dtype();
  const double p = params.number();
  const ReductionPlan plan(params, itemSize(inType), itemSize(outType));
  dispatchFloating(computedIn(inType), [&]<class T>(T) { norm<T>(plan, p, outType, inType); });
}

}  // namespace flambeau
