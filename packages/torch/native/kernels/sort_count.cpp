// Counting into bins: bincount and histc.
#include <mutex>

#include "kernels/index_common.h"

namespace flambeau {
namespace {

template <class T>
void countInto(const T* a, int64_t stride, int64_t n, int64_t* out, int64_t bins) {
  std::fill_n(out, bins, 0);
  for (int64_t i = 0; i < n; ++i) ++out[static_cast<int64_t>(a[i * stride])];
}

template <class T, class W>
void sumInto(const T* a, int64_t stride, int64_t n, W* out, int64_t bins, const W* weights, int64_t weightStride) {
  std::fill_n(out, bins, W(0));
  for (int64_t i = 0; i < n; ++i) out[static_cast<int64_t>(a[i * stride])] += weights[i * weightStride];
}

template <class T>
void binCount(Params& params) {
  const StridedLoop<1> all(params, {sizeof(T)});
  const T* a = params.pointer<T>();
  const int64_t n = params.integer(), stride = params.integer();
  auto* out = params.pointer<int64_t>();
  const int64_t bins = params.integer();
  const DType weightType = params.dtype();
  const char* weights = params.pointer();
  const int64_t weightStride = params.integer();
  if (!checkIndices<T>(params, all, 0, bins)) return;
  if (weights == nullptr) return countInto(a, stride, n, out, bins);
  dispatchFloating(weightType, [&]<class W>(W) {
    sumInto(a, stride, n, reinterpret_cast<W*>(out), bins, reinterpret_cast<const W*>(weights), weightStride);
  });
}

template <class T>
void histogram(Params& params) {
  T* out = params.pointer<T>();
  const int64_t bins = params.integer(), step = params.integer();
  const T low = static_cast<T>(params.number()), high = static_cast<T>(params.number());
  const StridedLoop<1> loop(params, {sizeof(T)});
  std::vector<int64_t> counts(bins, 0);
  std::mutex mutex;
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) {
    std::vector<int64_t> mine(bins, 0);
    for (int64_t i = 0; i < n; ++i) {
      const T value = *reinterpret_cast<const T*>(p[0] + i * s[0]);
      if (!(value >= low && value <= high)) continue;
      const auto bin = static_cast<int64_t>((value - low) / (high - low) * static_cast<T>(bins));
      ++mine[std::clamp<int64_t>(bin, 0, bins - 1)];
    }
    std::lock_guard lock(mutex);
    for (int64_t b = 0; b < bins; ++b) counts[b] += mine[b];
  }, 8);
  for (int64_t b = 0; b < bins; ++b) out[b * step] = static_cast<T>(counts[b]);
}

}  // namespace

// (integer dtype, the input to check, its address, length and stride, address and number of the bins, dtype, address and stride
// of the weights; contiguous output of the dtype of the weights, int64 without: then the address is 0)
FLAMBEAU_KERNEL(bincount) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_integral_v<T>) binCount<T>(params);
  });
}

// (dtype, address, number and stride of the bins, low, high, loop over the input)
FLAMBEAU_KERNEL(histc) {
  dispatchFloating(params.dtype(), [&]<class T>(T) { histogram<T>(params); });
}

}  // namespace flambeau
