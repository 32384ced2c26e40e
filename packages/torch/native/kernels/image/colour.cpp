// Colours of pixels of red, green and blue: their grey, how far they are from it, and where they are on the circle of
// hues. As PIL computes them in bytes, or as torchvision does in floats.
#include "kernels/gemm/simd.h"
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
using Lanes = typename Simd<T>::Vector;

template <class T>
struct Tile {
  T r[kPixels], g[kPixels], b[kPixels];
};

// The greatest whole numbers that are no greater.
template <class V, class T>
inline V floorOf(V values, T shift) {
  const V near = values + shift - shift;
  return near > values ? near - T(1) : near;
}
inline Lanes<float> floorOf(Lanes<float> values) { return floorOf(values, 12582912.0f); }
inline Lanes<double> floorOf(Lanes<double> values) { return floorOf(values, 6755399441055744.0); }

template <class V>
inline V greatest(V a, V b) {
  return a > b ? a : b;
}
template <class V>
inline V least(V a, V b) {
  return a < b ? a : b;
}

// The colour of a sixth of the circle: v, its least part p, and the two that change within the sixth.
template <class V>
inline void fromSixth(V sixth, V v, V p, V q, V t, V& r, V& g, V& b) {
  using T = std::remove_reference_t<decltype(sixth[0])>;
  const auto is = [&](int k) { return sixth == V{} + static_cast<T>(k); };
  r = (is(0) | is(5)) ? v : (is(1) ? q : (is(4) ? t : p));
  g = (is(1) | is(2)) ? v : (is(0) ? t : (is(3) ? q : p));
  b = (is(3) | is(4)) ? v : (is(2) ? t : (is(5) ? q : p));
}

// PIL's way: everything is a byte in between, and what PIL has in float32 is rounded to that.
struct Bytes {
  using T = double;
  static double load(uint8_t byte) { return byte; }
  static uint8_t store(double value) { return static_cast<uint8_t>(static_cast<int>(value)); }

  static double grey(double r, double g, double b) {
    return (static_cast<int>(r) * 19595 + static_cast<int>(g) * 38470 + static_cast<int>(b) * 7471 + 0x8000) >> 16;
  }
  static double blend(double grey, double value, double factor) {
    const float a = static_cast<float>(grey);
    return std::trunc(std::min(std::max(a + static_cast<float>(factor) * (static_cast<float>(value) - a), 0.0f), 255.0f));
  }

  static Lanes<double> asFloat(Lanes<double> values) {
    typedef float Half __attribute__((vector_size(kVectorBytes / 2)));
    return __builtin_convertvector(__builtin_convertvector(values, Half), Lanes<double>);
  }
  static void turnHue(Lanes<double>& r, Lanes<double>& g, Lanes<double>& b, double by) {
    using V = Lanes<double>;
    const V zero = {}, one = zero + 1.0;
    const V most = greatest(r, greatest(g, b)), range = most - least(r, least(g, b));
    const V divisor = range == zero ? one : range;
    const V rc = asFloat((most - r) / divisor), gc = asFloat((most - g) / divisor), bc = asFloat((most - b) / divisor);
    V turn = asFloat(r == most ? bc - gc : (g == most ? 2.0 + rc - bc : 4.0 + gc - rc)) / 6.0 + 1.0;
    turn = asFloat(turn >= one ? turn - 1.0 : turn);
    V h = (range == zero ? zero : floorOf(turn * 255.0)) + by;
    h = h < zero ? h + 256.0 : h;
    h = h >= zero + 256.0 ? h - 256.0 : h;
    const V s = floorOf(asFloat(range / (most == zero ? one : most)) * 255.0);
    const V place = h * 6.0 / 255.0, sixth = floorOf(place);
    const V f = asFloat(place - sixth), fs = asFloat(s / 255.0);
    const V p = floorOf(most * (1.0 - fs) + 0.5), q = floorOf(most * (1.0 - asFloat(fs * f)) + 0.5);
    const V t = floorOf(most * (1.0 - fs * (1.0 - f)) + 0.5);
    fromSixth(sixth >= zero + 6.0 ? zero : sixth, most, p, q, t, r, g, b);
  }
};

// torchvision's way, of images whose values go up to `bound`.
template <class E>
struct Fractions {
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

  static void turnHue(Lanes<T>& r, Lanes<T>& g, Lanes<T>& b, double by) {
    using V = Lanes<T>;
    const V zero = {}, one = zero + T(1);
    if constexpr (kIsByte) r /= T(255), g /= T(255), b /= T(255);
    const V v = greatest(r, greatest(g, b)), range = v - least(r, least(g, b));
    const V divisor = range == zero ? one : range, s = range / (range == zero ? one : v);
    const V rc = (v - r) / divisor, gc = (v - g) / divisor, bc = (v - b) / divisor;
    V h = (r == v ? bc - gc : (g == v ? T(2) + rc - bc : T(4) + gc - rc)) / T(6) + T(1);
    h = (range == zero ? zero : (h >= one ? h - T(1) : h)) + T(by);
    h -= floorOf(h);
    const V place = h * T(6), start = floorOf(place), f = place - start;
    const auto bounded = [&](V value) { return least(greatest(value, zero), one); };
    const V p = bounded(v * (T(1) - s)), q = bounded(v * (T(1) - s * f)), t = bounded(v * (T(1) - s * (T(1) - f)));
    fromSixth(start >= zero + T(6) ? zero : start, v, p, q, t, r, g, b);
    if constexpr (kIsByte) r *= T(255), g *= T(255), b *= T(255);
  }
};

template <class Rule, class E>
void changePixels(Change change, const E* in, E* out, int64_t pixels, int64_t pixelStep, int64_t colourStep, double by) {
  using T = typename Rule::T;
  Tile<T> tile = {};
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
      // The last vector may reach past the pixels that there are, but not past the tile.
      for (int i = 0; i < count; i += Simd<T>::width) {
        Lanes<T> r = Simd<T>::load(tile.r + i), g = Simd<T>::load(tile.g + i), b = Simd<T>::load(tile.b + i);
        Rule::turnHue(r, g, b, by);
        Simd<T>::store(tile.r + i, r);
        Simd<T>::store(tile.g + i, g);
        Simd<T>::store(tile.b + i, b);
      }
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
    case DType::UInt8: return changeImages<Fractions<uint8_t>, uint8_t>(params, false);
    case DType::Float32: return changeImages<Fractions<float>, float>(params, false);
    case DType::Float64: return changeImages<Fractions<double>, double>(params, false);
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
