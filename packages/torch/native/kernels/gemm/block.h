// One block of the output: its sums of products, and what becomes of them (scale, bias, activation).
#pragma once
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/micro.h"

namespace flambeau {

// Up to a vector's width of sums, to neighbours in the output.
template <class T>
inline void finishVector(const Gemm<T>& g, typename Simd<T>::Vector value, int64_t count, T* out, const T* bias,
                         int64_t biasStride) {
  using S = Simd<T>;
  value *= g.alpha;
  if (g.beta != T(0)) value += g.beta * S::load(out, count);
  if (bias != nullptr) {
    if (biasStride == 1) {
      value += S::load(bias, count);
    } else if (biasStride == 0) {
      value += *bias;
    } else {
      for (int64_t i = 0; i < count; ++i) value[i] += bias[i * biasStride];
    }
  }
  if (g.relu) value = value < T(0) ? typename S::Vector{} : value;
  S::store(out, value, count);
}

// Sums to an output whose rows are contiguous.
template <class T>
void finishRows(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  constexpr int width = Simd<T>::width;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; j += width) {
      const Matrix<const T> bias = g.bias.from(row + i, col + j);
      finishVector(g, Simd<T>::load(sums + i * kBlockCols<T> + j), std::min<int64_t>(width, cols - j),
                   g.out.at(row + i, col + j), bias.data, bias.colStride);
    }
  }
}

// The same for an output whose columns are contiguous.
template <class T>
void finishCols(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  constexpr int width = Simd<T>::width;
  for (int64_t i = 0; i < rows; i += width) {
    for (int64_t j = 0; j < cols; j += width) {
      typename Simd<T>::Vector square[width] = {};
      for (int64_t r = 0; r < width && i + r < rows; ++r) square[r] = Simd<T>::load(sums + (i + r) * kBlockCols<T> + j);
      simd::transpose(square);
      for (int64_t c = 0; c < width && j + c < cols; ++c) {
        const Matrix<const T> bias = g.bias.from(row + i, col + j + c);
        finishVector(g, square[c], std::min<int64_t>(width, rows - i), g.out.at(row + i, col + j + c), bias.data,
                     bias.rowStride);
      }
    }
  }
}

// One sum, to an output of any strides.
template <class T>
inline void finishElement(const Gemm<T>& g, T sum, int64_t row, int64_t col) {
  T* out = g.out.at(row, col);
  T value = g.alpha * sum;
  if (g.beta != T(0)) value += g.beta * *out;
  if (g.bias.data != nullptr) value += *g.bias.at(row, col);
  *out = g.relu && value < T(0) ? T(0) : value;
}

template <class T>
void finishElements(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) finishElement(g, sums[i * kBlockCols<T> + j], row + i, col + j);
  }
}

// Sums in rows of kBlockCols, to the output's elements from (row, col) on.
template <class T>
inline void finish(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  if (g.out.colStride == 1) return finishRows(g, sums, row, col, rows, cols);
  if (g.out.rowStride == 1) return finishCols(g, sums, row, col, rows, cols);
  finishElements(g, sums, row, col, rows, cols);
}

// Sums of a problem with one column.
template <class T>
void finishColumn(const Gemm<T>& g, const T* sums, int64_t row, int64_t rows) {
  constexpr int width = Simd<T>::width;
  if (g.out.rowStride != 1) {
    for (int64_t i = 0; i < rows; ++i) finishElement(g, sums[i], row + i, 0);
    return;
  }
  for (int64_t i = 0; i < rows; i += width) {
    const int64_t count = std::min<int64_t>(width, rows - i);
    finishVector(g, Simd<T>::load(sums + i, count), count, g.out.at(row + i, 0), g.bias.from(row + i, 0).data,
                 g.bias.rowStride);
  }
}

// Whether the sums can be formed in the output itself.
template <class T>
bool isPlain(const Gemm<T>& g) {
  return g.alpha == T(1) && (g.beta == T(0) || g.beta == T(1)) && g.bias.data == nullptr && !g.relu &&
         g.out.colStride == 1;
}

// Steps of a product that are enough to hide the wait for memory.
constexpr int64_t kDepthWorthFetching = 64;

// Asks for the lines of the output that a block product will write in the end.
template <class T>
inline void fetchOutput(const T* out, int64_t rows, int64_t rowStride) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int v = 0; v < kBlockVectors; ++v) __builtin_prefetch(out + i * rowStride + v * Simd<T>::width, 1);
  }
}

// The block of `rows` x `cols` elements from (row, col) on.
template <class T>
void computeBlock(const Gemm<T>& g, const BlockOperands<T>& operands, int64_t row, int64_t col, int64_t rows,
                  int64_t cols) {
  constexpr int width = Simd<T>::width;
  const int64_t vectors = (cols + width - 1) / width;
  const MultiplyBlock<T> multiply = blockFunction<T>(rows, vectors);
  if (isPlain(g) && cols == vectors * width) {
    if (g.k >= kDepthWorthFetching) fetchOutput(g.out.at(row, col), rows, g.out.rowStride);
    return multiply(operands, g.out.at(row, col), g.out.rowStride, g.beta == T(1));
  }
  alignas(kVectorBytes) T sums[kBlockRows * kBlockCols<T>];
  multiply(operands, sums, kBlockCols<T>, false);
  finish(g, sums, row, col, rows, cols);
}

}  // namespace flambeau
