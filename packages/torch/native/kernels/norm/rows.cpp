// Normalization of rows whose elements have weights of their own: layer norm, and RMS norm, which takes no mean away.
#include "kernels/norm/norm.h"

namespace flambeau {
namespace {

// Rows that are summed up in T before they go into the totals.
constexpr int64_t kRowsInBlock = 64;

struct Rows {
  int64_t count, length;
  int64_t period;  // row r has the weights r % period

  explicit Rows(Params& params) : count(params.integer()), length(params.integer()), period(params.integer()) {}

  int64_t weights() const { return period * length; }
  int64_t weightsOf(int64_t row) const { return period == 1 ? 0 : row % period * length; }
};

// Weights where there are some; otherwise one value for each.
template <class T>
const T* weightsOr(const T* given, T value, int64_t n, ThreadScratch& scratch) {
  if (given != nullptr) return given;
  T* values = scratch.reserve<T>(n);
  std::fill_n(values, n, value);
  return values;
}

template <class T>
struct Squares : Sum<T> {
  template <class V> V lift(V x) const { return x * x; }
};

template <class T>
double meanSquare(const T* p, int64_t n) {
  double total = 0;
  foldRow(Squares<T>(), total, p, n);
  if (!isExact<T>(total, n)) {
    total = 0;
    for (int64_t i = 0; i < n; ++i) total += static_cast<double>(p[i]) * p[i];
  }
  return total / n;
}

template <bool kCentered, class T>
void normalizeRow(T* y, const T* x, const T* weight, const T* bias, T mean, T lost, T rstd, int64_t n, bool streamed) {
  const T shift = -lost * rstd;
  writeRun(y, n, streamed, [=](auto read) {
    const auto scaled = kCentered ? (read(x) - mean) * rstd + shift : read(x) * rstd;
    return scaled * read(weight) + read(bias);
  });
}

template <bool kCentered, class T>
void normalizeRows(Params& params, const Rows& rows, double eps) {
  T* out = params.pointer<T>();
  const T* in = params.pointer<T>();
  const T *givenWeight = params.pointer<T>(), *givenBias = params.pointer<T>();
  T *means = params.pointer<T>(), *rstds = params.pointer<T>();
  static thread_local ThreadScratch ones, zeros;
  const T* weight = weightsOr(givenWeight, T(1), rows.weights(), ones);
  const T* bias = weightsOr(givenBias, T(0), rows.weights(), zeros);
  const int64_t n = rows.length;
  const bool streamed = isStreamed<T>(rows.count * n, n);
  parallelFor(rows.count, std::max<int64_t>(1, kNormGrain / std::max<int64_t>(n, 1)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T* x = in + r * n;
      const int64_t at = rows.weightsOf(r);
      T mean = 0, lost = 0;
      double variance;
      if (kCentered) {
        const Moments moments = momentsOfRow(x, n);
        means[r] = mean = static_cast<T>(moments.sum / n);
        lost = static_cast<T>(moments.sum / n - mean);
        variance = moments.squares / n;
      } else {
        variance = meanSquare(x, n);
      }
      rstds[r] = static_cast<T>(rstdOf(variance, eps));
      normalizeRow<kCentered>(out + r * n, x, weight + at, bias + at, mean, lost, rstds[r], n, streamed);
    }
    streamEnd();
  });
}

// Adds a row to the sums of the weights and biases, and returns what flows into it.
template <bool kCentered, bool kParameters, class T>
Flow flowOfRow(T* dweight, T* dbias, const T* dy, const T* x, const T* weight, T mean, T rstd, int64_t n) {
  constexpr int lanes = kNormLanes<T>;
  Flow flow;
  for (int64_t done = 0; done < n; done += kMomentBlock) {
    const int64_t end = std::min(n, done + kMomentBlock);
    NormVector<T> sum{}, dot{}, sum1{}, dot1{};
    const auto step = [&](int64_t i, NormVector<T>& s, NormVector<T>& d) {
      const auto g = loadVector(dy + i), c = kCentered ? loadVector(x + i) - mean : loadVector(x + i);
      const auto weighted = g * loadVector(weight + i);
      if (kCentered) s += weighted;
      d += weighted * c;
      if (!kParameters) return;
      storeVector(dweight + i, loadVector(dweight + i) + g * (c * rstd));
      storeVector(dbias + i, loadVector(dbias + i) + g);
    };
    int64_t i = done;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      step(i, sum, dot);
      step(i + lanes, sum1, dot1);
    }
    T restSum = 0, restDot = 0;
    for (; i < end; ++i) {
      const T c = kCentered ? x[i] - mean : x[i], weighted = dy[i] * weight[i];
      restSum += weighted;
      restDot += weighted * c;
      if (!kParameters) continue;
      dweight[i] += dy[i] * (c * rstd);
      dbias[i] += dy[i];
    }
    const Sum<T> op;
    flow += {static_cast<double>(foldLanes(op, sum + sum1)) + restSum,
             static_cast<double>(foldLanes(op, dot + dot1)) + restDot};
  }
  return flow;
}

template <bool kCentered, class T>
void gradientOfRow(T* dx, const T* dy, const T* x, const T* weight, T mean, T rstd, const Flow& flow, int64_t n,
                   bool streamed) {
  const double r = rstd;
  const T offset = kCentered ? static_cast<T>(r * flow.sum / n) : T(0), slope = static_cast<T>(r * r * r * flow.dot / n);
  writeRun(dx, n, streamed, [=](auto read) {
    const auto c = kCentered ? read(x) - mean : read(x);
    return read(dy) * read(weight) * rstd - offset - c * slope;
  });
}

template <bool kCentered, bool kParameters, class T>
void gradientsOfRows(Params& params, const Rows& rows) {
  T *gradInput = params.pointer<T>(), *gradWeight = params.pointer<T>(), *gradBias = params.pointer<T>();
  const T *grad = params.pointer<T>(), *in = params.pointer<T>(), *given = params.pointer<T>();
  const T *means = params.pointer<T>(), *rstds = params.pointer<T>();
  static thread_local ThreadScratch ones, sums;
  const int64_t n = rows.length, weights = rows.weights(), parts = partsOf(rows.count, rows.count * n);
  const T* weight = weightsOr(given, T(1), weights, ones);
  const bool streamed = isStreamed<T>(rows.count * n, n);
  double* totals = kParameters ? sums.reserve<double>(2 * weights * parts) : nullptr;
  parallelFor(parts, 1, [&](int64_t firstPart, int64_t lastPart) {
    static thread_local ThreadScratch scratch;
    T* block = kParameters ? scratch.reserve<T>(2 * weights) : nullptr;
    for (int64_t part = firstPart; part < lastPart; ++part) {
      double* total = totals + 2 * weights * part;
      if (kParameters) {
        std::fill_n(total, 2 * weights, 0.0);
        std::fill_n(block, 2 * weights, T(0));
      }
      const int64_t end = rows.count * (part + 1) / parts;
      int64_t left = kRowsInBlock;
      for (int64_t r = rows.count * part / parts; r < end; ++r) {
        const T *dy = grad + r * n, *x = in + r * n, mean = kCentered ? means[r] : T(0);
        const int64_t at = rows.weightsOf(r);
        const Flow flow = flowOfRow<kCentered, kParameters>(block + at, block + weights + at, dy, x, weight + at, mean,
                                                            rstds[r], n);
        if (gradInput) gradientOfRow<kCentered>(gradInput + r * n, dy, x, weight + at, mean, rstds[r], flow, n, streamed);
        if (!kParameters || (--left > 0 && r + 1 < end)) continue;
        for (int64_t i = 0; i < 2 * weights; ++i) total[i] += block[i];
        std::fill_n(block, 2 * weights, T(0));
        left = kRowsInBlock;
      }
    }
    streamEnd();
  });
  const auto addParts = [&](T* out, int64_t from) {
    if (!out) return;
    for (int64_t i = 0; i < weights; ++i) {
      double sum = 0;
      for (int64_t part = 0; part < parts; ++part) sum += totals[2 * weights * part + from + i];
      out[i] = static_cast<T>(sum);
    }
  };
  if (!kParameters) return;
  addParts(gradWeight, 0);
  addParts(gradBias, weights);
}

}  // namespace

// (dtype, whether the mean is taken away, eps, rows, their length, period of the weights; output, input, weight or 0, bias
// or 0, means, rstds)
FLAMBEAU_KERNEL(normRows) {
  const DType dtype = params.dtype();
  const bool centered = params.flag();
  const double eps = params.number();
  const Rows rows(params);
  dispatchFloating(dtype, [&]<class T>(T) {
    centered ? normalizeRows<true, T>(params, rows, eps) : normalizeRows<false, T>(params, rows, eps);
  });
}

// (dtype, whether the mean was taken away, whether weights have gradients, rows, their length, period of the weights;
// gradients of input, weight and bias, each or 0; gradient, input, weight or 0, means, rstds)
FLAMBEAU_KERNEL(normRowsBackward) {
  const DType dtype = params.dtype();
  const bool centered = params.flag(), parameters = params.flag();
  const Rows rows(params);
  dispatchFloating(dtype, [&]<class T>(T) {
    if (centered) parameters ? gradientsOfRows<true, true, T>(params, rows) : gradientsOfRows<true, false, T>(params, rows);
    else parameters ? gradientsOfRows<false, true, T>(params, rows) : gradientsOfRows<false, false, T>(params, rows);
  });
}

}  // namespace flambeau
