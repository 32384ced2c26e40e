// Images in other modes, with PIL's integers: greys, colours, inks, and numbers of 16 and 32 bits.
#include <limits>

#include "kernels/image/bytes.h"
#include "kernels/image/dither.h"
#include "kernels/kernel.h"
#include "runtime/refuse.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// In the order of image.ts. A bit is a byte of 0 or 255; a place in a palette is converted by those who know it.
enum Mode { kBit, kGrey, kGreyAlpha, kRgb, kRgba, kInks, kHsv, kShort, kInt, kFloat, kModes };

// 1000 times how bright a colour is, and how bright from 0 to 255.
int brightness(const uint8_t* a) { return a[0] * 299 + a[1] * 587 + a[2] * 114; }
uint8_t luma(const uint8_t* a) { return static_cast<uint8_t>((a[0] * 19595 + a[1] * 38470 + a[2] * 7471 + 0x8000) >> 16); }

// Without a fraction, and within bounds; what is no number is 0.
template <class T, class V>
T bounded(V value, T least, T most) {
  if (!(value > static_cast<V>(least))) return value <= static_cast<V>(least) ? least : T{0};
  return value >= static_cast<V>(most) ? most : static_cast<T>(value);
}
uint8_t toByte(double value) { return bounded<uint8_t>(value, 0, 255); }

// ---- one pixel ----

template <class From, class To>
void copyOne(const From* a, To* b) {
  *b = static_cast<To>(*a);
}

// A grey in so many colours, and an opacity behind them, which is that of the pixel or full.
template <int from, int to>
void spread(const uint8_t* a, uint8_t* b) {
  constexpr int colours = to == 2 ? 1 : 3;
  for (int c = 0; c < colours; ++c) b[c] = a[0];
  if (to != 3) b[to - 1] = from == 2 ? a[from - 1] : 255;
}
void greyToInks(const uint8_t* a, uint8_t* b) {
  b[0] = b[1] = b[2] = 0;
  b[3] = static_cast<uint8_t>(255 - a[0]);
}
void greyToHsv(const uint8_t* a, uint8_t* b) {
  b[0] = b[1] = 0;
  b[2] = a[0];
}
void greyToBit(const uint8_t* a, uint8_t* b) { *b = a[0] >= 128 ? 255 : 0; }

void coloursToBit(const uint8_t* a, uint8_t* b) { *b = brightness(a) >= 128000 ? 255 : 0; }
template <class To>
void coloursToGrey(const uint8_t* a, To* b) {
  *b = luma(a);
}
template <int from>
void coloursToGreyAlpha(const uint8_t* a, uint8_t* b) {
  b[0] = luma(a);
  b[1] = from == 4 ? a[from - 1] : 255;
}
void coloursToFloat(const uint8_t* a, float* b) { *b = static_cast<float>(brightness(a)) / 1000.0f; }
void coloursToColours(const uint8_t* a, uint8_t* b) {
  for (int c = 0; c < 3; ++c) b[c] = a[c];
}
void coloursToRgba(const uint8_t* a, uint8_t* b) {
  coloursToColours(a, b);
  b[3] = 255;
}
void coloursToInks(const uint8_t* a, uint8_t* b) {
  for (int c = 0; c < 3; ++c) b[c] = static_cast<uint8_t>(255 - a[c]);
  b[3] = 0;
}
void coloursToHsv(const uint8_t* a, uint8_t* b) {
  const int red = a[0], green = a[1], blue = a[2];
  const int most = std::max({red, green, blue}), least = std::min({red, green, blue});
  b[2] = static_cast<uint8_t>(most);
  b[0] = b[1] = 0;
  if (most == least) return;
  const auto range = static_cast<float>(most - least);
  const float rc = static_cast<float>(most - red) / range, gc = static_cast<float>(most - green) / range;
  const float bc = static_cast<float>(most - blue) / range;
  const float sector = red == most     ? bc - gc
                       : green == most ? static_cast<float>(2.0 + rc - bc)
                                       : static_cast<float>(4.0 + gc - rc);
  const auto hue = static_cast<float>(std::fmod(sector / 6.0 + 1.0, 1.0));
  b[0] = toByte(hue * 255.0);
  b[1] = toByte(range / static_cast<float>(most) * 255.0);
}

void inksToColours(const uint8_t* a, uint8_t* b) {
  const int light = 255 - a[3];
  for (int c = 0; c < 3; ++c) {
    const int product = a[c] * light + 128;
    b[c] = static_cast<uint8_t>(std::max(light - (((product >> 8) + product) >> 8), 0));
  }
}
void hsvToColours(const uint8_t* a, uint8_t* b) {
  const double place = a[0] * 6 / 255.0, value = a[2];
  const double sector = std::floor(place), rest = static_cast<float>(place - sector), s = static_cast<float>(a[1] / 255.0);
  const auto round = [](double x) { return toByte(std::floor(x + 0.5)); };
  const uint8_t v = a[2], p = round(value * (1 - s)), q = round(value * (1 - s * rest)), t = round(value * (1 - s * (1 - rest)));
  const uint8_t colours[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  coloursToColours(colours[static_cast<int>(sector) % 6], b);
}

void intToGrey(const int32_t* a, uint8_t* b) { *b = bounded<uint8_t>(*a, 0, 255); }
void intToColours(const int32_t* a, uint8_t* b) { b[0] = b[1] = b[2] = bounded<uint8_t>(*a, 0, 255); }
void intToShort(const int32_t* a, uint16_t* b) { *b = bounded<uint16_t>(*a, 0, 65535); }
void floatToGrey(const float* a, uint8_t* b) { *b = toByte(*a); }
void floatToInt(const float* a, int32_t* b) {
  *b = bounded<int32_t>(static_cast<double>(*a), std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
}
void shortToGrey(const uint16_t* a, uint8_t* b) { *b = static_cast<uint8_t>(std::min<int>(*a, 255)); }

// ---- all pixels ----

using Rule = void (*)(const void* in, void* out, int64_t count);

template <class From, int bands, class To, int outBands, void (*change)(const From*, To*)>
void each(const void* in, void* out, int64_t count) {
  const auto* from = static_cast<const From*>(in);
  auto* to = static_cast<To*>(out);
  parallelFor(count, kImageGrain / 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) change(from + bands * i, to + outBands * i);
  });
}

template <int from>
Rule fromColours(Mode to) {
  switch (to) {
    case kBit: return each<uint8_t, from, uint8_t, 1, coloursToBit>;
    case kGrey: return each<uint8_t, from, uint8_t, 1, coloursToGrey<uint8_t>>;
    case kGreyAlpha: return each<uint8_t, from, uint8_t, 2, coloursToGreyAlpha<from>>;
    case kRgb: return each<uint8_t, from, uint8_t, 3, coloursToColours>;
    case kRgba: return from == 3 ? each<uint8_t, from, uint8_t, 4, coloursToRgba> : nullptr;
    case kInks: return each<uint8_t, from, uint8_t, 4, coloursToInks>;
    case kHsv: return each<uint8_t, from, uint8_t, 3, coloursToHsv>;
    case kInt: return each<uint8_t, from, int32_t, 1, coloursToGrey<int32_t>>;
    case kFloat: return each<uint8_t, from, float, 1, coloursToFloat>;
    default: return nullptr;
  }
}

Rule fromGrey(Mode from, Mode to) {
  switch (to) {
    case kBit: return each<uint8_t, 1, uint8_t, 1, greyToBit>;
    case kGrey: return each<uint8_t, 1, uint8_t, 1, copyOne<uint8_t, uint8_t>>;
    case kGreyAlpha: return each<uint8_t, 1, uint8_t, 2, spread<1, 2>>;
    case kRgb: return each<uint8_t, 1, uint8_t, 3, spread<1, 3>>;
    case kRgba: return each<uint8_t, 1, uint8_t, 4, spread<1, 4>>;
    case kInks: return each<uint8_t, 1, uint8_t, 4, greyToInks>;
    case kHsv: return each<uint8_t, 1, uint8_t, 3, greyToHsv>;
    case kShort: return from == kGrey ? each<uint8_t, 1, uint16_t, 1, copyOne<uint8_t, uint16_t>> : nullptr;
    case kInt: return each<uint8_t, 1, int32_t, 1, copyOne<uint8_t, int32_t>>;
    case kFloat: return each<uint8_t, 1, float, 1, copyOne<uint8_t, float>>;
    default: return nullptr;
  }
}

Rule fromGreyAlpha(Mode to) {
  switch (to) {
    case kGrey: return each<uint8_t, 2, uint8_t, 1, copyOne<uint8_t, uint8_t>>;
    case kRgb: return each<uint8_t, 2, uint8_t, 3, spread<2, 3>>;
    case kRgba: return each<uint8_t, 2, uint8_t, 4, spread<2, 4>>;
    default: return nullptr;
  }
}

Rule fromInt(Mode to) {
  switch (to) {
    case kGrey: return each<int32_t, 1, uint8_t, 1, intToGrey>;
    case kRgb: return each<int32_t, 1, uint8_t, 3, intToColours>;
    case kShort: return each<int32_t, 1, uint16_t, 1, intToShort>;
    case kFloat: return each<int32_t, 1, float, 1, copyOne<int32_t, float>>;
    default: return nullptr;
  }
}

Rule fromShort(Mode to) {
  switch (to) {
    case kGrey: return each<uint16_t, 1, uint8_t, 1, shortToGrey>;
    case kInt: return each<uint16_t, 1, int32_t, 1, copyOne<uint16_t, int32_t>>;
    case kFloat: return each<uint16_t, 1, float, 1, copyOne<uint16_t, float>>;
    default: return nullptr;
  }
}

Rule fromFloat(Mode to) {
  if (to == kGrey) return each<float, 1, uint8_t, 1, floatToGrey>;
  return to == kInt ? each<float, 1, int32_t, 1, floatToInt> : nullptr;
}

// How a mode becomes another one, if that is known.
Rule ruleFor(Mode from, Mode to) {
  switch (from) {
    case kBit:
    case kGrey: return fromGrey(from, to);
    case kGreyAlpha: return fromGreyAlpha(to);
    case kRgb: return fromColours<3>(to);
    case kRgba: return fromColours<4>(to);
    case kInks: return to == kRgb ? each<uint8_t, 4, uint8_t, 3, inksToColours> : nullptr;
    case kHsv: return to == kRgb ? each<uint8_t, 3, uint8_t, 3, hsvToColours> : nullptr;
    case kShort: return fromShort(to);
    case kInt: return fromInt(to);
    case kFloat: return fromFloat(to);
    default: return nullptr;
  }
}

// Black and white, as bright as a whole.
void dither(const uint8_t* in, int bands, uint8_t* out, int64_t width, int64_t count) {
  Errors<1> errors(width);
  for (int64_t row = 0; row < count; row += width) {
    errors.startRow();
    for (int64_t x = 0; x < width; ++x, in += bands) {
      const int value = errors.corrected(0, x, bands == 1 ? in[0] : brightness(in) / 1000);
      const int chosen = value > 128 ? 255 : 0;
      out[row + x] = static_cast<uint8_t>(chosen);
      errors.spread(0, x, value - chosen);
    }
    errors.endRow(width);
  }
}

struct Conversion {
  bool dithers;
  int64_t width, count;

  // Whether there was a way.
  bool run(Mode from, Mode to, const void* in, void* out) const {
    if (to == kBit && dithers && (from == kGrey || from == kRgb || from == kRgba)) {
      const int bands = from == kGrey ? 1 : from == kRgb ? 3 : 4;
      dither(static_cast<const uint8_t*>(in), bands, static_cast<uint8_t*>(out), width, count);
      return true;
    }
    if (const Rule rule = ruleFor(from, to)) {
      rule(in, out, count);
      return true;
    }
    // By way of greys, or of colours, as PIL does.
    const bool isColoured = from == kRgba || from == kInks || from == kHsv;
    const Mode base = isColoured ? kRgb : kGrey;
    if (from == kGrey || from == kRgb || base == to) return false;
    Scratch<uint8_t> between((isColoured ? 3 : 1) * count);
    return run(from, base, in, between.get()) && run(base, to, between.get(), out);
  }
};

Mode modeOf(int64_t number) {
  if (number < 0 || number >= kModes) refuse("there is no such mode");
  return static_cast<Mode>(number);
}

}  // namespace

// out = an image in another mode: (modes of both, whether black and white are dithered, width, pixels, the image, out). The
// result is whether that is known.
FLAMBEAU_KERNEL(convertModes) {
  const Mode from = modeOf(params.integer()), to = modeOf(params.integer());
  Conversion conversion{params.flag(), params.integer(), params.integer()};
  const auto* in = params.pointer<const char>();
  auto* out = params.pointer<char>();
  const bool isEmpty = conversion.count <= 0 || conversion.width <= 0;
  params.result(0, isEmpty || conversion.run(from, to, in, out) ? 1 : 0);
}

}  // namespace flambeau
