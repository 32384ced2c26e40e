// Sums, products and counts over some dims of a tensor.
#include "kernels/reduce/fold.h"

namespace flambeau {
namespace {

// Codes are part of the contract with src/backend/cpu/reduce.ts.
enum class ReduceOp { Sum, Prod, Mean, NanSum, Any, All, CountNonzero };

template <class T>
struct NanSum : Sum<T> {
  template <class V> V lift(V x) const { return x != x ? V{} : x; }
};

template <class T>
struct CountNonzero : Sum<T> {
  using Total = uint64_t;
  template <class V> V lift(V x) const { return x != V{} ? V{} + 1 : V{}; }
};

Finish finishOf(ReduceOp op) {
  switch (op) {
    case ReduceOp::Mean: return Finish::Divide;
    case ReduceOp::Any: return Finish::AnyNonzero;
    case ReduceOp::All: return Finish::AllNonzero;
    case ReduceOp::Sum:
    case ReduceOp::Prod:
    case ReduceOp::NanSum:
    case ReduceOp::CountNonzero: break;
  }
  return Finish::Keep;
}

template <class T>
void reduceAs(ReduceOp op, const ReductionPlan& plan, DType outType, DType inType) {
  const auto fold = [&]<class Op>(Op) {
    runReduction(plan, Fold<Op>{{}, outType, finishOf(op), static_cast<double>(plan.reducedCount)}, inType);
  };
  switch (op) {
    case ReduceOp::Sum:
    case ReduceOp::Mean: return fold(Sum<T>());
    case ReduceOp::Prod:
      if constexpr (sizeof(T) == 8) return fold(Product<T>());
      return;
    case ReduceOp::NanSum:
      if constexpr (std::is_floating_point_v<T>) return fold(NanSum<T>());
      return fold(Sum<T>());
    case ReduceOp::Any:
    case ReduceOp::All:
    case ReduceOp::CountNonzero: return fold(CountNonzero<T>());
  }
}

// The dtype as which elements are read. Products of floats are doubles, as they leave their range on the way.
DType readType(ReduceOp op, DType outType, DType inType) {
  const DType computed = computedIn(inType);
  const bool widened = computed == DType::Float32 && (op == ReduceOp::Prod || outType == DType::Float64);
  return widened ? DType::Float64 : computed;
}

}  // namespace

// (op, output dtype, input dtype, plan)
FLAMBEAU_KERNEL(reduce) {
  const auto op = static_cast<ReduceOp>(params.integer());
  const DType outType = params.dtype(), inType = params.dtype();
  const ReductionPlan plan(params, itemSize(inType), itemSize(outType));
  dispatchRead(readType(op, outType, inType), [&]<class T>(T) { reduceAs<T>(op, plan, outType, inType); });
}

}  // namespace flambeau
