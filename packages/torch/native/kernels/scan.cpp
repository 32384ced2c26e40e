// Running sums, products and log-sum-exps along a dim.
//
// Floating ones run in double. A running sum is a chain of dependent additions, so a lane is cut into segments
// whose totals are computed first and whose chains then run side by side.
#include <cmath>
#include <type_traits>

#include "kernels/reduce_lanes.h"

namespace flambeau {
namespace {

// Codes are part of the contract with src/backend/cpu/scan.ts.
enum class ScanOp { Sum, Product, LogSumExp };

constexpr int kSegments = 4;
constexpr int64_t kSegment = 256;

struct RunningSum {
  template <class Acc> static constexpr Acc identity = 0;
  template <class Acc> static Acc combine(Acc a, Acc b) { return a + b; }
};

struct RunningProduct {
  template <class Acc> static constexpr Acc identity = 1;
  template <class Acc> static Acc combine(Acc a, Acc b) { return a * b; }
};

struct RunningLogSumExp {
  template <class Acc> static constexpr Acc identity = -INFINITY;
  template <class Acc> static Acc combine(Acc a, Acc b) {
    if (std::isnan(a) || std::isnan(b)) return NAN;
    const Acc low = a < b ? a : b, high = a < b ? b : a;
    if (low == high && std::isinf(low)) return low;
    return high + std::log1p(std::exp(low - high));
  }
};

template <class T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

// so and si are strides in elements.
template <class Op, class Out, class In, class Acc>
Acc scanSerially(Out* out, int64_t so, const In* in, int64_t si, int64_t n, Acc acc) {
  for (int64_t i = 0; i < n; ++i) {
    acc = Op::combine(acc, static_cast<Acc>(in[i * si]));
    out[i * so] = static_cast<Out>(acc);
  }
  return acc;
}

template <class Op, class In, class Acc>
Acc segmentTotal(const In* in, Acc acc) {
  constexpr int lanes = 16;
  Acc part[lanes];
  std::fill_n(part, lanes, Op::template identity<Acc>);
  for (int64_t i = 0; i < kSegment; i += lanes) {
    for (int j = 0; j < lanes; ++j) part[j] = Op::combine(part[j], static_cast<Acc>(in[i + j]));
  }
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) part[j] = Op::combine(part[j], part[j + half]);
  }
  return Op::combine(acc, part[0]);
}

template <class Op, class Out, class In, class Acc>
Acc scanSegments(Out* out, const In* in, Acc acc) {
  Acc a = acc;
  Acc b = segmentTotal<Op>(in, a);
  Acc c = segmentTotal<Op>(in + kSegment, b);
  Acc d = segmentTotal<Op>(in + 2 * kSegment, c);
  const auto step = [&](Acc& chain, int64_t i) {
    chain = Op::combine(chain, static_cast<Acc>(in[i]));
    out[i] = static_cast<Out>(chain);
  };
  for (int64_t i = 0; i < kSegment; ++i) {
    step(a, i);
    step(b, i + kSegment);
    step(c, i + 2 * kSegment);
    step(d, i + 3 * kSegment);
  }
  return d;
}

template <class Op, class Out, class In>
void scanLane(Out* out, int64_t so, const In* in, int64_t si, int64_t n) {
  using Acc = Accumulator<Out>;
  Acc acc = Op::template identity<Acc>;
  if constexpr (!std::is_same_v<Op, RunningLogSumExp>) {
    constexpr int64_t step = kSegments * kSegment;
    for (; so == 1 && si == 1 && n >= step; n -= step, in += step, out += step) acc = scanSegments<Op>(out, in, acc);
  }
  scanSerially<Op>(out, so, in, si, n, acc);
}

template <class Op, class Out, class In>
void scanSideBySide(Out* out, int64_t so, const In* in, int64_t si, int64_t n, int64_t width) {
  using Acc = Accumulator<Out>;
  Acc acc[kLaneBlock];
  std::fill_n(acc, width, Op::template identity<Acc>);
  for (int64_t r = 0; r < n; ++r, in += si, out += so) {
    for (int64_t j = 0; j < width; ++j) {
      acc[j] = Op::combine(acc[j], static_cast<Acc>(in[j]));
      out[j] = static_cast<Out>(acc[j]);
    }
  }
}

template <class Op, class Out, class In>
void scan(Params& params) {
  constexpr int64_t outSize = sizeof(Out), inSize = sizeof(In);
  const LaneLoop<2> lanes(params, {outSize, inSize});
  const int64_t so = lanes.strides[0] / outSize, si = lanes.strides[1] / inSize, n = lanes.length;
  lanes.forEachBlock([&](char** p, const int64_t* s, int64_t width) {
    if (width > 1 && s[0] == outSize && s[1] == inSize) {
      return scanSideBySide<Op>(reinterpret_cast<Out*>(p[0]), so, reinterpret_cast<const In*>(p[1]), si, n, width);
    }
    for (int64_t j = 0; j < width; ++j) {
      scanLane<Op>(reinterpret_cast<Out*>(p[0] + j * s[0]), so, reinterpret_cast<const In*>(p[1] + j * s[1]), si, n);
    }
  }, std::is_same_v<Op, RunningLogSumExp> ? 32 : 2);
}

}  // namespace

// (op, input dtype, lanes of output, input); integers give int64
FLAMBEAU_KERNEL(scan) {
  const auto op = static_cast<ScanOp>(params.integer());
  dispatch(params.dtype(), [&]<class T>(T) {
    using Out = std::conditional_t<std::is_floating_point_v<T>, T, int64_t>;
    if (op == ScanOp::Sum) return scan<RunningSum, Out, T>(params);
    if (op == ScanOp::Product) return scan<RunningProduct, Out, T>(params);
    if constexpr (std::is_floating_point_v<T>) scan<RunningLogSumExp, Out, T>(params);
  });
}

}  // namespace flambeau
