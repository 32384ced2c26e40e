// Normalization of columns: batch norm where channels are neighbours in memory.
#include "kernels/norm/norm.h"

namespace flambeau {
namespace {

struct Columns {
  int64_t rows, width;

  explicit Columns(Params& params) : rows(params.integer()), width(params.integer()) {}

  // Calls body(first row, row after the last) for each part of the rows, with its number.
  template <class Body>
  void forEachPart(int64_t parts, const Body& body) const {
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) body(part, rows * part / parts, rows * (part + 1) / parts);
    });
  }
  int64_t parts() const { return partsOf((rows + kMomentRows - 1) / kMomentRows, rows * width); }

  // Writes all rows of an output: compute(to, row, first, n) puts some elements of one of them to an address.
  template <class T, class Compute>
  void writeEach(T* out, const Compute& compute) const {
    const int64_t block = std::max<int64_t>(1, kNormStream / std::max<int64_t>(width, 1));
    const int64_t grain = std::max<int64_t>(1, kNormGrain / std::max<int64_t>(width, 1));
    parallelFor(rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r += block) {
        const int64_t count = std::min(block, end - r);
        writeRun(out + r * width, count * width, rows * width, [&](T* to, int64_t first, int64_t n) {
          // A row that is longer than what goes around the caches at a time comes in several runs.
          for (int64_t i = 0; i < n; i += width) compute(to + i, r + i / width, first, std::min(width, n));
        });
      }
    });
  }
};

template <class T>
void addMoments(Moments* totals, const T* p, int64_t stride, int64_t n, int64_t width) {
  Moments block[kColumns];
  if (!columnMoments<T>(block, p, stride, n, width)) columnMoments<double>(block, p, stride, n, width);
  for (int64_t j = 0; j < width; ++j) totals[j].merge(block[j]);
}

// Finds the statistics, and what their means lost.
template <class T>
void findMoments(const Columns& columns, const T* in, const Statistics<T>& statistics, T* lost) {
  static thread_local ThreadScratch scratch;
  const int64_t parts = columns.parts(), width = columns.width;
  Moments* moments = scratch.reserve<Moments>(parts * width);
  std::fill_n(moments, parts * width, Moments{0, 0, 0});
  columns.forEachPart(parts, [&](int64_t part, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r += kMomentRows) {
      for (int64_t j = 0; j < width; j += kColumns) {
        addMoments(moments + part * width + j, in + r * width + j, width, std::min(kMomentRows, end - r),
                   std::min(kColumns, width - j));
      }
    }
  });
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t part = 1; part < parts; ++part) moments[j].merge(moments[part * width + j]);
    lost[j] = statistics.keep(j, moments[j]);
  }
}

template <class T>
void normalizeColumnRow(T* __restrict y, const T* __restrict x, const T* __restrict mean, const T* __restrict scale,
                        const T* __restrict bias, int64_t n) {
  for (int64_t j = 0; j < n; ++j) y[j] = (x[j] - mean[j]) * scale[j] + bias[j];
}

template <class T>
void normalizeColumns(Params& params, const Columns& columns) {
  const Statistics<T> statistics(params);
  T* out = params.pointer<T>();
  const T* in = params.pointer<T>();
  const T *weight = params.pointer<T>(), *givenBias = params.pointer<T>();
  const int64_t width = columns.width;
  static thread_local ThreadScratch scratch;
  T *scale = scratch.reserve<T>(2 * width), *bias = scale + width;
  std::fill_n(bias, width, T(0));
  if (!statistics.isGiven) findMoments(columns, in, statistics, bias);
  for (int64_t j = 0; j < width; ++j) {
    scale[j] = weight ? statistics.rstd(j) * weight[j] : statistics.rstd(j);
    bias[j] = (givenBias ? givenBias[j] : T(0)) - bias[j] * scale[j];
  }
  columns.writeEach(out, [&](T* to, int64_t row, int64_t first, int64_t n) {
    normalizeColumnRow(to, in + row * width + first, statistics.means + first, scale + first, bias + first, n);
  });
}

template <class T>
void addFlow(T* __restrict sum, T* __restrict dot, const T* __restrict dy, const T* __restrict x,
             const T* __restrict mean, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    sum[j] += dy[j];
    dot[j] += dy[j] * (x[j] - mean[j]);
  }
}

// For each column Σ dy, and behind them for each Σ dy * (x - mean).
template <class T>
double* flowsOf(const Columns& columns, const T* grad, const T* in, const T* mean) {
  static thread_local ThreadScratch scratch;
  const int64_t parts = columns.parts(), width = columns.width;
  double* totals = scratch.reserve<double>(2 * width * parts);
  std::fill_n(totals, 2 * width * parts, 0.0);
  columns.forEachPart(parts, [&](int64_t part, int64_t begin, int64_t end) {
    static thread_local ThreadScratch own;
    T* block = own.reserve<T>(2 * width);
    double* total = totals + 2 * width * part;
    for (int64_t first = begin; first < end; first += kMomentRows) {
      std::fill_n(block, 2 * width, T(0));
      const int64_t last = std::min(end, first + kMomentRows);
      for (int64_t r = first; r < last; ++r) addFlow(block, block + width, grad + r * width, in + r * width, mean, width);
      for (int64_t j = 0; j < 2 * width; ++j) total[j] += block[j];
    }
  });
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t j = 0; j < 2 * width; ++j) totals[j] += totals[2 * width * part + j];
  }
  return totals;
}

template <class T>
void gradientOfColumnRow(T* __restrict dx, const T* __restrict dy, const T* __restrict x, const T* __restrict mean,
                         const T* __restrict scale, const T* __restrict offset, const T* __restrict slope, int64_t n) {
  for (int64_t j = 0; j < n; ++j) dx[j] = dy[j] * scale[j] - offset[j] - (x[j] - mean[j]) * slope[j];
}

template <class T>
void gradientsOfColumns(Params& params, const Columns& columns) {
  const Statistics<T> statistics(params);
  T *gradInput = params.pointer<T>(), *gradWeight = params.pointer<T>(), *gradBias = params.pointer<T>();
  const T *grad = params.pointer<T>(), *in = params.pointer<T>(), *weight = params.pointer<T>();
  const int64_t width = columns.width;
  const T* mean = statistics.means;
  const bool needsFlows = gradWeight || gradBias || !statistics.isGiven;
  const double* sums = needsFlows ? flowsOf(columns, grad, in, mean) : nullptr;
  const double* dots = needsFlows ? sums + width : nullptr;
  static thread_local ThreadScratch scratch;
  T *scale = scratch.reserve<T>(3 * width), *offset = scale + width, *slope = offset + width;
  for (int64_t j = 0; j < width; ++j) {
    const double rstd = statistics.rstd(j), w = weight ? weight[j] : T(1), n = columns.rows;
    scale[j] = static_cast<T>(rstd * w);
    offset[j] = statistics.isGiven ? T(0) : static_cast<T>(rstd * w * sums[j] / n);
    slope[j] = statistics.isGiven ? T(0) : static_cast<T>(rstd * rstd * rstd * w * dots[j] / n);
    if (gradWeight) gradWeight[j] = static_cast<T>(dots[j] * rstd);
    if (gradBias) gradBias[j] = static_cast<T>(sums[j]);
  }
  if (!gradInput) return;
  columns.writeEach(gradInput, [&](T* to, int64_t row, int64_t first, int64_t n) {
    const int64_t at = row * width + first;
    gradientOfColumnRow(to, grad + at, in + at, mean + first, scale + first, offset + first, slope + first, n);
  });
}

}  // namespace

// (dtype, rows, width; statistics as for normPlanes; output, input, weight or 0, bias or 0)
FLAMBEAU_KERNEL(normColumns) {
  const DType dtype = params.dtype();
  const Columns columns(params);
  dispatchFloating(dtype, [&]<class T>(T) { normalizeColumns<T>(params, columns); });
}

// (dtype, rows, width, statistics; gradients of input, weight and bias, each or 0; gradient, input, weight or 0)
FLAMBEAU_KERNEL(normColumnsBackward) {
  const DType dtype = params.dtype();
  const Columns columns(params);
  dispatchFloating(dtype, [&]<class T>(T) { gradientsOfColumns<T>(params, columns); });
}

}  // namespace flambeau
