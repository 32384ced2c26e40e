// log(sum(exp(x))) over some dims of a tensor, without overflow.
#include "kernels/softmax/row.h"

namespace flambeau {
namespace {

constexpr int64_t kBlockRows = 64;

// The sum of exp(x - shift).
struct ShiftedSum {
  double shift, sum;

  void merge(const ShiftedSum& other) {
    if (other.shift > shift) {
      sum = sum * std::exp(shift - other.shift) + other.sum;
      shift = other.shift;
    } else {
      sum += other.sum * (shift == other.shift ? 1 : std::exp(other.shift - shift));
    }
  }
};

// An infinite maximum would make exp(inf - inf).
template <class T>
inline T finiteShift(T top) {
  constexpr T limit = std::numeric_limits<T>::max();
  return top < -limit ? -limit : top > limit ? limit : top;
}

template <class T>
struct LogSumExp {
  using In = T;
  using Total = ShiftedSum;

  DType outType;
  int64_t cost = 8;

  void init(ShiftedSum& total) const { total = {std::numeric_limits<T>::lowest(), 0}; }
  void merge(ShiftedSum& total, const ShiftedSum& other) const { total.merge(other); }

  void row(ShiftedSum& total, const T* p, int64_t n) const {
    for (; n > 0; p += kSoftmaxBlock, n -= kSoftmaxBlock) {
      const int64_t count = std::min(n, kSoftmaxBlock);
      const T shift = finiteShift(rowMax(p, count));
      total.merge({shift, expSumRow(p, count, shift)});
    }
  }

  void columns(ShiftedSum* totals, const T* p, int64_t stride, int64_t n, int64_t width) const {
    T shift[kColumns], sum[kColumns];
    for (; n > 0; n -= kBlockRows) {
      const int64_t rows = std::min(n, kBlockRows);
      std::fill_n(shift, width, NumberMax<T>::identity);
      std::fill_n(sum, width, T(0));
      foldColumns(NumberMax<T>(), shift, p, stride, rows, width);
      for (int64_t j = 0; j < width; ++j) shift[j] = finiteShift(shift[j]);
      for (int64_t r = 0; r < rows; ++r, p += stride) {
        for (int64_t j = 0; j < width; ++j) sum[j] += fastExp(p[j] - shift[j]);
      }
      for (int64_t j = 0; j < width; ++j) totals[j].merge({shift[j], sum[j]});
    }
  }

  void store(char* out, char*, const ShiftedSum& total) const {
    storeAs(outType, out, total.sum == 0 ? -INFINITY : std::log(total.sum) + total.shift);
  }
};

}  // namespace

// (dtype, plan)
FLAMBEAU_KERNEL(reduceLogSumExp) {
  const DType dtype = params.dtype();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(dtype));
  dispatchFloating(computedIn(dtype), [&]<class T>(T) { runReduction(plan, LogSumExp<T>{dtype}, dtype); });
}

}  // namespace flambeau
