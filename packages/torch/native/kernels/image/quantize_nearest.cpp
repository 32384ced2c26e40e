// The nearest colours of a palette, and palettes that are made of those that are nearest.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "kernels/image/quantize.h"
#include "runtime/threads.h"

namespace flambeau::quantize {
namespace {

// Colours that are worth waking another thread for.
constexpr int64_t kColourGrain = 512;
// Rounds after which means are good enough, whatever still changes: rounded ones may change for ever.
constexpr int kMostRounds = 1000;

// How many places the table has in which PIL keeps so many colours, and where one stands in it.
uint32_t tableLength(int count) {
  uint32_t length = 11;
  while (static_cast<uint32_t>(count) > 3 * length) {
    length = 2 * length + 1;
    // The next number that ends, in its last four bits, as a prime may.
    while (((0x2a8a >> (length & 15)) & 1) == 0) ++length;
  }
  return length;
}

uint32_t hashOf(const Colour& colour) {
  return uint32_t{colour.red} * 463 ^ (uint32_t{colour.green} << 8) * 10069 ^ (uint32_t{colour.blue} << 16) * 64997;
}

// The colours in the order of this table.
std::vector<int> inTable(const Histogram& histogram) {
  std::vector<int> order(histogram.size());
  std::iota(order.begin(), order.end(), 0);
  const uint32_t length = tableLength(histogram.size());
  const auto keyOf = [&](int i) {
    const Colour& colour = histogram.colour(i);
    return uint64_t{hashOf(colour) % length} << 24 | uint32_t{colour.red} << 16 | uint32_t{colour.green} << 8 | colour.blue;
  };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return keyOf(a) < keyOf(b); });
  return order;
}

Colour meanOf(const Histogram& histogram) {
  int64_t sums[3] = {}, count = 0;
  for (int i = 0; i < histogram.size(); ++i) {
    for (int band = 0; band < 3; ++band) sums[band] += histogram.count(i) * histogram.colour(i)[band];
    count += histogram.count(i);
  }
  return meanColour(sums, count);
}

}  // namespace

Neighbours::Neighbours(const std::vector<Colour>& palette) : size_(static_cast<int>(palette.size())), order_(size_ * size_) {
  measure(palette);
  for (int i = 0; i < size_; ++i) {
    int* const row = order_.data() + i * size_;
    std::iota(row, row + size_, 0);
    std::stable_sort(row, row + size_, [&](int a, int b) { return apart(i, a) < apart(i, b); });
  }
}

void Neighbours::measure(const std::vector<Colour>& palette) {
  apart_.resize(size_ * size_);
  for (int i = 0; i < size_; ++i) {
    for (int j = 0; j < size_; ++j) apart_[i * size_ + j] = distance(palette[i], palette[j]);
  }
}

void Neighbours::update(const std::vector<Colour>& palette) {
  measure(palette);
  for (int i = 0; i < size_; ++i) {
    int* const row = order_.data() + i * size_;
    for (int j = 1; j < size_; ++j) {
      int k = j;
      while (k > 0 && apart(i, row[k - 1]) > apart(i, row[k])) --k;
      std::rotate(row + k, row + j, row + j + 1);
    }
  }
}

int Neighbours::nearest(const std::vector<Colour>& palette, const Colour& colour, int first) const {
  const uint32_t near = distance(palette[first], colour);
  const int* const row = order_.data() + first * size_;
  int best = first;
  uint32_t least = near;
  // What is more than twice as far from the first one cannot be nearer.
  for (int i = 0; i < size_ && apart(first, row[i]) <= 4 * near; ++i) {
    const uint32_t found = distance(palette[row[i]], colour);
    if (found >= least) continue;
    least = found;
    best = row[i];
  }
  return best;
}

void takeMeans(const Histogram& histogram, Choice& choice) {
  struct Sum {
    int64_t bands[3] = {}, count = 0;
  };
  std::vector<Sum> sums(choice.palette.size());
  for (int i = 0; i < histogram.size(); ++i) {
    Sum& sum = sums[choice.places[i]];
    for (int band = 0; band < 3; ++band) sum.bands[band] += histogram.count(i) * histogram.colour(i)[band];
    sum.count += histogram.count(i);
  }
  for (size_t i = 0; i < sums.size(); ++i) choice.palette[i] = meanColour(sums[i].bands, sums[i].count);
}

int64_t takeNearest(const Histogram& histogram, Choice& choice, const Neighbours& neighbours) {
  const std::vector<int> before = choice.places;
  parallelFor(histogram.size(), kColourGrain, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<int>(begin); i < end; ++i) {
      choice.places[i] = neighbours.nearest(choice.palette, histogram.colour(i), choice.places[i]);
    }
  });
  int64_t changed = 0;
  for (int i = 0; i < histogram.size(); ++i) {
    if (choice.places[i] != before[i]) changed += histogram.count(i);
  }
  return changed;
}

void refine(const Histogram& histogram, Choice& choice, int64_t threshold) {
  takeMeans(histogram, choice);
  Neighbours neighbours(choice.palette);
  for (int round = 1; takeNearest(histogram, choice, neighbours) > threshold && round < kMostRounds; ++round) {
    takeMeans(histogram, choice);
    neighbours.update(choice.palette);
  }
}

Choice coverColours(const Histogram& histogram, int colours) {
  const std::vector<int> order = inTable(histogram);
  std::vector<uint32_t> apart(histogram.size(), UINT32_MAX);
  Choice choice{{}, std::vector<int>(histogram.size(), 0)};
  Colour last = meanOf(histogram);
  for (int i = 0; i < colours; ++i) {
    // The mean is no colour of the palette: the second one is the farthest from the first one alone.
    if (i == 1) std::fill(apart.begin(), apart.end(), UINT32_MAX);
    int farthest = 0;
    uint32_t most = 0;
    for (const int at : order) {
      apart[at] = std::min(apart[at], distance(last, histogram.colour(at)));
      if (apart[at] <= most) continue;
      most = apart[at];
      farthest = at;
    }
    last = histogram.colour(farthest);
    choice.palette.push_back(last);
  }
  takeNearest(histogram, choice, Neighbours(choice.palette));
  return choice;
}

}  // namespace flambeau::quantize
