// Variance, standard deviation and mean over some dims of a tensor.
#include "kernels/reduce/moments.h"

namespace flambeau {
namespace {

template <class T>
struct Variance {
  using In = T;
  using Total = Moments;

  DType outType;
  double correction;
  bool takeSqrt, withMean;
  int64_t cost = 3;

  void init(Moments& total) const { total = {0, 0, 0}; }
  void merge(Moments& total, const Moments& other) const { total.merge(other); }

  void row(Moments& total, const T* p, int64_t n) const {
    for (; n > 0; p += kMomentBlock, n -= kMomentBlock) total.merge(blockMoments(p, std::min(n, kMomentBlock)));
  }

  void columns(Moments* totals, const T* p, int64_t stride, int64_t n, int64_t width) const {
    for (; n > 0; p += kMomentRows * stride, n -= kMomentRows) {
      columnBlock(totals, p, stride, std::min(n, kMomentRows), width);
    }
  }

  void columnBlock(Moments* totals, const T* p, int64_t stride, int64_t n, int64_t width) const {
    Moments block[kColumns];
    if (!columnMoments<T>(block, p, stride, n, width)) columnMoments<double>(block, p, stride, n, width);
    for (int64_t j = 0; j < width; ++j) totals[j].merge(block[j]);
  }

  void store(char* out, char* mean, const Moments& total) const {
    const double variance = total.squares / std::max(0.0, total.count - correction);
    storeAs(outType, out, takeSqrt ? std::sqrt(variance) : variance);
    if (withMean) storeAs(outType, mean, total.sum / total.count);
  }
};

}  // namespace

// (dtype, correction, whether the square root, whether there is a mean, plan)
FLAMBEAU_KERNEL(reduceVar) {
  const DType dtype = params.dtype();
  const double correction = params.number();
  const bool takeSqrt = params.flag(), withMean = params.flag();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(dtype));
  dispatchFloating(computedIn(dtype), [&]<class T>(T) {
    runReduction(plan, Variance<T>{dtype, correction, takeSqrt, withMean}, dtype);
  });
}

}  // namespace flambeau
