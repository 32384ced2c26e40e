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

// to[r * width + c] = from[r + c * step]; step in bytes
template <class Word>
void transposeTile(Word* to, const char* from, int64_t step, int64_t rows, int64_t width) {
  const auto at = [&](int64_t c) { return reinterpret_cast<const Word*>(from + c * step); };
  const auto element = [&](int64_t r, int64_t c) { to[r * width + c] = at(c)[r]; };
  int64_t c = 0;
  if constexpr (std::is_floating_point_v<Word>) {
    using S = Simd<Word>;
    for (; c + S::width <= width; c += S::width) {
      int64_t r = 0;
      for (; r + S::width <= rows; r += S::width) {
        typename S::Vector square[S::width];
#pragma GCC unroll 16
        for (int i = 0; i < S::width; ++i) square[i] = S::load(at(c + i) + r);
        simd::transpose(square);
#pragma GCC unroll 16
        for (int i = 0; i < S::width; ++i) S::store(to + (r + i) * width + c, square[i]);
      }
      for (int64_t i = 0; i < S::width; ++i) {
        for (int64_t rest = r; rest < rows; ++rest) element(rest, c + i);
      }
    }
  }
  for (; c < width; ++c) {
    for (int64_t r = 0; r < rows; ++r) element(r, c);
  }
}

// Words of 4 and 8 bytes go as floating-point numbers, for which there are vectors.
inline void transposeTile(int size, char* to, const char* from, int64_t step, int64_t rows, int64_t width) {
  dispatchSize(size, [=]<class Word>(Word) {
    using Moved = std::conditional_t<sizeof(Word) == 4, float, std::conditional_t<sizeof(Word) == 8, double, Word>>;
    transposeTile(reinterpret_cast<Moved*>(to), from, step, rows, width);
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
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t row = tile % down_ * height_, column = tile / down_ % across_ * width_;
      char* p[N];
      for (int k = 0; k < N; ++k) p[k] = loop_.data[k] + row * loop_.strides[k][rowDim_] + column * loop_.strides[k][0];
      int64_t rest = tile / down_ / across_;
      for (int d = 1; d < loop_.ndim; ++d) {
        if (d == rowDim_) continue;
        for (int k = 0; k < N; ++k) p[k] += rest % loop_.shape[d] * loop_.strides[k][d];
        rest /= loop_.shape[d];
      }
      walkTile(p, std::min(height_, loop_.shape[rowDim_] - row), std::min(width_, loop_.shape[0] - column));
    }
  }

 private:
  void walkTile(char* const (&tile)[N], int64_t rows, int64_t width) const {
    alignas(kCacheLine) char buffers[N][kTileArea * kLargestItem + kCacheLine];
    char* data[N];
    int64_t steps[N];  // from row to row
    bool joined = true;
    for (int k = 0; k < N; ++k) {
      data[k] = inPlace_[k] ? tile[k] : buffers[k];
      steps[k] = inPlace_[k] ? loop_.strides[k][rowDim_] : width * walk_.size(k);
      joined &= steps[k] == width * walk_.size(k);
      if (!inPlace_[k] && !walk_.isOutput(k)) stage(k, buffers[k], tile[k], rows, width);
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

  void stage(int k, char* buffer, const char* from, int64_t rows, int64_t width) const {
    const int64_t down = loop_.strides[k][rowDim_], across = loop_.strides[k][0];
    const int size = walk_.size(k);
    if (down == size) return transposeTile(size, buffer, from, across, rows, width);
    for (int64_t r = 0; r < rows; ++r) {
      walk_.stage(k, buffer + r * width * size, from + r * down, width);
    }
  }

  const Walk<N>& walk_;
  const StridedLoop<N>& loop_;
  int rowDim_;
  int64_t width_, height_;   // of a tile
  int64_t down_, across_;    // tiles along the two dims
  bool inPlace_[N];
};

}  // namespace flambeau
