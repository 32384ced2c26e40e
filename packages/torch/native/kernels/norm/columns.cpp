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

  // Writes all rows of an output: compute(read, at) makes elements of the row that begins at an offset.
  template <class T, class Compute>
  void writeEach(T* out, const Compute& compute) const {
    const bool streamed = isStreamed<T>(rows * width, width % kNormLanes<T> == 0 ? rows * width : width);
    parallelFor(rows, std::max<int64_t>(1, kNormGrain / std::max<int64_t>(width, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t at = begin * width; at < end * width; at += width) {
        writeRun(out + at, width, streamed, [&, at](auto read) { return compute(read, at); });
      }
      streamEnd();
    });
  }
};

// Moments of neighbouring columns over rows that come in blocks. A block is read once: deviations in it are taken from the
// mean of the blocks before, which is near its own, or else is far enough for what their squares lose not to count.
template <class T>
class ColumnTotals {
 public:
  static constexpr int64_t scratchSize(int64_t width) { return 5 * width; }

  ColumnTotals(double* scratch, int64_t width)
      : width_(width), totals_(scratch), squares_(totals_ + width), shift_(reinterpret_cast<T*>(squares_ + width)),
        sum_(shift_ + width), square_(sum_ + width) {
    std::fill_n(totals_, 2 * width, 0.0);
  }

  void add(const T* p, int64_t stride, int64_t rows) {
    if (count_ == 0) guessMeans(p, stride, rows);
    std::fill_n(sum_, 2 * width_, T(0));
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4) addRows<4>(p + r * stride, stride);
    for (; r < rows; ++r) addRows<1>(p + r * stride, stride);
    bool exact = true;
    for (int64_t j = 0; j < width_; ++j) exact &= isExact<T>(square_[j], rows);
    const double n = rows, mixed = count_ * n / (count_ + n), part = 1 / n, before = count_ > 0 ? 1 / count_ : 0;
    const auto merge = [=, this](int64_t j, double shift, double sum, double square) {
      const double centred = square - sum * sum * part, delta = shift + sum * part - totals_[j] * before;
      squares_[j] += (centred < 0 ? 0 : centred) + delta * delta * mixed;
      totals_[j] += shift * n + sum;
    };
    if (exact) {
      for (int64_t j = 0; j < width_; ++j) merge(j, shift_[j], sum_[j], square_[j]);
    } else {
      for (int64_t j = 0; j < width_; ++j) {
        if (isExact<T>(square_[j], rows)) merge(j, shift_[j], sum_[j], square_[j]);
        else mergeWide(j, p + j, stride, rows);
      }
    }
    count_ += n;
    for (int64_t j = 0; j < width_; ++j) shift_[j] = static_cast<T>(totals_[j] / count_);
  }

  Moments moments(int64_t column) const { return {count_, totals_[column], squares_[column]}; }

 private:
  void guessMeans(const T* p, int64_t stride, int64_t rows) {
    std::fill_n(shift_, width_, T(0));
    for (int64_t r = 0; r < rows; ++r) {
      eachVector<T>(width_, [&](auto at, auto put) { put(shift_, at(shift_) + at(p + r * stride)); });
    }
    for (int64_t j = 0; j < width_; ++j) shift_[j] /= rows;
  }

  template <int kRows>
  void addRows(const T* p, int64_t stride) {
    eachVector<T>(width_, [&](auto at, auto put) {
      const auto shift = at(shift_);
      auto sum = at(sum_), square = at(square_);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const auto d = at(p + r * stride) - shift;
        sum += d;
        square += d * d;
      }
      put(sum_, sum);
      put(square_, square);
    });
  }

  // Adds rows of a column whose squares in T do not have all their digits.
  void mergeWide(int64_t column, const T* p, int64_t stride, int64_t rows) {
    Moments block{static_cast<double>(rows), 0, 0}, all = moments(column);
    for (int64_t r = 0; r < rows; ++r) block.sum += p[r * stride];
    for (int64_t r = 0; r < rows; ++r) {
      const double d = p[r * stride] - block.sum / rows;
      block.squares += d * d;
    }
    all.merge(block);
    totals_[column] = all.sum;
    squares_[column] = all.squares;
  }

  int64_t width_;
  double count_ = 0;
  double *totals_, *squares_;
  T *shift_, *sum_, *square_;
};

// Finds the statistics, and what their means lost.
template <class T>
void findMoments(const Columns& columns, const T* in, const Statistics<T>& statistics, T* lost) {
  static thread_local ThreadScratch scratch;
  const int64_t parts = columns.parts(), width = columns.width;
  Moments* moments = scratch.reserve<Moments>(parts * width);
  std::fill_n(moments, parts * width, Moments{0, 0, 0});
  columns.forEachPart(parts, [&](int64_t part, int64_t begin, int64_t end) {
    static thread_local ThreadScratch own;
    for (int64_t first = 0; first < width; first += kColumns) {
      const int64_t count = std::min(kColumns, width - first);
      ColumnTotals<T> totals(own.reserve<double>(totals.scratchSize(count)), count);
      for (int64_t r = begin; r < end; r += kMomentRows) {
        totals.add(in + r * width + first, width, std::min(kMomentRows, end - r));
      }
      for (int64_t j = 0; j < count; ++j) moments[part * width + first + j] = totals.moments(j);
    }
  });
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t part = 1; part < parts; ++part) moments[j].merge(moments[part * width + j]);
    lost[j] = statistics.keep(j, moments[j]);
  }
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
  const T* mean = statistics.means;
  columns.writeEach(out, [=](auto read, int64_t at) { return (read(in + at) - read(mean)) * read(scale) + read(bias); });
}

template <int kRows, class T>
void addFlows(T* sums, T* dots, const T* dy, const T* x, const T* mean, int64_t width) {
  eachVector<T>(width, [=](auto read, auto put) {
    auto sum = read(sums), dot = read(dots);
    const auto shift = read(mean);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const auto g = read(dy + r * width);
      sum += g;
      dot += g * (read(x + r * width) - shift);
    }
    put(sums, sum);
    put(dots, dot);
  });
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
    T *sums = own.reserve<T>(2 * width), *dots = sums + width;
    double* total = totals + 2 * width * part;
    for (int64_t first = begin; first < end; first += kMomentRows) {
      std::fill_n(sums, 2 * width, T(0));
      const int64_t last = std::min(end, first + kMomentRows);
      int64_t r = first;
      for (; r + 4 <= last; r += 4) addFlows<4>(sums, dots, grad + r * width, in + r * width, mean, width);
      for (; r < last; ++r) addFlows<1>(sums, dots, grad + r * width, in + r * width, mean, width);
      for (int64_t j = 0; j < 2 * width; ++j) total[j] += sums[j];
    }
  });
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t j = 0; j < 2 * width; ++j) totals[j] += totals[2 * width * part + j];
  }
  return totals;
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
  columns.writeEach(gradInput, [=](auto read, int64_t at) {
    return read(grad + at) * read(scale) - read(offset) - (read(in + at) - read(mean)) * read(slope);
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
