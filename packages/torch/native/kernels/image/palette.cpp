// The nearest colours of a palette, as PIL finds them: lower bits of what is looked for are left out, and what a pixel is
// too bright or too dark may be given to its neighbours.
#include <cstdint>
#include <vector>

#include "kernels/image/dither.h"
#include "kernels/image/quantize.h"
#include "kernels/kernel.h"
#include "runtime/refuse.h"

namespace flambeau {
namespace {

using quantize::Colour;

// Places of the nearest colours; those that were looked for once are known.
class NearestColours {
 public:
  NearestColours(const uint8_t* palette, int64_t size) : known_(int64_t{1} << 3 * kBits, kUnknown) {
    for (int64_t i = 0; i < size; ++i, palette += 4) colours_.push_back({palette[0], palette[1], palette[2]});
  }

  const Colour& colour(int place) const { return colours_[place]; }

  int find(int red, int green, int blue) {
    int16_t& place = known_[(red >> kLower) << 2 * kBits | (green >> kLower) << kBits | blue >> kLower];
    if (place == kUnknown) place = static_cast<int16_t>(search({upper(red), upper(green), upper(blue)}));
    return place;
  }

 private:
  static constexpr int kBits = 6, kLower = 8 - kBits;
  static constexpr int16_t kUnknown = -1;

  static uint8_t upper(int value) { return static_cast<uint8_t>(value >> kLower << kLower); }

  size_t search(const Colour& wanted) const {
    size_t best = 0;
    for (size_t i = 1; i < colours_.size(); ++i) {
      if (quantize::distance(colours_[i], wanted) < quantize::distance(colours_[best], wanted)) best = i;
    }
    return best;
  }

  std::vector<Colour> colours_;
  std::vector<int16_t> known_;
};

void placeDithered(const uint8_t* pixels, int64_t height, int64_t width, NearestColours& nearest, uint8_t* out) {
  Errors<3> errors(width);
  for (int64_t y = 0; y < height; ++y) {
    errors.startRow();
    for (int64_t x = 0; x < width; ++x, pixels += 3) {
      int wanted[3];
      for (int band = 0; band < 3; ++band) wanted[band] = errors.corrected(band, x, pixels[band]);
      const int place = nearest.find(wanted[0], wanted[1], wanted[2]);
      for (int band = 0; band < 3; ++band) errors.spread(band, x, wanted[band] - nearest.colour(place)[band]);
      *out++ = static_cast<uint8_t>(place);
    }
    errors.endRow(width);
  }
}

}  // namespace

// out[i] = the place of the colour that is nearest to a pixel: (whether the error is given on, height, width, red, green
// and blue of the pixels, colours, their four bytes, out)
FLAMBEAU_KERNEL(nearestColours) {
  const bool dithers = params.flag();
  const int64_t height = params.integer(), width = params.integer();
  const auto* pixels = params.pointer<const uint8_t>();
  const int64_t colours = params.integer();
  const auto* palette = params.pointer<const uint8_t>();
  auto* out = params.pointer<uint8_t>();
  if (colours < 1 || colours > quantize::kMostColours) refuse("no palette has so many colours");
  NearestColours nearest(palette, colours);
  if (dithers) return placeDithered(pixels, height, width, nearest, out);
  for (int64_t i = 0; i < height * width; ++i, pixels += 3) out[i] = static_cast<uint8_t>(nearest.find(pixels[0], pixels[1], pixels[2]));
}

}  // namespace flambeau
