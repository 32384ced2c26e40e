// Images in few colours, as PIL chooses them: which bytes come out depends on the order in which it looks at colours of
// equal standing, so that is kept.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flambeau::quantize {

constexpr int kMostColours = 256;

struct Colour {
  uint8_t red = 0, green = 0, blue = 0, opacity = 255;

  uint8_t operator[](int band) const { return band == 0 ? red : band == 1 ? green : blue; }
};

inline uint32_t distance(const Colour& a, const Colour& b) {
  const int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
  return static_cast<uint32_t>(red * red + green * green + blue * blue);
}

// The mean of colours of which the sums are given, rounded; black for none.
inline Colour meanColour(const int64_t* sums, int64_t count) {
  if (count == 0) return {0, 0, 0};
  const auto mean = [&](int band) { return static_cast<uint8_t>(0.5 + static_cast<double>(sums[band]) / static_cast<double>(count)); };
  return {mean(0), mean(1), mean(2)};
}

// Colours without opacity in the order in which they come up, and how often each does.
class Histogram {
 public:
  Histogram() : slots_(1024, kNone) {}
  Histogram(const uint8_t* pixels, int64_t count) : Histogram() {
    for (int64_t i = 0; i < count; ++i, pixels += 3) add({pixels[0], pixels[1], pixels[2]}, 1);
  }

  // Counts a colour, and returns its number.
  int add(const Colour& colour, int64_t times) {
    size_t slot = slotOf(colour);
    if (slots_[slot] == kNone) {
      if (2 * colours_.size() >= slots_.size()) {
        grow();
        slot = slotOf(colour);
      }
      slots_[slot] = size();
      colours_.push_back(colour);
      counts_.push_back(0);
    }
    counts_[slots_[slot]] += times;
    return slots_[slot];
  }

  // The number of a colour; -1 if it is not there.
  int find(const Colour& colour) const { return slots_[slotOf(colour)]; }

  int size() const { return static_cast<int>(colours_.size()); }
  const Colour& colour(int i) const { return colours_[i]; }
  int64_t count(int i) const { return counts_[i]; }

 private:
  static constexpr int kNone = -1;

  static uint32_t keyOf(const Colour& colour) { return uint32_t{colour.red} << 16 | uint32_t{colour.green} << 8 | colour.blue; }

  // Where a colour stands, or may be put.
  size_t slotOf(const Colour& colour) const {
    const uint32_t key = keyOf(colour);
    size_t slot = (key * 2654435769u >> 8) & (slots_.size() - 1);
    while (slots_[slot] != kNone && keyOf(colours_[slots_[slot]]) != key) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }

  void grow() {
    slots_.assign(4 * slots_.size(), kNone);
    for (int i = 0; i < size(); ++i) slots_[slotOf(colours_[i])] = i;
  }

  std::vector<int> slots_;
  std::vector<Colour> colours_;
  std::vector<int64_t> counts_;
};

// Colours, and which of them stands for each of a histogram.
struct Choice {
  std::vector<Colour> palette;
  std::vector<int> places;
};

// The colours of a palette by how far they are from each other, with which the nearest one is soon found.
class Neighbours {
 public:
  explicit Neighbours(const std::vector<Colour>& palette);

  // Takes note that the colours have changed. As in PIL the order follows only so far as each colour passes those before it
  // that were in falling order, so that some are not looked at.
  void update(const std::vector<Colour>& palette);

  // The nearest one to a colour; of equals the given first one, or those that are next to it.
  int nearest(const std::vector<Colour>& palette, const Colour& colour, int first) const;

 private:
  uint32_t apart(int a, int b) const { return apart_[a * size_ + b]; }
  void measure(const std::vector<Colour>& palette);

  int size_;
  std::vector<int> order_;
  std::vector<uint32_t> apart_;
};

// Makes each colour of a palette the mean of those for which it stands.
void takeMeans(const Histogram& histogram, Choice& choice);

// Puts the nearest colours in the places of those that were taken, and returns for how many pixels that is another one.
int64_t takeNearest(const Histogram& histogram, Choice& choice, const Neighbours& neighbours);

// At most so many colours: the means of boxes, which are cut in two at the median of their longest side, those with the
// most pixels first.
Choice cutBoxes(const Histogram& histogram, int colours);

// So many colours, each the farthest from those before it, the first one from the mean.
Choice coverColours(const Histogram& histogram, int colours);

// Makes each colour the mean of those for which it stands, and takes the nearest ones again, until no more than so many
// pixels change.
void refine(const Histogram& histogram, Choice& choice, int64_t threshold);

// What quantizes pixels of three or four bands by cubes of colours with the same upper bits: the small cubes that hold the
// most pixels, and the large ones for all others. Writes a place for each pixel.
std::vector<Colour> chooseCubes(const uint8_t* pixels, int64_t count, int bands, int colours, uint8_t* places);

}  // namespace flambeau::quantize
