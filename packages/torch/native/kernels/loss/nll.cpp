// The negative log-likelihood of target classes, and its gradient.
#include "kernels/loss/loss.h"

namespace flambeau {
namespace {

constexpr int64_t kNllGrain = 8192;

// Of the log-probabilities.
struct NllSizes {
  int64_t n, classes, inner;
  explicit NllSizes(Params& params) : n(params.integer()), classes(params.integer()), inner(params.integer()) {}
};

template <class T>
void nllLoss(Params& params, LossReduction reduction, int64_t ignoreIndex) {
  const NllSizes sizes(params);
  const Grid<T, 2> out(params);
  const Grid<T, 0> totalWeight(params);
  const Grid<const T, 3> logProbs(params);
  const Grid<const int64_t, 2> target(params);
  const ClassWeights<T> weights(params);
  const int64_t inner = sizes.inner;
  const TargetClasses targets{sizes.classes, ignoreIndex};
  if (!targets.check(params, target, sizes.n, inner)) return;

  const LossSum sum = sumLoss(sizes.n * inner, kNllGrain, [&](int64_t begin, int64_t end) {
    LossSum part;
    int64_t n = begin / inner, k = begin % inner;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t t = targets.read(target(n, k));
      const bool ignored = t == TargetClasses::kIgnored;
      const T weight = ignored ? T(0) : weights.of(t);
      const T loss = ignored ? T(0) : -logProbs(n, t, k) * weight;
      if (reduction == LossReduction::None) out(n, k) = loss;
      part.loss += loss;
      part.weight += weight;
      if (++k == inner) k = 0, ++n;
    }
    return part;
  });
  *totalWeight.data = static_cast<T>(sum.weight);
  if (reduction == LossReduction::Sum) *out.data = static_cast<T>(sum.loss);
  if (reduction == LossReduction::Mean) *out.data = static_cast<T>(sum.loss / sum.weight);
}

template <class T>
void nllLossBackward(Params& params, LossReduction reduction, int64_t ignoreIndex) {
  const NllSizes sizes(params);
  const Grid<T, 3> gradInput(params);
  const Grid<const T, 2> gradOut(params);
  const Grid<const T, 0> totalWeight(params);
  const Grid<const int64_t, 2> target(params);
  const ClassWeights<T> weights(params);
  const int64_t inner = sizes.inner;
  const TargetClasses targets{sizes.classes, ignoreIndex};
  if (!targets.check(params, target, sizes.n, inner)) return;

  const T divisor = reduction == LossReduction::Mean ? *totalWeight.data : T(1);
  const int64_t each = std::max<int64_t>(1, sizes.classes * inner);
  parallelFor(sizes.n, std::max<int64_t>(1, 65536 / each), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      for (int64_t c = 0; c < sizes.classes; ++c) {
        for (int64_t k = 0; k < inner; ++k) gradInput(n, c, k) = 0;
      }
      for (int64_t k = 0; k < inner; ++k) {
        const int64_t t = targets.read(target(n, k));
        if (t != TargetClasses::kIgnored) gradInput(n, t, k) = -weights.of(t) * gradOut(n, k) / divisor;
      }
    }
  });
}

}  // namespace

// (dtype, reduction, ignored class, N, classes, inner, out, total weight, log-probabilities, target, weight)
FLAMBEAU_KERNEL(nllLoss) {
  const DType dtype = params.dtype();
  const auto reduction = static_cast<LossReduction>(params.integer());
  const int64_t ignoreIndex = params.integer();
  dispatchFloating(dtype, [&]<class T>(T) { nllLoss<T>(params, reduction, ignoreIndex); });
}

// (dtype, reduction, ignored class, N, classes, inner, gradient of input, gradient, total weight, target, weight)
FLAMBEAU_KERNEL(nllLossBackward) {
  const DType dtype = params.dtype();
  const auto reduction = static_cast<LossReduction>(params.integer());
  const int64_t ignoreIndex = params.integer();
  dispatchFloating(dtype, [&]<class T>(T) { nllLossBackward<T>(params, reduction, ignoreIndex); });
}

}  // namespace flambeau
