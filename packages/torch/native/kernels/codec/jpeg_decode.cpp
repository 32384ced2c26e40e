// Decodes JPEG files: sequential and progressive ones of 8 bits with Huffman codes. Pixels are those of libjpeg, bit for bit.
#include "kernels/codec/jpeg_rows.h"
#include "kernels/codec/jpeg_scan.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

using namespace jpeg;

// More scans than a file needs, so that one with many empty ones does not take forever.
constexpr int kMaxScans = 256;

// Whether the file can be whole: of each block it says something, if only a bit.
bool isLongEnough(const Frame& frame) {
  int64_t blocks = 0;
  for (int i = 0; i < frame.count; ++i) blocks += int64_t{frame.components[i].blocksWide} * frame.components[i].blocksHigh;
  return (frame.end - frame.next) * 8 >= blocks;
}

bool decodePlanes(Frame& frame, ThreadScratch& memory) {
  if (!isLongEnough(frame)) return frame.fail(Failure::Truncated);
  int64_t samples = 0;
  for (int i = 0; i < frame.count; ++i) samples += frame.components[i].stride * frame.components[i].rows;
  // One that has no scan is grey, as a block of zeros is.
  uint8_t* planes = memory.reserve<uint8_t>(samples * (frame.isProgressive ? 3 : 1));
  auto* coefficients = reinterpret_cast<int16_t*>(planes);
  if (frame.isProgressive) {
    std::memset(coefficients, 0, samples * 2);
    planes += samples * 2;
  }
  std::memset(planes, 128, samples);
  for (int i = 0; i < frame.count; ++i) {
    Component& c = frame.components[i];
    c.plane = planes;
    c.coefficients = coefficients;
    planes += c.stride * c.rows;
    coefficients += c.stride * c.rows;
  }
  Scan scan;
  for (int scans = 0; frame.readScan(scan); ++scans) {
    if (scans == kMaxScans) return frame.fail(Failure::Structure);
    if (!decodeScan(frame, scan)) return false;
  }
  if (frame.failure != Failure::None) return false;
  for (int i = 0; i < frame.count; ++i) {
    if (!frame.components[i].hasSteps) return frame.fail(Failure::NoImage);
    if (frame.isProgressive) transformCoefficients(frame.components[i]);
  }
  return true;
}

// Rows of pixels that are worth waking another thread for have so many of them.
constexpr int64_t kRowGrain = 262144;

// Writes pixels of 1 (grey), 3 (RGB) or 4 numbers (CMYK).
class PixelWriter {
 public:
  PixelWriter(const Frame& frame, int channels) : frame_(frame), channels_(channels), room_(frame.unitsWide() * 8 * frame.maxH) {
    rows_ = memory_.reserve<uint8_t>(room_ * (kMaxComponents + 3 + 2));
  }

  // Rows from one on, up to another.
  void write(int64_t begin, int64_t end, uint8_t* out) {
    const int64_t step = int64_t{frame_.width} * channels_;
    for (int64_t y = begin; y < end; ++y) writeRow(static_cast<int>(y), frame_.width, out + y * step);
  }

 private:
  uint8_t* room(int index) { return rows_ + index * room_; }

  const uint8_t* row(int component, int y) {
    auto* const sums = reinterpret_cast<int16_t*>(room(kMaxComponents + 3));
    return fullRow(frame_, frame_.components[component], y, room(component), sums);
  }

  void writeRow(int y, int n, uint8_t* out) {
    const bool isGrey = frame_.space == ColourSpace::Grey || (channels_ == 1 && frame_.space == ColourSpace::YCbCr);
    const uint8_t* const first = row(0, y);
    if (isGrey) {
      if (channels_ == 1) std::memcpy(out, first, n);
      else interleave(first, first, first, n, out);
      return;
    }
    const uint8_t *r = first, *g = row(1, y), *b = row(2, y);
    if (frame_.space == ColourSpace::YCbCr || frame_.space == ColourSpace::Ycck) {
      uint8_t *const red = room(kMaxComponents), *const green = red + room_, *const blue = green + room_;
      colourRow(r, g, b, n, red, green, blue);
      r = red;
      g = green;
      b = blue;
    }
    if (frame_.count == 4) return writeInks(r, g, b, row(3, y), n, out);
    if (channels_ == 3) return interleave(r, g, b, n, out);
    for (int x = 0; x < n; ++x) {
      out[x] = static_cast<uint8_t>((fix(0.299) * r[x] + fix(0.587) * g[x] + fix(0.114) * b[x] + 32768) >> 16);
    }
  }

  // What a file of inks in YCCK has as colours is their opposite.
  void writeInks(const uint8_t* c, const uint8_t* m, const uint8_t* y, const uint8_t* k, int n, uint8_t* out) {
    const int flip = frame_.space == ColourSpace::Ycck ? 255 : 0;
    for (int x = 0; x < n; ++x) {
      const int inks[3] = {c[x] ^ flip, m[x] ^ flip, y[x] ^ flip};
      if (channels_ == 4) {
        for (int i = 0; i < 3; ++i) out[4 * x + i] = static_cast<uint8_t>(inks[i]);
        out[4 * x + 3] = k[x];
        continue;
      }
      int rgb[3];
      for (int i = 0; i < 3; ++i) rgb[i] = leftOfLight(inks[i], k[x]);
      if (channels_ == 3) {
        for (int i = 0; i < 3; ++i) out[3 * x + i] = static_cast<uint8_t>(rgb[i]);
      } else {
        out[x] = static_cast<uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16);
      }
    }
  }

  const Frame& frame_;
  const int channels_;
  const int64_t room_;
  ThreadScratch memory_;
  uint8_t* rows_;
};

void report(Params& params, const Frame& frame) { params.fail(static_cast<int>(frame.failure), 0); }

}  // namespace

// (address and number of bytes): results width, height and number of components; fails with a `Failure`
FLAMBEAU_KERNEL(jpegHeader) {
  const auto* bytes = params.pointer<const uint8_t>();
  Frame frame(bytes, params.integer());
  if (!frame.readHeader()) return report(params, frame);
  params.result(0, frame.width);
  params.result(1, frame.height);
  params.result(2, frame.count);
}

// (address and number of bytes, height, width, channels, address of the result [height, width, channels]): channels are
// 1, 3, or 4 for a file with four components; fails with a `Failure`
FLAMBEAU_KERNEL(decodeJpeg) {
  const auto* bytes = params.pointer<const uint8_t>();
  Frame frame(bytes, params.integer());
  const int64_t height = params.integer(), width = params.integer(), channels = params.integer();
  auto* out = params.pointer<uint8_t>();
  if (!frame.readHeader()) return report(params, frame);
  if (frame.height != height || frame.width != width || (channels == 4 && frame.count != 4)) {
    refuse("the result has another size than the image");
  }
  ThreadScratch memory;
  if (!decodePlanes(frame, memory)) return report(params, frame);
  parallelFor(height, 1 + kRowGrain / width, [&](int64_t begin, int64_t end) {
    PixelWriter(frame, static_cast<int>(channels)).write(begin, end, out);
  });
}

}  // namespace flambeau
