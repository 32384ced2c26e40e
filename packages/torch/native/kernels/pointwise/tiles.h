// The walk of an elementwise loop one of whose inputs is contiguous along another dim than the output, as a
// transposed matrix is: in tiles, so that of the cache lines of both all is used while they are at hand.
#pragma once
#include "kernels/gemm/simd.h"
#include "kernels/pointwise/walk.h"

namespace flambeau {

constexpr int64_t kTileWidth = 64;
constexpr int64_t kTileArea = 32 * kTileWidth;
// Rows and columns from which on tiles pay.
constexpr int64_t kSmallestTile = 4;

// The dim along which an input is walked in smaller steps than along dim 0, or 0.
template <int N>
int transposedDim(const StridedLoop<N>& loop, int outputs) {
  for (int k = outputs; k < N; ++k) {
    int best = 0;
    for (int d = 1; d < loop.ndim; ++d) {
      const int64_t stride = loop.strides[k][d];
      if (stride > 0 && stride < loop.strides[k][best] && loop.shape[d] >= kSmallestTile) best = d;
    }
    if (best != 0) return best;
  }
  return 0;
}

// to[r * down + c] = from[r + c * step]; step in bytes. In squares of so many lanes, and what is left in smaller ones.
template <int lanes, class Word>
void transposeTile(Word* to, int64_t down, const char* from, int64_t step, int64_t rows, int64_t width) {
  const auto at = [&](int64_t c) { return reinterpret_cast<const Word*>(from + c * step); };
  if constexpr (lanes < kSmallestTile || !std::is_floating_point_v<Word>) {
    for (int64_t c = 0; c < width; ++c) {
      for (int64_t r = 0; r < rows; ++r) to[r * down + c] = at(c)[r];
    }
  } else if (rows < lanes || width < lanes) {
    transposeTile<lanes / 2>(to, down, from, step, rows, width);
  } else {
    typedef Word Vector __attribute__((vector_size(lanes * sizeof(Word))));
    const int64_t across = width / lanes * lanes, along = rows / lanes * lanes;
    for (int64_t c = 0; c < across; c += lanes) {
      for (int64_t r = 0; r < along; r += lanes) {
        Vector square[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) std::memcpy(&square[i], at(c + i) + r, sizeof(Vector));
        simd::transpose(square);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) std::memcpy(to + (r + i) * down + c, &square[i], sizeof(Vector));
      }
    }
    const auto rest = [&](int64_t r, int64_t c, int64_t height, int64_t breadth) {
      if (height > 0 && breadth > 0) {
        transposeTile<lanes / 2>(to + r * down + c, down, from + r * sizeof(Word) + c * step, step, height, breadth);
      }
    };
    rest(along, 0, rows - along, across);
    rest(0, across, rows, width - across);
  }
}

// Words of 4 and 8 bytes go as floating-point numbers, for which there are vectors; `down` in bytes.
inline void transposeTile(int size, char* to, int64_t down, const char* from, int64_t step, int64_t rows, int64_t width) {
  dispatchSize(size, [=]<class Word>(Word) {
    using Moved = std::conditional_t<sizeof(Word) == 4, float, std::conditional_t<sizeof(Word) == 8, double, Word>>;
    transposeTile<kVectorBytes / sizeof(Word)>(reinterpret_cast<Moved*>(to), down / size, from, step, rows, width);
  });
}

template <int N>
class TileWalker {
 public:
  // `rowDim` is the dim of the rows of a tile; its columns are dim 0.
  TileWalker(const Walk<N>& walk, int rowDim) : walk_(walk), loop_(walk.loop), rowDim_(rowDim) {
    width_ = std::min(kTileWidth, loop_.shape[0]);
    height_ = std::min(kTileArea / width_, loop_.shape[rowDim]);
    down_ = (loop_.shape[rowDim] + height_ - 1) / height_;
    across_ = (loop_.shape[0] + width_ - 1) / width_;
    for (int k = 0; k < N; ++k) inPlace_[k] = walk.isInPlace(k);
  }

  int64_t count() const { return loop_.numel() / (loop_.shape[0] * loop_.shape[rowDim_]) * down_ * across_; }
  int64_t area() const { return width_ * height_; }

  // Tiles below one another follow each other: a transposed input is then read on where it was left.
  void walk(int64_t begin, int64_t end) const {
    int64_t rest = begin;
    const auto take = [&](int64_t count) {
      const int64_t index = rest % count;
      rest /= count;
      return index;
    };
    int64_t index[kMaxDims], down = take(down_), across = take(across_);
    char* matrix[N];
    std::copy_n(loop_.data, N, matrix);
    for (int d = 1; d < loop_.ndim; ++d) {
      index[d] = d == rowDim_ ? 0 : take(loop_.shape[d]);
      for (int k = 0; k < N; ++k) matrix[k] += index[d] * loop_.strides[k][d];
    }
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t row = down * height_, column = across * width_;
      char* p[N];
      for (int k = 0; k < N; ++k) p[k] = matrix[k] + row * loop_.strides[k][rowDim_] + column * loop_.strides[k][0];
      walkTile(p, std::min(height_, loop_.shape[rowDim_] - row), std::min(width_, loop_.shape[0] - column));
      if (++down < down_) continue;
      down = 0;
      if (++across < across_) continue;
      across = 0;
      for (int d = 1; d < loop_.ndim; ++d) {
        if (d == rowDim_) continue;
        for (int k = 0; k < N; ++k) matrix[k] += loop_.strides[k][d];
        if (++index[d] < loop_.shape[d]) break;
        for (int k = 0; k < N; ++k) matrix[k] -= index[d] * loop_.strides[k][d];
        index[d] = 0;
      }
    }
  }

 private:
  void walkTile(char* const (&tile)[N], int64_t rows, int64_t width) const {
    if constexpr (N == 2) {
      if (walk_.pointwise.copies && inPlace_[0]) {
        return stage(1, tile[0], loop_.strides[0][rowDim_], tile[1], rows, width);
      }
    }
    alignas(kCacheLine) char buffers[N][kTileArea * kLargestItem + kCacheLine];
    char* data[N];
    int64_t steps[N];  // from row to row
    bool joined = true;
    for (int k = 0; k < N; ++k) {
      data[k] = inPlace_[k] ? tile[k] : buffers[k];
      steps[k] = inPlace_[k] ? loop_.strides[k][rowDim_] : width * walk_.size(k);
      joined &= steps[k] == width * walk_.size(k);
      if (!inPlace_[k] && !walk_.isOutput(k)) stage(k, buffers[k], steps[k], tile[k], rows, width);
    }
    for (int64_t r = 0; r < rows; r += joined ? rows : 1) {
      char* row[N];
      for (int k = 0; k < N; ++k) row[k] = data[k] + r * steps[k];
      walk_.pointwise.run(row, joined ? rows * width : width, walk_.pointwise.context);
    }
    for (int k = 0; k < walk_.pointwise.outputs; ++k) {
      for (int64_t r = 0; r < rows && !inPlace_[k]; ++r) {
        walk_.store(k, tile[k] + r * loop_.strides[k][rowDim_], loop_.strides[k][0], buffers[k] + r * steps[k], width);
      }
    }
  }

  // Rows of an input, copied to where they are `step` bytes apart.
  void stage(int k, char* to, int64_t step, const char* from, int64_t rows, int64_t width) const {
    const int64_t down = loop_.strides[k][rowDim_], across = loop_.strides[k][0];
    const int size = walk_.size(k);
    if (down == size) return transposeTile(size, to, step, from, across, rows, width);
    for (int64_t r = 0; r < rows; ++r) walk_.stage(k, to + r * step, from + r * down, width);
  }

  const Walk<N>& walk_;
  const StridedLoop<N>& loop_;
  int rowDim_;
  int64_t width_, height_;   // of a tile
  int64_t down_, across_;    // tiles along the two dims
  bool inPlace_[N];
};

}  // namespace flambeau
