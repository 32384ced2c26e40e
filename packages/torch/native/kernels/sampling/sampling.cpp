// Permutations, and samples from discrete distributions.
#include <utility>
#include <vector>

#include "kernels/random/random.h"

namespace flambeau {
namespace {

// Swaps each of n elements with the one that is offsets[i] elements after it.
template <class T>
void swapForward(T* out, int64_t stride, const uint32_t* offsets, int64_t n) {
  constexpr int64_t ahead = 16;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t later = std::min(i + ahead, n - 1);
    __builtin_prefetch(out + (later + offsets[later]) * stride, 1);
    std::swap(out[i * stride], out[(i + offsets[i]) * stride]);
  }
}

// The shuffle of Fisher and Yates from the front, a piece at a time: the draws of a piece are made and reduced
// at once, and tell which elements to fetch before they are needed.
template <class T>
void permute(Engine engine, T* out, int64_t stride, int64_t n) {
  constexpr int64_t piece = 1024;
  uint32_t draws[piece];
  for (int64_t i = 0; i < n; ++i) out[i * stride] = static_cast<T>(i);
  for (int64_t begin = 0; begin < n - 1; begin += piece) {
    const int64_t length = std::min(piece, n - 1 - begin);
    engine.draw(draws, length);
    for (int64_t i = 0; i < length; ++i) draws[i] = remainder(draws[i], static_cast<double>(n - begin - i));
    swapForward(out + begin * stride, stride, draws, length);
  }
}

// A matrix of probabilities, one distribution a row, and where the samples of each go.
template <class T>
struct Distributions {
  const T* data;
  int64_t rows, columns, rowStride, columnStride;
  int64_t* out;
  int64_t samples, outRowStride, outStride;

  T at(int64_t row, int64_t column) const { return data[row * rowStride + column * columnStride]; }
  int64_t& sample(int64_t row, int64_t j) const { return out[row * outRowStride + j * outStride]; }
};

// Codes are part of the contract with src/backend/cpu/random.ts.
enum Failure { Negative = 1, NotFinite = 2, ZeroSum = 3 };

template <class T>
int firstFailure(const Distributions<T>& p) {
  for (int64_t row = 0; row < p.rows; ++row) {
    bool positive = false;
    for (int64_t j = 0; j < p.columns; ++j) {
      const T value = p.at(row, j);
      if (!(value >= 0)) return Negative;
      if (!std::isfinite(value)) return NotFinite;
      positive |= value > 0;
    }
    if (!positive) return ZeroSum;
  }
  return 0;
}

// Inverts the cumulative distribution.
template <class T>
void sampleWithReplacement(Engine& engine, const Distributions<T>& p) {
  std::vector<T> cumulative(p.columns);
  for (int64_t row = 0; row < p.rows; ++row) {
    T sum = 0;
    for (int64_t j = 0; j < p.columns; ++j) cumulative[j] = sum += p.at(row, j);
    for (T& value : cumulative) value /= sum;
    cumulative.back() = 1;
    for (int64_t j = 0; j < p.samples; ++j) {
      const double u = engine.uniform();
      int64_t low = 0, high = p.columns;
      while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (cumulative[middle] < u) low = middle + 1;
        else high = middle;
      }
      p.sample(row, j) = low;
    }
  }
}

// The k greatest of a row, greatest first. Which of equal values comes first is that of PyTorch's `topk`.
template <class T>
void greatest(std::vector<std::pair<T, int64_t>>& row, int64_t k) {
  const auto greater = [](const auto& a, const auto& b) {
    return (std::isnan(a.first) && !std::isnan(b.first)) || a.first > b.first;
  };
  const auto begin = row.begin();
  if (k == 1) {
    std::iter_swap(begin, std::min_element(begin, row.end(), greater));
  } else if (k * 64 <= static_cast<int64_t>(row.size())) {
    std::partial_sort(begin, begin + k, row.end(), greater);
  } else {
    std::nth_element(begin, begin + k - 1, row.end(), greater);
    std::sort(begin, begin + k - 1, greater);
  }
}

// Takes the categories of which p / q is greatest, where the q are exponential numbers.
template <class T>
void sampleWithoutReplacement(Engine& engine, const Distributions<T>& p) {
  std::vector<T> ratios(p.rows * p.columns);
  const auto draw = [&](int64_t row, int64_t j) {
    ratios[row * p.columns + j] = p.at(row, j) / static_cast<T>(-std::log(1.0 - engine.uniform()));
  };
  // The q lie in memory as the p do, and are drawn in that order.
  if (p.rowStride != 0 && p.rowStride < p.columnStride && p.rows > 1) {
    for (int64_t j = 0; j < p.columns; ++j) {
      for (int64_t row = 0; row < p.rows; ++row) draw(row, j);
    }
  } else {
    for (int64_t row = 0; row < p.rows; ++row) {
      for (int64_t j = 0; j < p.columns; ++j) draw(row, j);
    }
  }
  std::vector<std::pair<T, int64_t>> pairs(p.columns);
  for (int64_t row = 0; row < p.rows; ++row) {
    for (int64_t j = 0; j < p.columns; ++j) pairs[j] = {ratios[row * p.columns + j], j};
    greatest(pairs, p.samples);
    for (int64_t j = 0; j < p.samples; ++j) p.sample(row, j) = pairs[j].second;
  }
}

}  // namespace

// (generator, dtype, address, stride, n)
FLAMBEAU_KERNEL(randomPermutation) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  char* out = params.pointer();
  const int64_t stride = params.integer(), n = params.integer();
  dispatch(dtype, [&]<class T>(T) { permute(engine, reinterpret_cast<T*>(out), stride, n); });
}

// (generator, dtype, replacement, address of the probabilities, rows, columns, their strides, address of the
// samples, samples a row, strides); fails with a code of Failure.
FLAMBEAU_KERNEL(randomMultinomial) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const bool replacement = params.flag();
  dispatchFloating(dtype, [&]<class T>(T) {
    Distributions<T> p;
    p.data = params.pointer<const T>();
    p.rows = params.integer();
    p.columns = params.integer();
    p.rowStride = params.integer();
    p.columnStride = params.integer();
    p.out = params.pointer<int64_t>();
    p.samples = params.integer();
    p.outRowStride = params.integer();
    p.outStride = params.integer();
    if (const int failure = firstFailure(p)) return params.fail(failure, 0);
    if (replacement) sampleWithReplacement(engine, p);
    else sampleWithoutReplacement(engine, p);
  });
}

}  // namespace flambeau
