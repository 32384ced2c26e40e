// What normalizations share: y = (x - mean) * rstd * weight + bias, with mean and rstd = 1 / √(variance + eps) of a group
// of elements, and its gradients
//
//     dx = dy * weight * rstd - offset - (x - mean) * slope
//     offset = rstd * mean(dy * weight),   slope = rstd³ * mean(dy * weight * (x - mean))
//     dweight = Σ dy * (x - mean) * rstd,   dbias = Σ dy
//
// Sums are taken in T over blocks that fit in the cache, and in double over blocks.
#pragma once
#include "kernels/pointwise/stream.h"
#include "kernels/reduce/moments.h"
#include "runtime/scratch.h"

namespace flambeau {

// Elements that are worth waking another thread for.
constexpr int64_t kNormGrain = 16384;

template <class T>
constexpr int kNormLanes = kFoldBytes / sizeof(T);

template <class T>
using NormVector = Vector<T, kNormLanes<T>>;

template <class T>
inline NormVector<T> loadVector(const T* p) {
  return load<T, kNormLanes<T>>(p);
}

template <class T>
inline void storeVector(T* p, NormVector<T> v) {
  std::memcpy(p, &v, sizeof v);
}

// The moments of n neighbours.
template <class T>
Moments momentsOfRow(const T* p, int64_t n) {
  Moments total{0, 0, 0};
  for (; n > 0; p += kMomentBlock, n -= kMomentBlock) total.merge(blockMoments(p, std::min(n, kMomentBlock)));
  return total;
}

inline double rstdOf(double variance, double eps) { return 1 / std::sqrt(variance + eps); }

// What the gradients of a group need: Σ g and Σ g * (x - mean), where g is what flows into it.
struct Flow {
  double sum = 0, dot = 0;

  Flow& operator+=(const Flow& other) {
    sum += other.sum;
    dot += other.dot;
    return *this;
  }
};

// Elements whose products are added in T: few, for those of one block may cancel.
constexpr int64_t kFlowBlock = 256;

// The same over n neighbours.
template <class T>
Flow flowOf(const T* grad, const T* x, T mean, int64_t n) {
  constexpr int lanes = kNormLanes<T>;
  Flow flow;
  for (; n > 0; grad += kFlowBlock, x += kFlowBlock, n -= kFlowBlock) {
    const int64_t count = std::min(n, kFlowBlock);
    NormVector<T> sum{}, sum1{}, dot{}, dot1{};
    int64_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
      const auto g = loadVector(grad + i), g1 = loadVector(grad + i + lanes);
      sum += g;
      sum1 += g1;
      dot += g * (loadVector(x + i) - mean);
      dot1 += g1 * (loadVector(x + i + lanes) - mean);
    }
    T restSum = 0, restDot = 0;
    for (; i < count; ++i) {
      restSum += grad[i];
      restDot += grad[i] * (x[i] - mean);
    }
    const Sum<T> op;
    flow += {static_cast<double>(foldLanes(op, sum + sum1)) + restSum,
             static_cast<double>(foldLanes(op, dot + dot1)) + restDot};
  }
  return flow;
}

// Mean and spread of each group: found here, and mixed into running ones; or given.
template <class T>
struct Statistics {
  bool isGiven;  // they are those of earlier calls: means and variances
  double eps, momentum;
  T *means, *spreads;  // spreads are rstds, or given variances
  T *runningMean, *runningVariance;

  explicit Statistics(Params& params)
      : isGiven(params.flag()), eps(params.number()), momentum(params.number()), means(params.pointer<T>()),
        spreads(params.pointer<T>()), runningMean(params.pointer<T>()), runningVariance(params.pointer<T>()) {}

  T rstd(int64_t group) const { return isGiven ? static_cast<T>(rstdOf(spreads[group], eps)) : spreads[group]; }

  // Returns what the mean loses by being kept in T, for it is taken away from elements that may be close to it. Nothing is
  // known of a group without elements, and running statistics stay as they are.
  T keep(int64_t group, const Moments& moments) const {
    if (moments.count == 0) return means[group] = spreads[group] = 0;
    const double mean = moments.sum / moments.count;
    means[group] = static_cast<T>(mean);
    spreads[group] = static_cast<T>(rstdOf(moments.squares / moments.count, eps));
    if (runningMean) runningMean[group] = move(runningMean[group], mean);
    if (runningVariance)
      runningVariance[group] = move(runningVariance[group], moments.squares / (moments.count - 1));
    return static_cast<T>(mean - means[group]);
  }

 private:
  T move(T from, double to) const { return static_cast<T>(momentum * to + (1 - momentum) * from); }
};

// Runs that are too short to go around the caches: their ends share cache lines with their neighbours'.
constexpr int64_t kNormStream = 256;

// Whether runs of n neighbours are written around the caches in an output with so many elements. Whoever writes them calls
// streamEnd in the end.
template <class T>
inline bool isStreamed(int64_t numel, int64_t n) {
  return kCanStream && n >= kNormStream && numel * static_cast<int64_t>(sizeof(T)) >= kStreamed;
}

// Calls step(at, put) for each vector of n neighbours, and for each element of the rest: at(p) reads from an operand that
// begins at p, put(p, value) writes to it.
template <class T, class Step>
inline void eachVector(int64_t n, const Step& step) {
  constexpr int lanes = kNormLanes<T>;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    step([i](const T* p) { return loadVector(p + i); }, [i](T* p, NormVector<T> value) { storeVector(p + i, value); });
  }
  for (; i < n; ++i) step([i](const T* p) { return p[i]; }, [i](T* p, T value) { p[i] = value; });
}

// Writes n neighbours of an output: compute(at) makes those of a place from operands that at(p) reads.
template <class T, class Compute>
inline void writeRun(T* out, int64_t n, bool streamed, const Compute& compute) {
  if (!streamed) return eachVector<T>(n, [&](auto at, auto put) { put(out, compute(at)); });
  constexpr int64_t lanes = kNormLanes<T>;
  const int64_t start = -(reinterpret_cast<intptr_t>(out) / static_cast<int64_t>(sizeof(T))) & (lanes - 1);
  const auto writeOne = [&](int64_t i) { out[i] = compute([i](const T* p) { return p[i]; }); };
  int64_t i = 0;
  for (; i < std::min(start, n); ++i) writeOne(i);
  for (; i + lanes <= n; i += lanes) streamVector(out + i, compute([i](const T* p) { return loadVector(p + i); }));
  for (; i < n; ++i) writeOne(i);
}

// How many parts some work is cut into, for sums of which each part has its own.
inline int64_t partsOf(int64_t units, int64_t elements) {
  return std::max<int64_t>(1, std::min({static_cast<int64_t>(threadCount()), units, elements / kNormGrain}));
}

}  // namespace flambeau
