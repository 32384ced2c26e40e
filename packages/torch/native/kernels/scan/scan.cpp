// Running sums, products and log-sum-exps along a dim.
//
// Floating ones run in double. A running sum is a chain of dependent additions, so a lane is cut into vectors that
// are scanned on their own first; what remains is one addition to the chain for each.
#include <cmath>
#include <type_traits>

#include "kernels/gemm/simd.h"
#include "kernels/reduce/lanes.h"

namespace flambeau {
namespace {

// Codes are part of the contract with src/backend/cpu/scan.ts.
enum class ScanOp { Sum, Product, LogSumExp };

struct RunningSum {
  template <class Acc> static constexpr Acc identity = 0;
  template <class Acc> static Acc combine(const Acc& a, const Acc& b) { return a + b; }
};

struct RunningProduct {
  template <class Acc> static constexpr Acc identity = 1;
  template <class Acc> static Acc combine(const Acc& a, const Acc& b) { return a * b; }
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

template <class Acc>
using Vector = typename Simd<Acc>::Vector;

// Lane i of the result combines the lanes 0 to i of x: each step takes in twice as many.
template <class Op, class Acc, int step = 1, int... lane>
Vector<Acc> scanVector(Vector<Acc> x, std::integer_sequence<int, lane...> lanes) {
  constexpr int width = Simd<Acc>::width;
  const Vector<Acc> identity = Vector<Acc>{} + Op::template identity<Acc>;
  x = Op::combine(x, simd::pick<(lane < step ? width + lane : lane - step)...>(x, identity));
  if constexpr (2 * step < width) return scanVector<Op, Acc, 2 * step>(x, lanes);
  return x;
}

template <class Acc, int... lane>
Vector<Acc> spreadLast(Vector<Acc> x, std::integer_sequence<int, lane...>) {
  return simd::pick<(lane * 0 + Simd<Acc>::width - 1)...>(x, x);
}

// Scans as many elements as fill a few vectors, which come after those that `acc` combines, and returns how many.
template <class Op, class Out, class In, class Acc>
int64_t scanVectors(Out* out, const In* in, int64_t n, Acc& acc) {
  constexpr int width = Simd<Acc>::width, several = 4, block = several * width;
  constexpr auto lanes = std::make_integer_sequence<int, width>{};
  Vector<Acc> carry = Vector<Acc>{} + acc;
  int64_t i = 0;
  for (; i + block <= n; i += block) {
    Acc values[block];
    for (int j = 0; j < block; ++j) values[j] = static_cast<Acc>(in[i + j]);
    // These do not wait for the carry.
    Vector<Acc> x[several];
    for (int v = 0; v < several; ++v) x[v] = scanVector<Op, Acc>(Simd<Acc>::load(values + v * width), lanes);
    for (int v = 0; v < several; ++v) {
      const Vector<Acc> result = Op::combine(carry, x[v]);
      carry = Op::combine(carry, spreadLast<Acc>(x[v], lanes));
      Simd<Acc>::store(values + v * width, result);
    }
    for (int j = 0; j < block; ++j) out[i + j] = static_cast<Out>(values[j]);
  }
  acc = carry[0];
  return i;
}

template <class Op, class Out, class In>
void scanLane(Out* out, int64_t so, const In* in, int64_t si, int64_t n) {
  using Acc = Accumulator<Out>;
  Acc acc = Op::template identity<Acc>;
  int64_t done = 0;
  if constexpr (!std::is_same_v<Op, RunningLogSumExp>) {
    if (so == 1 && si == 1) done = scanVectors<Op>(out, in, n, acc);
  }
  scanSerially<Op>(out + done * so, so, in + done * si, si, n - done, acc);
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
