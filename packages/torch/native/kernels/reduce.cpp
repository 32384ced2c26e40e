// Sums, products and counts over some dims of a tensor.
#include "kernels/reduce_fold.h"

namespace flambeau {
namespace {

// Codes are part of the contract with src/backend/cpu/reduce.ts.
enum class ReduceOp { Sum, Prod, Mean, NanSum, Any, All, CountNonzero };

template <class T, class A = T>
struct NanSum : Sum<T, A> {
  template <class V> V lift(V x) const { return x != x ? V{} : x; }
};

// Counts in the type that holds every count up to the length of a block exactly.
template <class T>
struct CountNonzero : Sum<T> {
  using Total = uint64_t;
  template <class V> V lift(V x) const { return x != V{} ? V{} + 1 : V{}; }
};

template <class Op>
void fold(const ReductionPlan& plan, DType outType, Finish finish = Finish::Keep) {
  runReduction(plan, Fold<Op>{{}, outType, finish, static_cast<double>(plan.reducedCount)});
}

// Only sums and products care about the type in which they are accumulated.
template <class T, class Acc>
void reduceAs(ReduceOp op, const ReductionPlan& plan, DType outType) {
  switch (op) {
    case ReduceOp::Sum: return fold<Sum<T, Acc>>(plan, outType);
    case ReduceOp::Prod: return fold<Product<T, Acc>>(plan, outType);
    case ReduceOp::Mean: return fold<Sum<T, Acc>>(plan, outType, Finish::Divide);
    case ReduceOp::NanSum:
      if constexpr (std::is_floating_point_v<T>) return fold<NanSum<T, Acc>>(plan, outType);
      else return fold<Sum<T, Acc>>(plan, outType);
    case ReduceOp::Any: return fold<CountNonzero<T>>(plan, outType, Finish::AnyNonzero);
    case ReduceOp::All: return fold<CountNonzero<T>>(plan, outType, Finish::AllNonzero);
    case ReduceOp::CountNonzero: return fold<CountNonzero<T>>(plan, outType);
  }
}

}  // namespace

// (op, output dtype, input dtype, plan)
FLAMBEAU_KERNEL(reduce) {
  const auto op = static_cast<ReduceOp>(params.integer());
  const DType outType = params.dtype(), inType = params.dtype();
  const ReductionPlan plan(params, itemSize(inType), itemSize(outType));
  dispatchNumbers(inType, [&]<class T>(T) {
    if constexpr (std::is_same_v<T, float>) {
      if (outType == DType::Float64) return reduceAs<T, double>(op, plan, outType);
    }
    reduceAs<T, AccumulatorOf<T>>(op, plan, outType);
  });
}

}  // namespace flambeau
