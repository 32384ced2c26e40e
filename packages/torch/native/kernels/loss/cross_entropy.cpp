// Cross entropy of logits with target classes: log-softmax and negative log-likelihood in one pass.
//
// With label smoothing s the loss of a sample is (1 - s) w_t (-log p_t) + s / C sum_c w_c (-log p_c).
#include "kernels/loss/loss.h"
#include "kernels/softmax/row.h"

namespace flambeau {
namespace {

constexpr int64_t kCrossEntropyGrain = 4096;

template <class T>
struct CrossEntropy {
  LossReduction reduction;
  int64_t ignoreIndex;
  double smoothing;
  int64_t n, classes;

  explicit CrossEntropy(Params& params)
      : reduction(static_cast<LossReduction>(params.integer())),
        ignoreIndex(params.integer()),
        smoothing(params.number()),
        n(params.integer()),
        classes(params.integer()) {}

  int64_t grain() const { return std::max<int64_t>(1, kCrossEntropyGrain / std::max<int64_t>(classes, 1)); }
  double hard() const { return 1 - smoothing; }
  double soft() const { return smoothing / static_cast<double>(classes); }
  TargetClasses targets() const { return {classes, ignoreIndex}; }
  bool valid(Params& params, const Grid<const int64_t, 1>& target) const {
    return targets().check(params, [&](int64_t i, int64_t) { return target(i); }, n, 1);
  }

  void forward(Params& params) const {
    const Grid<T, 1> out(params);
    const Grid<T, 0> totalWeight(params);
    const Grid<T, 2> logProbs(params);
    const Grid<const T, 2> logits(params);
    const Grid<const int64_t, 1> target(params);
    const ClassWeights<T> weights(params);
    if (!valid(params, target)) return;
    const LossSum sum = sumLoss(n, grain(), [&](int64_t begin, int64_t end) {
      LossSum part;
      for (int64_t i = begin; i < end; ++i) {
        T* row = &logProbs(i, 0);
        logSoftmax(row, &logits(i, 0), logits.strides[1]);
        const LossSum one = lossOf(row, targets().read(target(i)), weights);
        if (reduction == LossReduction::None) out(i) = static_cast<T>(combined(one));
        part.loss += one.loss;
        part.smooth += one.smooth;
        part.weight += one.weight;
      }
      return part;
    });
    *totalWeight.data = static_cast<T>(sum.weight);
    if (reduction == LossReduction::Sum) *out.data = static_cast<T>(combined(sum));
    if (reduction == LossReduction::Mean) *out.data = static_cast<T>(combined(sum) / sum.weight);
  }

  void backward(Params& params) const {
    const Grid<T, 2> gradInput(params);
    const Grid<const T, 1> gradOut(params);
    const Grid<const T, 0> totalWeight(params);
    const Grid<const T, 2> logProbs(params);
    const Grid<const int64_t, 1> target(params);
    const ClassWeights<T> weights(params);
    if (!valid(params, target)) return;
    double weightSum = 0;
    for (int64_t c = 0; c < classes; ++c) weightSum += weights.of(c);
    const double divisor = reduction == LossReduction::Mean ? *totalWeight.data : 1;
    parallelFor(n, grain(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* row = &gradInput(i, 0);
        const int64_t t = targets().read(target(i));
        if (t == TargetClasses::kIgnored) {
          std::fill_n(row, classes, T(0));
          continue;
        }
        const double g = gradOut(i) / divisor, own = hard() * weights.of(t);
        const T* logs = &logProbs(i, 0);
        const T scale = static_cast<T>(g * (own + soft() * weightSum)), share = static_cast<T>(g * soft());
        for (int64_t c = 0; c < classes; ++c) row[c] = fastExp(logs[c]) * scale;
        if (smoothing != 0) {
          for (int64_t c = 0; c < classes; ++c) row[c] -= share * weights.of(c);
        }
        row[t] -= static_cast<T>(g * own);
      }
    });
  }

 private:
  double combined(const LossSum& sum) const {
    return smoothing == 0 ? sum.loss : hard() * sum.loss + soft() * sum.smooth;
  }

  void logSoftmax(T* out, const T* in, int64_t stride) const {
    if (stride != 1) {
      for (int64_t c = 0; c < classes; ++c) out[c] = in[c * stride];
      in = out;
    }
    logSoftmaxRow(out, in, classes);
  }

  LossSum lossOf(const T* logProbs, int64_t t, const ClassWeights<T>& weights) const {
    LossSum sum;
    if (t == TargetClasses::kIgnored) return sum;
    sum.weight = weights.of(t);
    sum.loss = -logProbs[t] * sum.weight;
    if (smoothing == 0) return sum;
    if (weights.data == nullptr) {
      foldRow(Sum<T>(), sum.smooth, logProbs, classes);
    } else {
      for (int64_t c = 0; c < classes; ++c) sum.smooth += logProbs[c] * weights.of(c);
    }
    sum.smooth = -sum.smooth;
    return sum;
  }
};

}  // namespace

// (dtype, reduction, ignored class, label smoothing, N, classes, out, total weight, log-probabilities, logits,
// target, weight); rows of the log-probabilities have no gaps
FLAMBEAU_KERNEL(crossEntropy) {
  dispatchFloating(params.dtype(), [&]<class T>(T) { CrossEntropy<T>(params).forward(params); });
}

// (dtype, reduction, ignored class, label smoothing, N, classes, gradient of input, gradient, total weight,
// log-probabilities, target, weight); rows of the gradient and the log-probabilities have no gaps
FLAMBEAU_KERNEL(crossEntropyBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) { CrossEntropy<T>(params).backward(params); });
}

}  // namespace flambeau
