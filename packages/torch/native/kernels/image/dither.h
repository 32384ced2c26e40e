// What a pixel is too bright or too dark is given to its neighbours, after Floyd and Steinberg, with PIL's integers.
#pragma once
#include <algorithm>
#include <cstdint>

#include "runtime/scratch.h"

namespace flambeau {

// What goes on of each band: to the next pixel, and to the row below.
template <int bands>
class Errors {
 public:
  explicit Errors(int64_t width) : below_(bands * (width + 1)) { std::fill_n(below_.get(), bands * (width + 1), 0); }

  void startRow() {
    for (int band = 0; band < bands; ++band) next_[band] = under_[band] = last_[band] = 0;
  }
  int corrected(int band, int64_t x, int value) const {
    return std::clamp(value + (next_[band] + below_.get()[bands * (x + 1) + band]) / 16, 0, 255);
  }
  void spread(int band, int64_t x, int rest) {
    below_.get()[bands * x + band] = 3 * rest + under_[band];
    under_[band] = 5 * rest + last_[band];
    last_[band] = rest;
    next_[band] = 7 * rest;
  }
  // At the end of a row PIL keeps what is left of the last band, for all of them.
  void endRow(int64_t width) {
    for (int band = 0; band < bands; ++band) below_.get()[bands * width + band] = band == 0 ? under_[bands - 1] : last_[bands - 1];
  }

 private:
  Scratch<int> below_;
  int next_[bands], under_[bands], last_[bands];
};

}  // namespace flambeau
