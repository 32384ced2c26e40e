// Normalization of planes `[outer, inner, length]`, whose elements share a weight: batch norm, where the planes of one
// inner index are a group; and group norm, where those of one outer index are.
#include "kernels/norm/norm.h"

namespace flambeau {
namespace {

struct Planes {
  bool isBatch;  // batch norm
  int64_t outer, inner, length;
  int64_t period;  // in group norm group g has the weights of g % period

  explicit Planes(Params& params)
      : isBatch(params.flag()), outer(params.integer()), inner(params.integer()), length(params.integer()),
        period(params.integer()) {}

  int64_t groups() const { return isBatch ? inner : outer; }
  int64_t inGroup() const { return isBatch ? outer : inner; }
  int64_t elements() const { return inGroup() * length; }
  int64_t numel() const { return outer * inner * length; }
  int64_t weights() const { return isBatch ? inner : period * inner; }
  // The first element of the plane k of a group, and the place of its weight.
  int64_t place(int64_t group, int64_t k) const { return (isBatch ? k * inner + group : group * inner + k) * length; }
  int64_t weightOf(int64_t group, int64_t k) const { return isBatch ? group : group % period * inner + k; }
  int64_t grain() const { return std::max<int64_t>(1, kNormGrain / std::max<int64_t>(elements(), 1)); }
};

// Planes of which several are put together before their moments are taken.
constexpr int64_t kShortPlane = 256;

template <class T>
Moments momentsOfGroup(const Planes& planes, const T* in, int64_t group) {
  if (!planes.isBatch || planes.outer == 1) return momentsOfRow(in + planes.place(group, 0), planes.elements());
  Moments total{0, 0, 0};
  const int64_t n = planes.length;
  if (n >= kShortPlane) {
    for (int64_t k = 0; k < planes.outer; ++k) total.merge(momentsOfRow(in + planes.place(group, k), n));
    return total;
  }
  T buffer[kMomentBlock];
  int64_t filled = 0;
  for (int64_t k = 0; k < planes.outer; ++k) {
    if (filled + n > kMomentBlock) {
      total.merge(blockMoments(buffer, filled));
      filled = 0;
    }
    std::copy_n(in + planes.place(group, k), n, buffer + filled);
    filled += n;
  }
  if (filled > 0) total.merge(blockMoments(buffer, filled));
  return total;
}

template <class T>
void normalizePlanes(Params& params, const Planes& planes) {
  const Statistics<T> statistics(params);
  T* out = params.pointer<T>();
  const T* in = params.pointer<T>();
  const T *weight = params.pointer<T>(), *bias = params.pointer<T>();
  const bool streamed = isStreamed<T>(planes.numel(), planes.length);
  parallelFor(planes.groups(), planes.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const T lost = statistics.isGiven ? T(0) : statistics.keep(g, momentsOfGroup(planes, in, g));
      const T mean = statistics.means[g], rstd = statistics.rstd(g);
      for (int64_t k = 0; k < planes.inGroup(); ++k) {
        const int64_t at = planes.place(g, k), w = planes.weightOf(g, k);
        const T scale = weight ? rstd * weight[w] : rstd;
        const T shift = (bias ? bias[w] : T(0)) - lost * scale;
        writeRun(out + at, planes.length, streamed, [=](auto read) { return (read(in + at) - mean) * scale + shift; });
      }
    }
    streamEnd();
  });
}

template <class T>
void gradientsOfPlanes(Params& params, const Planes& planes) {
  const Statistics<T> statistics(params);
  T *gradInput = params.pointer<T>(), *gradWeight = params.pointer<T>(), *gradBias = params.pointer<T>();
  const T *grad = params.pointer<T>(), *in = params.pointer<T>(), *weight = params.pointer<T>();
  static thread_local ThreadScratch scratch;
  const int64_t groups = planes.groups(), inGroup = planes.inGroup(), n = planes.length;
  const bool streamed = isStreamed<T>(planes.numel(), n);
  Flow* flows = scratch.reserve<Flow>(groups * inGroup);
  parallelFor(groups, planes.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const T mean = statistics.means[g], rstd = statistics.rstd(g);
      Flow total;
      for (int64_t k = 0; k < inGroup; ++k) {
        const int64_t at = planes.place(g, k);
        const double w = weight ? weight[planes.weightOf(g, k)] : T(1);
        const Flow flow = flows[g * inGroup + k] = flowOf(grad + at, in + at, mean, n);
        total += {flow.sum * w, flow.dot * w};
      }
      if (!gradInput) continue;
      const double r = rstd, count = planes.elements();
      const T offset = statistics.isGiven ? T(0) : static_cast<T>(r * total.sum / count);
      const T slope = statistics.isGiven ? T(0) : static_cast<T>(r * r * r * total.dot / count);
      for (int64_t k = 0; k < inGroup; ++k) {
        const int64_t at = planes.place(g, k);
        const T scale = weight ? rstd * weight[planes.weightOf(g, k)] : rstd;
        writeRun(gradInput + at, n, streamed, [=](auto read) {
          return read(grad + at) * scale - offset - (read(in + at) - mean) * slope;
        });
      }
    }
    streamEnd();
  });
  if (!gradWeight && !gradBias) return;
  const int64_t weights = planes.weights();
  std::vector<Flow> totals(weights);
  for (int64_t g = 0; g < groups; ++g) {
    const double rstd = statistics.rstd(g);
    for (int64_t k = 0; k < inGroup; ++k) {
      const Flow& flow = flows[g * inGroup + k];
      totals[planes.weightOf(g, k)] += {flow.sum, flow.dot * rstd};
    }
  }
  for (int64_t w = 0; w < weights; ++w) {
    if (gradWeight) gradWeight[w] = static_cast<T>(totals[w].dot);
    if (gradBias) gradBias[w] = static_cast<T>(totals[w].sum);
  }
}

}  // namespace

// (dtype, whether batch norm, outer, inner, length, period; whether statistics are given, eps, momentum, means, rstds or
// given variances, running means or 0, running variances or 0; output, input, weight or 0, bias or 0)
FLAMBEAU_KERNEL(normPlanes) {
  const DType dtype = params.dtype();
  const Planes planes(params);
  dispatchFloating(dtype, [&]<class T>(T) { normalizePlanes<T>(params, planes); });
}

// (the same up to the statistics; gradients of input, weight and bias, each or 0; gradient, input, weight or 0)
FLAMBEAU_KERNEL(normPlanesBackward) {
  const DType dtype = params.dtype();
  const Planes planes(params);
  dispatchFloating(dtype, [&]<class T>(T) { gradientsOfPlanes<T>(params, planes); });
}

}  // namespace flambeau
