// Colours as the means of cubes in which the upper bits are the same: two levels of an octree.
#include <algorithm>
#include <numeric>

#include "kernels/image/bytes.h"
#include "kernels/image/quantize.h"
#include "runtime/threads.h"

namespace flambeau::quantize {
namespace {

// How many upper bits of each band tell cubes apart.
using Bits = int[4];
constexpr Bits kSmall = {4, 4, 4, 0}, kLarge = {2, 2, 2, 0};
constexpr Bits kSmallWithOpacity = {3, 4, 3, 3}, kLargeWithOpacity = {2, 2, 2, 2};

struct Cube {
  uint32_t count = 0;
  uint64_t sums[4] = {};

  void add(const Cube& other) {
    count += other.count;
    for (int band = 0; band < 4; ++band) sums[band] += other.sums[band];
  }
  void subtract(const Cube& other) {
    count -= other.count;
    for (int band = 0; band < 4; ++band) sums[band] -= other.sums[band];
  }
  // The mean, in single precision and cut off; no colour where there are no pixels.
  Colour mean() const {
    if (count == 0) return {0, 0, 0, 0};
    const auto of = [&](int band) { return truncated(static_cast<float>(sums[band]) / static_cast<float>(count)); };
    return {of(0), of(1), of(2), of(3)};
  }
};

// The pixels of an image. Those that cannot be seen all have the colour of the first one of them.
class Pixels {
 public:
  Pixels(const uint8_t* bytes, int64_t size, int bands) : bytes_(bytes), size_(size), bands_(bands) {
    int64_t i = 0;
    while (i < size && read(i).opacity != 0) ++i;
    if (i < size) hidden_ = read(i);
  }

  int64_t size() const { return size_; }
  Colour at(int64_t i) const {
    const Colour colour = read(i);
    return colour.opacity == 0 ? hidden_ : colour;
  }

 private:
  Colour read(int64_t i) const {
    const uint8_t* pixel = bytes_ + bands_ * i;
    return {pixel[0], pixel[1], pixel[2], bands_ == 4 ? pixel[3] : uint8_t{255}};
  }

  const uint8_t* bytes_;
  int64_t size_;
  int bands_;
  Colour hidden_;
};

int placeOf(const Bits& bits, const Colour& colour) {
  int place = 0;
  const uint8_t bands[4] = {colour.red, colour.green, colour.blue, colour.opacity};
  for (int band = 0; band < 4; ++band) place = place << bits[band] | bands[band] >> (8 - bits[band]);
  return place;
}

int cubesOf(const Bits& bits) { return 1 << std::accumulate(bits, bits + 4, 0); }

// The large cube in which a small one lies.
int enclosing(const Bits& small, const Bits& large, int place) {
  int result = 0, shift = 0;
  for (int band = 3; band >= 0; --band) {
    const int upper = (place & ((1 << small[band]) - 1)) >> (small[band] - large[band]);
    result |= upper << shift;
    shift += large[band];
    place >>= small[band];
  }
  return result;
}

// The cubes, those with the most pixels first.
std::vector<Cube> sorted(std::vector<Cube> cubes) {
  std::stable_sort(cubes.begin(), cubes.end(),
                   [](const Cube& a, const Cube& b) { return static_cast<int32_t>(a.count) > static_cast<int32_t>(b.count); });
  return cubes;
}

int usedIn(const std::vector<Cube>& cubes) {
  return static_cast<int>(std::count_if(cubes.begin(), cubes.end(), [](const Cube& cube) { return cube.count > 0; }));
}

std::vector<Cube> count(const Pixels& pixels, const Bits& bits) {
  std::vector<Cube> cubes(cubesOf(bits));
  for (int64_t i = 0; i < pixels.size(); ++i) {
    const Colour colour = pixels.at(i);
    cubes[placeOf(bits, colour)].add({1, {colour.red, colour.green, colour.blue, colour.opacity}});
  }
  return cubes;
}

// The palette: large cubes without what is in the small ones that are chosen, then these.
struct Cubes {
  std::vector<Cube> chosen;
  int large;
};

Cubes choose(const std::vector<Cube>& small, std::vector<Cube> large, const Bits& largeBits, int colours) {
  const std::vector<Cube> most = sorted(small);
  int taken = 0, wanted = std::min(usedIn(large), colours);
  // Large cubes that become empty make room for more small ones.
  while (true) {
    for (; taken < colours - wanted; ++taken) {
      if (most[taken].count > 0) large[placeOf(largeBits, most[taken].mean())].subtract(most[taken]);
    }
    const int used = usedIn(large);
    if (used >= wanted) break;
    wanted = used;
  }
  Cubes result{sorted(std::move(large)), wanted};
  result.chosen.resize(wanted);
  result.chosen.insert(result.chosen.end(), most.begin(), most.begin() + taken);
  return result;
}

}  // namespace

std::vector<Colour> chooseCubes(const uint8_t* bytes, int64_t size, int bands, int colours, uint8_t* places) {
  const Pixels pixels(bytes, size, bands);
  const Bits& smallBits = bands == 4 ? kSmallWithOpacity : kSmall;
  const Bits& largeBits = bands == 4 ? kLargeWithOpacity : kLarge;
  const std::vector<Cube> small = count(pixels, smallBits);
  std::vector<Cube> large(cubesOf(largeBits));
  for (int i = 0; i < cubesOf(smallBits); ++i) large[enclosing(smallBits, largeBits, i)].add(small[i]);
  const Cubes cubes = choose(small, std::move(large), largeBits, colours);

  std::vector<Colour> palette;
  for (const Cube& cube : cubes.chosen) palette.push_back(cube.mean());
  // Where two have one mean, the first one is taken.
  std::vector<uint8_t> ofLarge(cubesOf(largeBits), 0), ofSmall(cubesOf(smallBits));
  for (int i = cubes.large - 1; i >= 0; --i) ofLarge[placeOf(largeBits, palette[i])] = static_cast<uint8_t>(i);
  for (int i = 0; i < cubesOf(smallBits); ++i) ofSmall[i] = ofLarge[enclosing(smallBits, largeBits, i)];
  for (int i = colours - 1; i >= cubes.large; --i) ofSmall[placeOf(smallBits, palette[i])] = static_cast<uint8_t>(i);
  parallelFor(size, kImageGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) places[i] = ofSmall[placeOf(smallBits, pixels.at(i))];
  });
  if (bands == 3) {
    for (Colour& colour : palette) colour.opacity = 255;
  }
  return palette;
}

}  // namespace flambeau::quantize
