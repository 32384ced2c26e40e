// Colours of pixels of red, green and blue: their grey, how far they are from it, and where they are on the circle of
// hues. As PIL computes them in bytes, or as torchvision does in floats.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// In the order of src/backend/cpu/image.ts.
enum class Change { Grey, Saturation, Hue };

// Pixels that are changed together, each colour by itself.
constexpr int64_t kPixels = 256;

template <class T>
struct Tile {
  T r[kPixels], g[kPixels], b[kPixels];
};

// The hue, from 0 to 1, of a pixel that is not grey.
template <class T, class Sum>
inline T hueOf(T r, T g, T b, T most, T range) {
  const T rc = (most - r) / range, gc = (most - g) / range, bc = (most - b) / range;
  const Sum h = most == r ? Sum(T(bc - gc)) : most == g ? Sum(2) + rc - bc : Sum(4) + gc - rc;
  const Sum turn = Sum(T(h)) / Sum(6) + Sum(1);
  return static_cast<T>(turn >= 1 ? turn - 1 : turn);
}

// The colour of a sixth of the circle: v, its least part p, and the two that change within the sixth.
template <class T>
inline void fromSixth(int sixth, T v, T p, T q, T t, T& r, T& g, T& b) {
  r = sixth == 0 || sixth == 5 ? v : sixth == 1 ? q : sixth == 4 ? t : p;
  g = sixth == 1 || sixth == 2 ? v : sixth == 0 ? t : sixth == 3 ? q : p;
  b = sixth == 3 || sixth == 4 ? v : sixth == 2 ? t : sixth == 5 ? q : p;
}

// PIL's way: everything is a byte in between.
struct Bytes {
  using T = float;
  static float load(uint8_t byte) { return byte; }
  static uint8_t store(float value) { return static_cast<uint8_t>(value); }

  static float grey(float r, float g, float b) {
    return static_cast<float>((static_cast<int>(r) * 19595 + static_cast<int>(g) * 38470 + static_cast<int>(b) * 7471 + 0x8000) >> 16);
  }
  static float blend(float grey, float value, float factor) {
    return std::trunc(std::min(std::max(grey + factor * (value - grey), 0.0f), 255.0f));
  }
  static void turnHue(float& r, float& g, float& b, double by) {
    const float most = std::max(r, std::max(g, b)), range = most - std::min(r, std::min(g, b));
    const float divisor = range == 0 ? 1.0f : range;
    const int h0 = range == 0 ? 0 : static_cast<int>(hueOf<float, double>(r, g, b, most, divisor) * 255.0);
    const int s = static_cast<int>(range / (most == 0 ? 1.0f : most) * 255.0);
    const int h = (h0 + static_cast<int>(by)) & 255;
    const int sixth = h * 6 / 255;
    const float f = static_cast<float>(h * 6.0 / 255.0 - sixth), fs = static_cast<float>(s) / 255.0f;
    const auto whole = [](double value) { return static_cast<float>(std::floor(value + 0.5)); };
    const float p = whole(most * (1.0 - fs)), q = whole(most * (1.0 - fs * f)), t = whole(most * (1.0 - fs * (1.0 - f)));
    fromSixth(sixth % 6, most, p, q, t, r, g, b);
  }
};

// torchvision's way, of images whose values go up to `bound`.
template <class E>
struct Floats {
  using T = std::conditional_t<std::is_same_v<E, double>, double, float>;
  static constexpr bool kIsByte = std::is_same_v<E, uint8_t>;
  static constexpr T kBound = kIsByte ? 255 : 1;
  static T load(E value) { return static_cast<T>(value); }
  static E store(T value) {
    if constexpr (kIsByte) return static_cast<uint8_t>(static_cast<int>(value));
    else return value;
  }

  static T grey(T r, T g, T b) {
    const T sum = T(0.2989) * r + T(0.587) * g + T(0.114) * b;
    return kIsByte ? std::trunc(sum) : sum;
  }
  static T blend(T grey, T value, double factor) {
    return std::min(std::max(T(factor) * value + T(1.0 - factor) * grey, T(0)), kBound);
  }
  static void turnHue(T& r, T& g, T& b, double by) {
    if (kIsByte) r /= 255, g /= 255, b /= 255;
    const T v = std::max(r, std::max(g, b)), range = v - std::min(r, std::min(g, b));
    const bool isGrey = range == 0;
    const T s = range / (isGrey ? T(1) : v);
    T h = (isGrey ? T(0) : hueOf<T, T>(r, g, b, v, range)) + T(by);
    h -= std::floor(h);
    const T place = h * 6, start = std::floor(place), f = place - start;
    const auto bounded = [](T value) { return std::min(std::max(value, T(0)), T(1)); };
    const T p = bounded(v * (1 - s)), q = bounded(v * (1 - s * f)), t = bounded(v * (1 - s * (1 - f)));
    const int sixth = static_cast<int>(start) % 6;
    fromSixth(sixth, v, p, q, t, r, g, b);
    if (kIsByte) r *= 255, g *= 255, b *= 255;
  }
};

template <class Rule, class E>
void changePixels(Change change, const E* in, E* out, int64_t pixels, int64_t pixelStep, int64_t colourStep, double by) {
  using T = typename Rule::T;
  Tile<T> tile;
  for (int64_t begin = 0; begin < pixels; begin += kPixels) {
    const int count = static_cast<int>(std::min(kPixels, pixels - begin));
    const E* from = in + begin * pixelStep;
    for (int i = 0; i < count; ++i) {
      tile.r[i] = Rule::load(from[i * pixelStep]);
      tile.g[i] = Rule::load(from[i * pixelStep + colourStep]);
      tile.b[i] = Rule::load(from[i * pixelStep + 2 * colourStep]);
    }
    if (change == Change::Grey) {
      for (int i = 0; i < count; ++i) out[begin + i] = Rule::store(Rule::grey(tile.r[i], tile.g[i], tile.b[i]));
      continue;
    }
    if (change == Change::Saturation) {
      for (int i = 0; i < count; ++i) {
        const T grey = Rule::grey(tile.r[i], tile.g[i], tile.b[i]);
        tile.r[i] = Rule::blend(grey, tile.r[i], by);
        tile.g[i] = Rule::blend(grey, tile.g[i], by);
        tile.b[i] = Rule::blend(grey, tile.b[i], by);
      }
    } else {
      for (int i = 0; i < count; ++i) Rule::turnHue(tile.r[i], tile.g[i], tile.b[i], by);
    }
    E* to = out + begin * pixelStep;
    for (int i = 0; i < count; ++i) {
      to[i * pixelStep] = Rule::store(tile.r[i]);
      to[i * pixelStep + colourStep] = Rule::store(tile.g[i]);
      to[i * pixelStep + 2 * colourStep] = Rule::store(tile.b[i]);
    }
  }
}

template <class Rule, class E>
void changeImages(Params& params, bool isInterleaved) {
  const auto change = static_cast<Change>(params.integer());
  const double by = params.number();
  const int64_t images = params.integer(), pixels = params.integer();
  const E* in = params.pointer<E>();
  E* out = params.pointer<E>();
  const int64_t pixelStep = isInterleaved ? 3 : 1, colourStep = isInterleaved ? 1 : pixels;
  const int64_t outColours = change == Change::Grey ? 1 : 3;
  const int64_t pieces = std::max<int64_t>(1, pixels / 8192);
  parallelFor(images * pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = i / pieces, piece = i % pieces;
      const int64_t from = pixels * piece / pieces, to = pixels * (piece + 1) / pieces;
      const int64_t outStep = change == Change::Grey ? 1 : pixelStep;
      changePixels<Rule, E>(change, in + image * 3 * pixels + from * pixelStep, out + image * outColours * pixels + from * outStep,
                            to - from, pixelStep, colourStep, by);
    }
  });
}

}  // namespace

// (dtype, whether as PIL and with the colours side by side, change, by how much, images, pixels of each, input, output)
FLAMBEAU_KERNEL(changeColours) {
  const DType dtype = params.dtype();
  if (params.flag()) {
    if (dtype != DType::UInt8) refuse("PIL's colours are bytes");
    return changeImages<Bytes, uint8_t>(params, true);
  }
  switch (dtype) {
    case DType::UInt8: return changeImages<Floats<uint8_t>, uint8_t>(params, false);
    case DType::Float32: return changeImages<Floats<float>, float>(params, false);
    case DType::Float64: return changeImages<Floats<double>, double>(params, false);
    default: refuse("colours are bytes, float32 or float64");
  }
}

// out = the blend of two images, with the second one's share, as PIL computes it: (elements, share, first, second, out)
FLAMBEAU_KERNEL(blendBytes) {
  const int64_t elements = params.integer();
  const float share = static_cast<float>(params.number());
  const uint8_t *a = params.pointer<uint8_t>(), *b = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  parallelFor(elements, kImageGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = truncated(a[i] + share * (b[i] - a[i]));
  });
}

}  // namespace flambeau
