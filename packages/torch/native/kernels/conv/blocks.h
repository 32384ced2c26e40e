// The source of Winograd's blocks as vectors read it. A block is 2×2 results, which read up to 4×4 elements; the next one
// reads two further. For each of the 4×4 places, what the blocks of all rows read there lies beside each other, so that vectors
// are full, however narrow the image is.
#pragma once
#include "kernels/conv/convolution.h"
#include "kernels/gemm/rows.h"
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

  // Takes the rows of blocks from the first one on, which is the same each time, of an image with these strides. All lines
  // are there before the first one is read: what is read just after it was written elsewhere takes long.
  void fill(const float* image, int64_t rowStep, int64_t colStep, int64_t firstRow) const {
    if (colStep == 1) {
      padLines(image, rowStep, 1, firstRow, [](const float* from, int64_t count) { return S::load(from, count); });
    } else {
      padLines(image, rowStep, colStep, firstRow,
               [&](const float* from, int64_t count) { return gatherVector(from, colStep, count); });
    }
    const int64_t cols = cols_, length = span(), place = place_;
    const float* line = lines_;
    float* to = places_;
    for (int64_t row = 0; row <= rows_; ++row, line += 2 * length, to += cols) {
      spreadLine(line, cols, to, place);
      spreadLine(line + length, cols, to + kReach * place, place);
    }
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

  // Lines with their borders of zeros; those in front are there already. What is stored beyond a line are zeros as well, which
  // the next line takes the place of. `load` reads up to a vector of elements, and zeros behind them.
  template <class Load>
  void padLines(const float* image, int64_t rowStep, int64_t colStep, int64_t firstRow, const Load& load) const {
    const int64_t row = 2 * firstRow + y_.low, begin = std::max<int64_t>(0, -row);
    const int64_t end = std::min(2 * (rows_ + 1), y_.in - row);
    const int64_t first = std::max<int64_t>(0, x_.low), border = first - x_.low, length = span();
    const int64_t count = std::min(x_.in - first, length - border);
    const float* from = image + (row + begin) * rowStep + first * colStep;
    float* to = lines_ + begin * length + border;
    for (int64_t y = begin; y < end; ++y, from += rowStep, to += length) {
      for (int64_t x = 0; x < count; x += width) S::store(to + x, load(from + x * colStep, std::min<int64_t>(width, count - x)));
    }
  }

  // Each second element of a line, from each of the first four on, to places. What is stored beyond a row, the next takes the
  // place of.
  static void spreadLine(const float* line, int64_t cols, float* to, int64_t place) {
    for (int64_t col = 0; col < cols; col += width) {
      for (int j = 0; j < kReach; j += 2) {
        const float* from = line + 2 * col + j;
        const S::Vector low = S::load(from), high = S::load(from + width);
        S::store(to + j * place + col, simd::even(low, high, kLanes));
        S::store(to + (j + 1) * place + col, simd::odd(low, high, kLanes));
      }
    }
  }

  const Axis &y_, &x_;
  const int64_t rows_, cols_, place_;
  float *lines_ = nullptr, *places_ = nullptr;
};

}  // namespace flambeau
