// Counting into bins: bincount and histc.
#include "kernels/indexing/common.h"

namespace flambeau {
namespace {

// Bins up to which each thread counts into bins of its own.
constexpr int64_t kPrivateBins = 16384;

// Counts body's bins: body(begin, end, bins) adds to bins for a part of n elements.
template <class Body>
void countInParallel(int64_t n, int64_t* out, int64_t bins, const Body& body) {
  const int64_t chunks = bins > kPrivateBins ? 1 : std::clamp<int64_t>(n / kElementwiseGrain, 1, threadCount());
  std::fill_n(out, bins, 0);
  if (chunks == 1) return body(int64_t{0}, n, out);
  std::vector<int64_t> counts(chunks * bins, 0);
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) { body(begin, end, counts.data() + c * bins); });
  for (int64_t i = 0; i < chunks * bins; ++i) out[i % bins] += counts[i];
}

template <class T>
void binCount(Params& params) {
  const T* a = params.pointer<T>();
  const int64_t n = params.integer(), stride = params.integer();
  auto* out = params.pointer<int64_t>();
  const int64_t bins = params.integer();
  const DType weightType = params.dtype();
  const char* weights = params.pointer();
  const int64_t weightStride = params.integer();
  Atomic<bool> failed{false};
  // Calls add(bin, i) for the elements from begin to end, up to one that names no bin.
  const auto forEachBin = [&, a, stride, bins](int64_t begin, int64_t end, const auto& add) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t bin = readOnce(a[i * stride]);
      if (!inRange(bin, bins)) {
        failed = true;
        return;
      }
      add(bin, i);
    }
  };
  if (weights == nullptr) {
    countInParallel(n, out, bins, [&](int64_t begin, int64_t end, int64_t* counts) {
      forEachBin(begin, end, [counts](int64_t bin, int64_t) { ++counts[bin]; });
    });
  } else {
    dispatchFloating(weightType, [&]<class W>(W) {
      auto* sums = reinterpret_cast<W*>(out);
      const auto* weight = reinterpret_cast<const W*>(weights);
      std::fill_n(sums, bins, W(0));
      forEachBin(0, n, [=](int64_t bin, int64_t i) { sums[bin] += weight[i * weightStride]; });
    });
  }
  if (failed) params.fail(1, 0);
}

// Adds one row of elements to bins. Bin 0 takes what belongs to none (outside, NaN), bin 1 is the first, and the last is
// that of `high`. The bins of a block are computed first, which vectorises.
template <class T>
void addToBins(const T* a, int64_t stride, int64_t n, T low, T high, T bins, int64_t* counts) {
  constexpr int64_t kBlock = 256;
  int32_t bin[kBlock];
  // Limits that are the same number in T have one number between them.
  const T width = low < high ? high - low : T(1);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t size = std::min(kBlock, n - begin);
    for (int64_t i = 0; i < size; ++i) {
      const T value = a[(begin + i) * stride], place = std::min((value - low) / width * bins, bins);
      bin[i] = static_cast<int32_t>(value >= low && value <= high ? place : T(-1)) + 1;
    }
    for (int64_t i = 0; i < size; ++i) ++counts[bin[i]];
  }
}

template <class T>
void histogram(Params& params) {
  T* out = params.pointer<T>();
  const int64_t bins = params.integer(), step = params.integer();
  const T low = static_cast<T>(params.number()), high = static_cast<T>(params.number());
  const StridedLoop<1> loop(params, {sizeof(T)});
  // Places go up to the number of bins, which may be rounded up here.
  const T end = static_cast<T>(bins);
  const int64_t size = std::max(static_cast<int64_t>(end), bins) + 2;
  std::vector<int64_t> total(size, 0);
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) {
    std::vector<int64_t> counts(size, 0);
    addToBins(reinterpret_cast<const T*>(p[0]), elements<T>(s[0]), n, low, high, end, counts.data());
    for (int64_t b = 0; b < size; ++b) __atomic_fetch_add(&total[b], counts[b], __ATOMIC_RELAXED);
  }, 4);
  for (int64_t b = bins + 1; b < size; ++b) total[bins] += total[b];
  for (int64_t b = 0; b < bins; ++b) out[b * step] = static_cast<T>(total[b + 1]);
}

}  // namespace

// (integer dtype, address of the input, its length and stride, address and number of the contiguous bins, dtype,
// address and stride of the weights): the bins have the dtype of the weights, or int64 where their address is 0; fails
// where an element names no bin
FLAMBEAU_KERNEL(bincount) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_integral_v<T>) binCount<T>(params);
  });
}

// (dtype, address, number (at most 2^30) and stride of the bins, low, high, loop over the input)
FLAMBEAU_KERNEL(histc) {
  dispatchFloating(params.dtype(), [&]<class T>(T) { histogram<T>(params); });
}

}  // namespace flambeau
