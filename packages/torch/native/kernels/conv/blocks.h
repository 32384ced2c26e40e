// The source of Winograd's blocks as vectors read it. A block is 2×2 results, which read 4×4 elements; the next one reads
// two further. For each of the 4×4 places, what the blocks of all rows read there lies beside each other, so that vectors
// are full, however narrow the image is.
#pragma once
#include "kernels/conv/convolution.h"
#include "kernels/gemm/simd.h"
#include "simd/lanes.h"

namespace flambeau {

class BlockSource {
 public:
  static constexpr int kReach = 4;

  BlockSource(const Axis& y, const Axis& x, int64_t rows, int64_t cols)
      : y_(y), x_(x), rows_(rows), cols_(cols), place_((rows + 1) * cols + S::width) {}

  // How many floats `begin` is to be given room for.
  int64_t elements() const { return lineElements() + 2 * kReach * place_; }

  void begin(float* room) {
    lines_ = room;
    places_ = room + lineElements();
    std::fill(lines_, places_, 0.0f);
  }

  // Takes the rows of blocks from the first one on, which is the same each time, of an image whose lines lie `step` apart.
  // All lines are there before the first one is read: what is read just after it was written elsewhere takes long.
  void fill(const float* image, int64_t step, int64_t firstRow) const {
    const int64_t first = 2 * firstRow + y_.low, lines = 2 * (rows_ + 1);
    for (int64_t i = std::max<int64_t>(0, -first); i < std::min(lines, y_.in - first); ++i) {
      padLine(image + (first + i) * step, lines_ + i * span());
    }
    for (int64_t i = 0; i < lines; ++i) spreadLine(lines_ + i * span(), at(static_cast<int>(i % 2), 0) + i / 2 * cols_);
  }

  // What the first block reads at a place, and behind it the others.
  float* at(int row, int col) const { return places_ + (row % 2 * kReach + col) * place_ + row / 2 * cols_; }

 private:
  using S = Simd<float>;
  static constexpr int width = S::width;
  static constexpr auto kLanes = std::make_integer_sequence<int, width>{};

  // Elements that the blocks of a row read.
  int64_t span() const { return 2 * cols_ + 2; }
  int64_t lineElements() const { return 2 * (rows_ + 1) * span() + 3 * width; }

  // A line with its border of zeros; those in front are there already. What is stored beyond it are zeros as well, which the
  // next line takes the place of.
  void padLine(const float* line, float* to) const {
    const int64_t first = std::max<int64_t>(0, x_.low), border = first - x_.low;
    const int64_t count = std::min(x_.in - first, span() - border);
    for (int64_t i = 0; i < count; i += width) {
      S::store(to + border + i, S::load(line + first + i, std::min<int64_t>(width, count - i)));
    }
  }

  // Each second element of a line, from each of the first four on. What is stored beyond a row, the next takes the place of.
  void spreadLine(const float* line, float* to) const {
    for (int64_t col = 0; col < cols_; col += width) {
      for (int j = 0; j < kReach; j += 2) {
        const float* from = line + 2 * col + j;
        const S::Vector low = S::load(from), high = S::load(from + width);
        S::store(to + j * place_ + col, simd::even(low, high, kLanes));
        S::store(to + (j + 1) * place_ + col, simd::odd(low, high, kLanes));
      }
    }
  }

  const Axis &y_, &x_;
  const int64_t rows_, cols_, place_;
  float *lines_ = nullptr, *places_ = nullptr;
};

}  // namespace flambeau
