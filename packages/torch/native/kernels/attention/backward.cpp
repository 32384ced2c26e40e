// Gradients of attention: the weights are computed again, block by block, from the log-sums that the forward pass kept.
#include "kernels/attention/attention.h"

namespace flambeau {
namespace {

// `gradWeights` and `weights` are null unless there is a gradient of the weights themselves.
template <class T>
struct Backward {
  Attention<T> problem;
  Heads<const T> q, k, v, out, grad;
  Heads<T> gradQ, gradK, gradV;
  const T *logSums, *weights, *gradWeights;

  explicit Backward(Params& params)
      : problem(params), q(params), k(params), v(params), out(params), grad(params), gradQ(params), gradK(params),
        gradV(params), logSums(params.pointer<T>()), weights(params.pointer<T>()), gradWeights(params.pointer<T>()) {}

  void run() const {
    parallelFor(problem.batches * problem.heads, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) compute(i / problem.heads, i % problem.heads);
    });
  }

 private:
  void compute(int64_t batch, int64_t head) const {
    clear(gradQ.at(batch, head), problem.queries, problem.size);
    clear(gradK.at(batch, head), problem.keys, problem.size);
    clear(gradV.at(batch, head), problem.keys, problem.valueSize);
    T rowSums[kQueryBlock];
    for (int64_t row = 0; row < problem.queries; row += kQueryBlock) {
      const int64_t rows = std::min(kQueryBlock, problem.queries - row), seen = problem.seen(row + rows);
      for (int64_t i = 0; i < rows; ++i) rowSums[i] = rowSum(batch, head, row + i);
      for (int64_t key = 0; key < seen; key += kKeyBlock) {
        block(batch, head, row, rows, key, std::min(kKeyBlock, seen - key), rowSums);
      }
    }
  }

  static void clear(const Matrix<T>& matrix, int64_t rows, int64_t cols) {
    for (int64_t i = 0; i < rows; ++i) std::fill_n(matrix.at(i, 0), cols, T(0));
  }

  int64_t placeOf(int64_t batch, int64_t head, int64_t row) const {
    return (batch * problem.heads + head) * problem.queries + row;
  }

  // The sum over a row of the weights times their gradients, which softmax takes from each of these.
  T rowSum(int64_t batch, int64_t head, int64_t row) const {
    const T *outer = grad.at(batch, head).at(row, 0), *result = out.at(batch, head).at(row, 0);
    double sum = 0;
    for (int64_t j = 0; j < problem.valueSize; ++j) sum += static_cast<double>(outer[j]) * result[j];
    if (gradWeights == nullptr) return static_cast<T>(sum);
    const int64_t place = placeOf(batch, head, row) * problem.keys;
    for (int64_t j = 0; j < problem.keys; ++j) sum += static_cast<double>(gradWeights[place + j]) * weights[place + j];
    return static_cast<T>(sum);
  }

  void block(int64_t batch, int64_t head, int64_t row, int64_t rows, int64_t key, int64_t count,
             const T* rowSums) const {
    static thread_local ThreadScratch scratch;
    T* const scores = scratch.reserve<T>(3 * kQueryBlock * kKeyBlock);
    T *const kept = scores + kQueryBlock * kKeyBlock, *const slopes = kept + kQueryBlock * kKeyBlock;
    const Matrix<const T> queries = q.at(batch, head).from(row, 0), keys = k.at(batch, head).from(key, 0),
                          values = v.at(batch, head).from(key, 0), outer = grad.at(batch, head).from(row, 0);
    const int64_t place = placeOf(batch, head, row);
    problem.score(q.at(batch, head), k.at(batch, head), batch, head, row, rows, key, count, scores, kKeyBlock);
    multiply<T>(rows, count, problem.valueSize, outer, values.transposed(), {slopes, kKeyBlock, 1}, T(1), T(0));
    for (int64_t i = 0; i < rows; ++i) {
      T *const weight = scores + i * kKeyBlock, *const slope = slopes + i * kKeyBlock;
      const T logSum = logSums[place + i];
      for (int64_t j = 0; j < count; ++j) weight[j] = fastExp(weight[j] - logSum);
      if (gradWeights != nullptr) {
        const T* const more = gradWeights + (place + i) * problem.keys + key;
        for (int64_t j = 0; j < count; ++j) slope[j] += more[j];
      }
      if (problem.kept != nullptr) {
        std::copy_n(weight, count, kept + i * kKeyBlock);
        problem.drop(kept + i * kKeyBlock, batch, head, row + i, key, count);
        problem.drop(slope, batch, head, row + i, key, count);
      }
      for (int64_t j = 0; j < count; ++j) slope[j] = weight[j] * (slope[j] - rowSums[i]);
    }
    const Matrix<const T> used = {problem.kept == nullptr ? scores : kept, kKeyBlock, 1}, ds = {slopes, kKeyBlock, 1};
    multiply<T>(count, problem.valueSize, rows, used.transposed(), outer, gradV.at(batch, head).from(key, 0), T(1), T(1));
    multiply<T>(rows, problem.size, count, ds, keys, gradQ.at(batch, head).from(row, 0), problem.scale, T(1));
    multiply<T>(count, problem.size, rows, ds.transposed(), queries, gradK.at(batch, head).from(key, 0), problem.scale,
                T(1));
  }
};

}  // namespace

// (as attention up to kept; queries, keys, values, result, its gradient, gradients of queries, keys, values; log-sums,
// weights, their gradient)
FLAMBEAU_KERNEL(attentionBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) Backward<T>(params).run();
  });
}

}  // namespace flambeau
