// Packing: copying a part of an operand to where a block product reads it fastest.
#pragma once
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/gemm/micro.h"
#include "runtime/scratch.h"

namespace flambeau {

// Writes `depth` rows and `cols` columns of a matrix as rows of `vectors` full vectors, padded with zeros.
template <class T>
void packRows(const Matrix<const T>& from, int64_t depth, int64_t cols, int vectors, T* to) {
  using S = Simd<T>;
  for (int64_t p = 0; p < depth; ++p) {
    const T* row = from.at(p, 0);
    for (int v = 0; v < vectors; ++v, to += S::width) {
      const int64_t count = std::min<int64_t>(S::width, cols - v * S::width);
      S::store(to, count == S::width ? S::load(row + v * S::width) : S::load(row + v * S::width, count));
    }
  }
}

// Complex numbers times i.
template <class T, int... lane>
inline typename Simd<T>::Vector timesI(typename Simd<T>::Vector pairs, std::integer_sequence<int, lane...>) {
  constexpr typename Simd<T>::Vector sign = {(lane % 2 == 0 ? T(-1) : T(1))...};
  return simd::pick<(lane ^ 1)...>(pairs, pairs) * sign;
}

// The same of rows of pairs, each with what it is times i under it: `depth` rows in all.
template <class T>
void packTurnedRows(const Matrix<const T>& from, int64_t depth, int64_t cols, int vectors, T* to) {
  using S = Simd<T>;
  for (int64_t p = 0; p < depth / 2; ++p, to += vectors * S::width) {
    const T* row = from.at(p, 0);
    for (int v = 0; v < vectors; ++v, to += S::width) {
      const int64_t count = std::min<int64_t>(S::width, cols - v * S::width);
      const auto pairs = count == S::width ? S::load(row + v * S::width) : S::load(row + v * S::width, count);
      S::store(to, pairs);
      S::store(to + vectors * S::width, timesI<T>(pairs, std::make_integer_sequence<int, S::width>{}));
    }
  }
}

// The same where the columns are contiguous rather than the rows.
template <class T>
void packCols(const Matrix<const T>& from, int64_t depth, int64_t cols, int vectors, T* to) {
  using S = Simd<T>;
  constexpr int width = S::width;
  for (int64_t col = 0; col < cols; col += width, to += width) {
    const int64_t count = std::min<int64_t>(width, cols - col);
    for (int64_t p = 0; p < depth; p += width) {
      const int64_t steps = std::min<int64_t>(width, depth - p);
      typename S::Vector square[width];
      if (count == width && steps == width) {
#pragma GCC unroll 16
        for (int i = 0; i < width; ++i) square[i] = S::load(from.at(p, col + i));
      } else {
        for (int i = 0; i < width; ++i) {
          square[i] = i < count ? S::load(from.at(p, col + i), steps) : typename S::Vector{};
        }
      }
      simd::transpose(square);
      if (steps == width) {
#pragma GCC unroll 16
        for (int i = 0; i < width; ++i) S::store(to + (p + i) * vectors * width, square[i]);
      } else {
        for (int64_t i = 0; i < steps; ++i) S::store(to + (p + i) * vectors * width, square[i]);
      }
    }
  }
}

// The same for any strides.
template <class T>
void packElements(const Matrix<const T>& from, int64_t depth, int64_t cols, int vectors, T* to) {
  const int64_t padded = vectors * Simd<T>::width;
  for (int64_t p = 0; p < depth; ++p, to += padded) {
    for (int64_t j = 0; j < cols; ++j) to[j] = *from.at(p, j);
    std::fill(to + cols, to + padded, T(0));
  }
}

template <class T>
void pack(const Matrix<const T>& from, int64_t depth, int64_t cols, int vectors, T* to) {
  if (from.colStride == 1) return packRows(from, depth, cols, vectors, to);
  if (from.rowStride == 1) return packCols(from, depth, cols, vectors, to);
  packElements(from, depth, cols, vectors, to);
}

// Packs steps [begin, end) of `depth` for the rows of one block, which lie next to each other: groups of kBlockRows
// elements. `left` rows of the matrix can be read.
template <class T>
void packBlock(const Matrix<const T>& from, int64_t rows, int64_t left, int64_t begin, int64_t end, int64_t depth,
               T* to) {
  using S = Simd<T>;
  constexpr int padded = (kBlockRows + S::width - 1) / S::width * S::width;
  int64_t p = begin;
  // Full vectors are faster. What they copy beyond the block is overwritten by the next group.
  for (; left >= padded && p < std::min(end, depth - 1); ++p) {
    const T* source = from.at(0, p);
    for (int r = 0; r < padded; r += S::width) {
      __builtin_prefetch(source + r + 8 * from.colStride);
      S::store(to + p * kBlockRows + r, S::load(source + r));
    }
  }
  for (; p < end; ++p) {
    for (int64_t r = 0; r < rows; ++r) to[p * kBlockRows + r] = *from.at(r, p);
  }
}

// Copies rows of `depth` elements next to each other, `stride` apart.
template <class T>
void copyRows(const Matrix<const T>& from, int64_t rows, int64_t depth, T* to, int64_t stride) {
  using S = Simd<T>;
  for (int64_t r = 0; r < rows; ++r, to += stride) {
    const T* row = from.at(r, 0);
    int64_t p = 0;
    for (; p + S::width <= depth; p += S::width) S::store(to + p, S::load(row + p));
    for (; p < depth; ++p) to[p] = row[p];
  }
}

// Packs the row blocks [first, last) of a matrix whose columns are contiguous. They go along together, a few
// columns at a time, so that every cache line is read once.
template <class T>
void packBlocks(const Matrix<const T>& from, const Split& split, int64_t depth, int64_t first, int64_t last, T* to) {
  const int64_t m = split.begin(split.parts);
  for (int64_t p = 0; p < depth; p += 8) {
    for (int64_t block = first; block < last; ++block) {
      const int64_t row = split.begin(block);
      packBlock(from.from(row, 0), split.size(block), m - row, p, std::min(p + 8, depth), depth,
                to + (block - first) * depth * kBlockRows);
    }
  }
}

}  // namespace flambeau
