// One block of the output: its sums of products, and what becomes of them (scale, bias, activation).
#pragma once
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/micro.h"
#include "kernels/gemm/rows.h"

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

// A vector of bias elements, or what changes nothing where there is none.
template <class T>
inline typename Simd<T>::Vector biasVector(const T* bias, int64_t stride, int64_t count) {
  auto vector = typename Simd<T>::Vector{} - T(0);
  if (bias == nullptr) return vector;
  if (stride == 1) return Simd<T>::load(bias, count);
  for (int64_t i = 0; i < count; ++i) vector[i] = bias[i * stride];
  return vector;
}

// Whether all that becomes of sums is a bias along one of the two dims, and what is below 0 nothing.
template <class T>
bool isSimple(const Gemm<T>& g) {
  const bool hasOneDim = g.bias.data == nullptr || g.bias.rowStride == 0 || g.bias.colStride == 0;
  return g.alpha == T(1) && g.beta == T(0) && hasOneDim;
}

// A square of sums to columns of the output, where it is simple.
template <class T>
void storeSquare(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  using S = Simd<T>;
  const Matrix<const T> bias = g.bias.from(row, col);
  const bool isByCol = bias.rowStride == 0;
  const auto byCol = biasVector(isByCol ? bias.data : nullptr, bias.colStride, cols);
  const auto byRow = biasVector(isByCol ? nullptr : bias.data, bias.rowStride, rows);
  typename S::Vector square[S::width];
#pragma GCC unroll 16
  for (int r = 0; r < S::width; ++r) {
    square[r] = S::load(sums) + byCol;
    if (r + 1 < rows) sums += kBlockCols<T>;
  }
  simd::transpose(square);
#pragma GCC unroll 16
  for (int c = 0; c < S::width; ++c) {
    square[c] += byRow;
    if (g.relu) square[c] = square[c] < T(0) ? typename S::Vector{} : square[c];
  }
  T* out = g.out.at(row, col);
  if (g.out.rowStride != 1) {
    for (int64_t c = 0; c < cols; ++c, out += g.out.colStride) scatterVector<T>(square[c], rows, out, g.out.rowStride);
    return;
  }
#pragma GCC unroll 16
  for (int c = 0; c < S::width; ++c, out += g.out.colStride) {
    if (c == cols) return;
    S::store(out, square[c], rows);
  }
}

// The same for an output whose columns are contiguous, or any where it is simple.
template <class T>
void finishCols(const Gemm<T>& g, const T* sums, int64_t row, int64_t col, int64_t rows, int64_t cols) {
  constexpr int64_t width = Simd<T>::width;
  const bool simple = isSimple(g);
  for (int64_t i = 0; i < rows; i += width) {
    for (int64_t j = 0; j < cols; j += width) {
      const T* from = sums + i * kBlockCols<T> + j;
      const int64_t height = std::min(width, rows - i), breadth = std::min(width, cols - j);
      if (simple) {
        storeSquare(g, from, row + i, col + j, height, breadth);
        continue;
      }
      typename Simd<T>::Vector square[width] = {};
      for (int64_t r = 0; r < height; ++r) square[r] = Simd<T>::load(from + r * kBlockCols<T>);
      simd::transpose(square);
      for (int64_t c = 0; c < breadth; ++c) {
        const Matrix<const T> bias = g.bias.from(row + i, col + j + c);
        finishVector(g, square[c], height, g.out.at(row + i, col + j + c), bias.data, bias.rowStride);
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
  if (g.out.rowStride == 1 || isSimple(g)) return finishCols(g, sums, row, col, rows, cols);
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
  const bool added = g.alpha == T(1) && (g.beta == T(0) || g.beta == T(1)), subtracted = g.alpha == T(-1) && g.beta == T(1);
  return (added || subtracted) && g.bias.data == nullptr && !g.relu && g.out.colStride == 1;
}
template <class T>
Into intoOf(const Gemm<T>& g) {
  return g.alpha == T(-1) ? Into::Subtract : g.beta == T(1) ? Into::Add : Into::Store;
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

// The same for an output whose columns are contiguous.
template <class T>
inline void fetchOutputCols(const T* out, int64_t cols, int64_t colStride) {
  for (int64_t i = 0; i < cols; ++i) __builtin_prefetch(out + i * colStride, 1);
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
    return multiply(operands, g.out.at(row, col), g.out.rowStride, intoOf(g));
  }
  if (g.out.rowStride == 1 && g.k >= kDepthWorthFetching) fetchOutputCols(g.out.at(row, col), cols, g.out.colStride);
  alignas(kVectorBytes) T sums[kBlockRows * kBlockCols<T>];
  multiply(operands, sums, kBlockCols<T>, Into::Store);
  finish(g, sums, row, col, rows, cols);
}

}  // namespace flambeau
