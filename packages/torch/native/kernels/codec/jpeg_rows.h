// From the samples of components to rows of pixels: chroma that was thinned out is brought back to full size, and colours
// become those of the result. Both as libjpeg does it ("fancy" upsampling).
#pragma once
#include <algorithm>

#include "kernels/codec/jpeg_frame.h"
#include "simd/lanes.h"

namespace flambeau::jpeg {

// A row of a component at full width, which `buffer` has room for; `y` counts rows of the image.
inline const uint8_t* fullRow(const Frame& frame, const Component& c, int y, uint8_t* buffer, int16_t* sums) {
  const int across = frame.maxH / c.h, down = frame.maxV / c.v, n = c.width;
  const auto row = [&](int index) { return c.plane + std::clamp(index, 0, c.height - 1) * c.stride; };
  const uint8_t* const near = row(y / down);
  if (across == 1 && down == 1) return near;
  const bool isUpper = y % 2 == 0;
  const uint8_t* const far = row(y / 2 + (isUpper ? -1 : 1));
  if (across == 1 && down == 2) {
    const int bias = isUpper ? 1 : 2;
    for (int x = 0; x < n; ++x) buffer[x] = static_cast<uint8_t>((3 * near[x] + far[x] + bias) >> 2);
  } else if (across == 2 && down == 1 && n > 2) {
    buffer[0] = near[0];
    buffer[1] = static_cast<uint8_t>((3 * near[0] + near[1] + 2) >> 2);
    for (int x = 1; x < n - 1; ++x) {
      buffer[2 * x] = static_cast<uint8_t>((3 * near[x] + near[x - 1] + 1) >> 2);
      buffer[2 * x + 1] = static_cast<uint8_t>((3 * near[x] + near[x + 1] + 2) >> 2);
    }
    buffer[2 * n - 2] = static_cast<uint8_t>((3 * near[n - 1] + near[n - 2] + 1) >> 2);
    buffer[2 * n - 1] = near[n - 1];
  } else if (across == 2 && down == 2 && n > 2) {
    for (int x = 0; x < n; ++x) sums[x] = static_cast<int16_t>(3 * near[x] + far[x]);
    buffer[0] = static_cast<uint8_t>((4 * sums[0] + 8) >> 4);
    buffer[1] = static_cast<uint8_t>((3 * sums[0] + sums[1] + 7) >> 4);
    for (int x = 1; x < n - 1; ++x) {
      buffer[2 * x] = static_cast<uint8_t>((3 * sums[x] + sums[x - 1] + 8) >> 4);
      buffer[2 * x + 1] = static_cast<uint8_t>((3 * sums[x] + sums[x + 1] + 7) >> 4);
    }
    buffer[2 * n - 2] = static_cast<uint8_t>((3 * sums[n - 1] + sums[n - 2] + 8) >> 4);
    buffer[2 * n - 1] = static_cast<uint8_t>((4 * sums[n - 1] + 7) >> 4);
  } else {
    for (int x = 0; x < n; ++x) std::fill_n(buffer + x * across, across, near[x]);
  }
  return buffer;
}

inline uint8_t toByte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

constexpr int fix(double value) { return static_cast<int>(value * 65536 + 0.5); }

inline void colourRow(const uint8_t* __restrict luma, const uint8_t* __restrict blue, const uint8_t* __restrict red, int n,
                      uint8_t* __restrict r, uint8_t* __restrict g, uint8_t* __restrict b) {
  for (int x = 0; x < n; ++x) {
    const int y = luma[x], cb = blue[x] - 128, cr = red[x] - 128;
    r[x] = toByte(y + ((fix(1.402) * cr + 32768) >> 16));
    g[x] = toByte(y + ((-fix(0.34414) * cb - fix(0.71414) * cr + 32768) >> 16));
    b[x] = toByte(y + ((fix(1.772) * cb + 32768) >> 16));
  }
}

typedef uint8_t Bytes __attribute__((vector_size(16)));

// Sixteen bytes of those that `place` of three rows make when they are interleaved: the first two rows, then the third.
template <int part, int... i>
inline Bytes interleaved(Bytes r, Bytes g, Bytes b, std::integer_sequence<int, i...>) {
  constexpr auto band = [](int at) { return (16 * part + at) % 3; };
  constexpr auto place = [](int at) { return (16 * part + at) / 3; };
  const Bytes two = simd::pick<(band(i) == 1 ? 16 + place(i) : place(i))...>(r, g);
  return simd::pick<(band(i) == 2 ? 16 + place(i) : i)...>(two, b);
}

inline void interleave(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* out) {
  constexpr auto lanes = std::make_integer_sequence<int, 16>{};
  int x = 0;
  for (; x + 16 <= n; x += 16) {
    Bytes red, green, blue;
    std::memcpy(&red, r + x, 16);
    std::memcpy(&green, g + x, 16);
    std::memcpy(&blue, b + x, 16);
    const Bytes parts[3] = {interleaved<0>(red, green, blue, lanes), interleaved<1>(red, green, blue, lanes),
                            interleaved<2>(red, green, blue, lanes)};
    std::memcpy(out + 3 * x, parts, 48);
  }
  for (; x < n; ++x) {
    out[3 * x] = r[x];
    out[3 * x + 1] = g[x];
    out[3 * x + 2] = b[x];
  }
}

// A colour of which the inks are told as what they leave of the light: files have them so.
inline uint8_t leftOfLight(int ink, int black) {
  const int v = black * (255 - ink) + 128;
  return toByte(black - (((v >> 8) + v) >> 8));
}

}  // namespace flambeau::jpeg
