// Attention block by block of queries and keys: the softmax of a row is corrected as more of its scores become known.
#include <cmath>

#include "kernels/attention/attention.h"

namespace flambeau {
namespace {

// `logSums` takes the logarithms of the sums of exponentials, by which a score becomes a weight again; `weights`, which
// may be null, the weights as they are multiplied with the values.
template <class T>
struct Forward {
  Attention<T> problem;
  Heads<const T> q, k, v;
  Heads<T> out;
  T *logSums, *weights;

  explicit Forward(Params& params)
      : problem(params), q(params), k(params), v(params), out(params), logSums(params.pointer<T>()),
        weights(params.pointer<T>()) {}

  void run() const {
    const int64_t blocks = (problem.queries + kQueryBlock - 1) / kQueryBlock;
    parallelFor(problem.batches * problem.heads * blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t head = i / blocks, row = i % blocks * kQueryBlock;
        compute(head / problem.heads, head % problem.heads, row, std::min(kQueryBlock, problem.queries - row));
      }
    });
  }

 private:
  void compute(int64_t batch, int64_t head, int64_t row, int64_t rows) const {
    static thread_local ThreadScratch scratch;
    const int64_t place = (batch * problem.heads + head) * problem.queries + row;
    // Where the weights are wanted, a whole row of scores is worked on where it will stay.
    const int64_t stride = weights == nullptr ? kKeyBlock : problem.keys;
    const int64_t block = weights == nullptr ? kKeyBlock : std::max<int64_t>(problem.keys, 1);
    T* const scores = weights == nullptr ? scratch.reserve<T>(kQueryBlock * kKeyBlock) : weights + place * stride;
    const Matrix<T> result = out.at(batch, head).from(row, 0);
    T top[kQueryBlock];
    double sums[kQueryBlock] = {};
    std::fill_n(top, rows, -std::numeric_limits<T>::infinity());
    const int64_t seen = weights == nullptr ? problem.seen(row + rows) : problem.keys;
    for (int64_t key = 0; key < seen; key += block) {
      const int64_t count = std::min(block, seen - key);
      problem.score(q.at(batch, head), k.at(batch, head), batch, head, row, rows, key, count, scores, stride);
      for (int64_t i = 0; i < rows; ++i) {
        T* const line = scores + i * stride;
        weigh(line, count, top[i], sums[i], key == 0 ? nullptr : result.at(i, 0));
        if (weights != nullptr) {
          const T scale = sums[i] == 0 ? T(0) : static_cast<T>(1 / sums[i]);
          for (int64_t j = 0; j < count; ++j) line[j] *= scale;
        }
        problem.drop(line, batch, head, row + i, key, count);
      }
      multiply<T>(rows, problem.valueSize, count, {scores, stride, 1}, v.at(batch, head).from(key, 0), result, T(1),
                  key == 0 ? T(0) : T(1));
    }
    for (int64_t i = 0; i < rows; ++i) finish(result.at(i, 0), top[i], sums[i], logSums + place + i);
  }

  // Turns scores into exponentials, whose largest is 1 so far, and brings what was summed before to the same measure.
  void weigh(T* line, int64_t count, T& top, double& sum, T* result) const {
    const T highest = std::max(top, rowMax(line, count));
    if (highest == -std::numeric_limits<T>::infinity()) {
      // Nothing of this row counts so far, unless it is NaN.
      for (int64_t j = 0; j < count; ++j) {
        line[j] = line[j] == highest ? T(0) : line[j];
        sum += line[j];
      }
      return;
    }
    const double before = std::exp(static_cast<double>(top) - static_cast<double>(highest));
    sum = sum * before + expRow(line, line, count, highest);
    if (result != nullptr && before != 1) {
      for (int64_t j = 0; j < problem.valueSize; ++j) result[j] *= static_cast<T>(before);
    }
    top = highest;
  }

  // A row of which nothing counts gives zeros.
  void finish(T* result, T top, double sum, T* logSum) const {
    const bool empty = sum == 0;
    *logSum = empty ? std::numeric_limits<T>::infinity() : static_cast<T>(top + std::log(sum));
    if (empty) {
      std::fill_n(result, problem.valueSize, T(0));
    } else if (weights == nullptr) {
      const T scale = static_cast<T>(1 / sum);
      for (int64_t j = 0; j < problem.valueSize; ++j) result[j] *= scale;
    }
  }
};

}  // namespace

// (dtype, batches, heads, queries, keys, size, size of values, scale, whether causal, scale of what is kept; mask, kept,
// queries, keys, values, result, log-sums, weights)
FLAMBEAU_KERNEL(attention) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) Forward<T>(params).run();
  });
}

}  // namespace flambeau
