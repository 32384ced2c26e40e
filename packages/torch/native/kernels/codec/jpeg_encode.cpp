// Encodes JPEG files: sequential ones with the tables of the standard, chroma of half size; inks as they are, each of full
// size. The bytes are libjpeg's.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/codec/jpeg.h"
#include "kernels/codec/jpeg_dct.h"
#include "kernels/kernel.h"
#include "runtime/refuse.h"
#include "runtime/scratch.h"

namespace flambeau {
namespace {

using namespace jpeg;

// Tables K.1 and K.2 of the standard, row by row.
constexpr uint8_t kSteps[2][kBlock] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,  49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99},
};

// What stands behind the marker of a JFIF file: its name, version 1.1, pixels as wide as high, no small picture.
constexpr uint8_t kJfif[] = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};

// And of a file of inks: the name and version of what Adobe's programs write, no flags, no transform of colours.
constexpr uint8_t kAdobe[] = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};

constexpr int kInks = 4;
constexpr uint8_t kInkNames[kInks] = {'C', 'M', 'Y', 'K'};

struct Codes {
  uint8_t counts[16];
  int size;
  uint8_t symbols[162];
};

// Tables K.3 to K.6: codes of first coefficients, and of the others.
constexpr Codes kFirstCodes[2] = {
    {{0, 1, 5, 1, 1, 1, 1, 1, 1}, 12, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
    {{0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 12, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
};
constexpr Codes kOtherCodes[2] = {
    {{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d},
     162,
     {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81,
      0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18,
      0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
      0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75,
      0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
      0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
      0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5,
      0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa}},
    {{0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77},
     162,
     {0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32, 0x81, 0x08,
      0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25,
      0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47,
      0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74,
      0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
      0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba,
      0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe2, 0xe3, 0xe4,
      0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa}},
};

// The code of each symbol, and how many bits it has.
struct CodeBook {
  uint16_t code[256] = {};
  uint8_t length[256] = {};

  explicit CodeBook(const Codes& codes) {
    uint32_t next = 0;
    int at = 0;
    for (int bits = 1; bits <= 16; ++bits, next <<= 1) {
      for (int i = 0; i < codes.counts[bits - 1]; ++i, ++at) {
        code[codes.symbols[at]] = static_cast<uint16_t>(next++);
        length[codes.symbols[at]] = static_cast<uint8_t>(bits);
      }
    }
  }
};

// Bytes of the file; those that there is no room for are counted only.
class Writer {
 public:
  Writer(uint8_t* out, int64_t room) : out_(out), room_(room) {}

  void byte(int value) {
    if (size_ < room_) out_[size_] = static_cast<uint8_t>(value);
    ++size_;
  }
  void pair(int value) {
    byte(value >> 8);
    byte(value & 255);
  }
  void marker(int code) {
    byte(0xff);
    byte(code);
  }
  void bits(uint32_t value, int count) {
    buffer_ = buffer_ << count | (value & ((1u << count) - 1));
    pending_ += count;
    while (pending_ >= 8) {
      pending_ -= 8;
      const int next = buffer_ >> pending_ & 255;
      byte(next);
      if (next == 255) byte(0);
    }
  }
  // Fills the last byte up with ones.
  void flush() {
    bits(127, 7);
    pending_ = 0;
  }

  int64_t size() const { return size_; }

 private:
  uint8_t* out_;
  int64_t room_, size_ = 0;
  uint64_t buffer_ = 0;
  int pending_ = 0;
};

// A component: its samples, as many as whole blocks ask for, and what its blocks are written with.
struct Plane {
  int scale, table;  // samples of the image that make one of its, across and down; which tables it has
  int blocksWide, blocksHigh;
  int64_t stride;
  uint8_t* samples;
  float half[kBlock], inverse[kBlock];  // of the divisors, which are 8 times the quantization steps
  int last = 0;
};

class Encoder {
 public:
  Encoder(int height, int width, int channels, int quality, Writer& writer)
      : height_(height), width_(width), count_(channels), units_(channels == 3 ? 2 : 1), writer_(writer) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    int64_t total = 0;
    for (int i = 0; i < count_; ++i) {
      Plane& plane = planes_[i];
      plane.scale = i == 0 ? 1 : units_;
      plane.table = count_ == 3 && i > 0 ? 1 : 0;
      plane.blocksWide = divideUp(divideUp(width, plane.scale), 8);
      plane.blocksHigh = divideUp(divideUp(height, plane.scale), 8);
      plane.stride = int64_t{8} * plane.blocksWide;
      total += plane.stride * plane.blocksHigh * 8;
      for (int k = 0; k < kBlock; ++k) {
        steps_[plane.table][k] = static_cast<uint8_t>(std::clamp((kSteps[plane.table][k] * scale + 50) / 100, 1, 255));
        const int divisor = 8 * steps_[plane.table][k];
        plane.half[k] = static_cast<float>(divisor / 2) + 0.5f;
        plane.inverse[k] = 1.0f / static_cast<float>(divisor);
      }
    }
    uint8_t* samples = memory_.reserve<uint8_t>(total);
    for (int i = 0; i < count_; ++i) {
      planes_[i].samples = samples;
      samples += planes_[i].stride * planes_[i].blocksHigh * 8;
    }
  }

  void run(const uint8_t* pixels) {
    fillPlanes(pixels);
    writeHeader();
    const int across = divideUp(width_, 8 * units_), down = divideUp(height_, 8 * units_);
    for (int y = 0; y < down; ++y) {
      for (int x = 0; x < across; ++x) writeUnit(x, y);
    }
    writer_.flush();
    writer_.marker(EOI);
  }

 private:
  void fillPlanes(const uint8_t* pixels) {
    if (count_ != 3) {
      for (int i = 0; i < count_; ++i) fillPlane(planes_[i], pixels + i);
    } else {
      fillColours(pixels);
    }
  }

  // Every so many-th byte, from the first on.
  void fillPlane(Plane& plane, const uint8_t* bytes) {
    for (int y = 0; y < height_; ++y) {
      uint8_t* const row = plane.samples + y * plane.stride;
      for (int x = 0; x < width_; ++x, bytes += count_) row[x] = *bytes;
      extendRow(row, width_, plane.stride);
    }
    extendRows(plane, height_);
  }

  void fillColours(const uint8_t* pixels) {
    // Two rows of the image make one of chroma; the last pixels go on beyond the edges.
    const int64_t room = 2 * planes_[1].stride;
    ThreadScratch memory;
    uint8_t* const chroma = memory.reserve<uint8_t>(4 * room);
    const int pairs = divideUp(height_, 2);
    for (int y = 0; y < pairs; ++y) {
      for (int i = 0; i < 2; ++i) {
        const int from = std::min(2 * y + i, height_ - 1);
        uint8_t *const blue = chroma + i * room, *const red = chroma + (2 + i) * room;
        if (2 * y + i < height_) {
          uint8_t* const luma = planes_[0].samples + int64_t{from} * planes_[0].stride;
          splitRow(pixels + int64_t{from} * width_ * 3, luma, blue, red);
          extendRow(luma, width_, planes_[0].stride);
        } else {
          std::memcpy(blue, blue - room, room);
          std::memcpy(red, red - room, room);
        }
        extendRow(blue, width_, room);
        extendRow(red, width_, room);
      }
      for (int i = 0; i < 2; ++i) halve(chroma + 2 * i * room, room, planes_[1 + i].samples + y * planes_[1 + i].stride);
    }
    extendRows(planes_[0], height_);
    extendRows(planes_[1], pairs);
    extendRows(planes_[2], pairs);
  }

  static void extendRow(uint8_t* row, int64_t size, int64_t whole) {
    if (whole > size) std::memset(row + size, row[size - 1], whole - size);
  }

  static void extendRows(Plane& plane, int64_t size) {
    for (int64_t y = size; y < 8 * plane.blocksHigh; ++y) {
      std::memcpy(plane.samples + y * plane.stride, plane.samples + (y - 1) * plane.stride, plane.stride);
    }
  }

  void splitRow(const uint8_t* rgb, uint8_t* luma, uint8_t* blue, uint8_t* red) const {
    constexpr int half = 32768, offset = (128 << 16) + half - 1;
    for (int x = 0; x < width_; ++x) {
      const int r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];
      luma[x] = static_cast<uint8_t>((19595 * r + 38470 * g + 7471 * b + half) >> 16);
      blue[x] = static_cast<uint8_t>((-11059 * r - 21709 * g + 32768 * b + offset) >> 16);
      red[x] = static_cast<uint8_t>((32768 * r - 27439 * g - 5329 * b + offset) >> 16);
    }
  }

  // Means of four samples, of which halves are rounded down and up in turn.
  static void halve(const uint8_t* rows, int64_t size, uint8_t* out) {
    const uint8_t *const a = rows, *const b = rows + size;
    for (int64_t x = 0; x < size / 2; ++x) {
      out[x] = static_cast<uint8_t>((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 1 + (x & 1)) >> 2);
    }
  }

  void writeHeader() {
    writer_.marker(SOI);
    if (count_ == kInks) writeApp(APP14, kAdobe);
    else writeApp(APP0, kJfif);
    const int tables = count_ == 3 ? 2 : 1;
    for (int i = 0; i < tables; ++i) {
      writer_.marker(DQT);
      writer_.pair(3 + kBlock);
      writer_.byte(i);
      for (const int place : kZigzag) writer_.byte(steps_[i][place]);
    }
    writer_.marker(SOF0);
    writer_.pair(8 + 3 * count_);
    writer_.byte(8);
    writer_.pair(height_);
    writer_.pair(width_);
    writer_.byte(count_);
    for (int i = 0; i < count_; ++i) {
      const int factor = units_ / planes_[i].scale;
      writer_.byte(nameOf(i));
      writer_.byte(factor << 4 | factor);
      writer_.byte(planes_[i].table);
    }
    for (int i = 0; i < tables; ++i) {
      writeCodes(i, kFirstCodes[i]);
      writeCodes(16 + i, kOtherCodes[i]);
    }
    writer_.marker(SOS);
    writer_.pair(6 + 2 * count_);
    writer_.byte(count_);
    for (int i = 0; i < count_; ++i) {
      writer_.byte(nameOf(i));
      writer_.byte(planes_[i].table * 17);
    }
    for (const int value : {0, 63, 0}) writer_.byte(value);
  }

  template <size_t size>
  void writeApp(int marker, const uint8_t (&content)[size]) {
    writer_.marker(marker);
    writer_.pair(2 + size);
    for (const uint8_t value : content) writer_.byte(value);
  }

  int nameOf(int component) const { return count_ == kInks ? kInkNames[component] : component + 1; }

  void writeCodes(int number, const Codes& codes) {
    writer_.marker(DHT);
    writer_.pair(19 + codes.size);
    writer_.byte(number);
    for (const int count : codes.counts) writer_.byte(count);
    for (int i = 0; i < codes.size; ++i) writer_.byte(codes.symbols[i]);
  }

  // A unit beyond the edge is filled with blocks that go on as the one before.
  void writeUnit(int x, int y) {
    for (int i = 0; i < count_; ++i) {
      Plane& plane = planes_[i];
      const int factor = units_ / plane.scale;
      for (int dy = 0; dy < factor; ++dy) {
        for (int dx = 0; dx < factor; ++dx) {
          const int column = x * factor + dx, row = y * factor + dy;
          int block[kBlock] = {};
          if (column < plane.blocksWide && row < plane.blocksHigh) transform(plane, column, row, block);
          else block[0] = plane.last;
          writeBlock(plane, block);
        }
      }
    }
  }

  // The quantized coefficients of a block.
  static void transform(const Plane& plane, int column, int row, int* block) {
    const uint8_t* samples = plane.samples + 8 * (row * plane.stride + column);
    Eight v[8];
    for (int y = 0; y < 8; ++y, samples += plane.stride) {
      EightBytes bytes;
      std::memcpy(&bytes, samples, 8);
      v[y] = __builtin_convertvector(bytes, Eight) - 128;
    }
    forward(v);
    std::memcpy(block, v, sizeof v);
    // Halves away from zero. A product with the inverse is exact enough: a quotient is no nearer to a whole number than
    // half of 1 / step.
    for (int k = 0; k < kBlock; ++k) {
      const int size = static_cast<int>((static_cast<float>(std::abs(block[k])) + plane.half[k]) * plane.inverse[k]);
      block[k] = block[k] < 0 ? -size : size;
    }
  }

  // A value behind its code: as many bits as it has, of one less where it is negative.
  void writeValue(const CodeBook& book, int run, int value) {
    const int size = value == 0 ? 0 : 32 - __builtin_clz(std::abs(value));
    const int symbol = run << 4 | size;
    writer_.bits(book.code[symbol], book.length[symbol]);
    if (size > 0) writer_.bits(static_cast<uint32_t>(value < 0 ? value - 1 : value), size);
  }

  void writeBlock(Plane& plane, const int* block) {
    writeValue(first_[plane.table], 0, block[0] - plane.last);
    plane.last = block[0];
    const CodeBook& book = other_[plane.table];
    int run = 0;
    for (int k = 1; k < kBlock; ++k) {
      const int value = block[kZigzag[k]];
      if (value == 0) {
        ++run;
        continue;
      }
      for (; run > 15; run -= 16) writer_.bits(book.code[0xf0], book.length[0xf0]);
      writeValue(book, run, value);
      run = 0;
    }
    if (run > 0) writer_.bits(book.code[0], book.length[0]);
  }

  const int height_, width_, count_, units_;
  Writer& writer_;
  Plane planes_[kInks];
  uint8_t steps_[2][kBlock];
  const CodeBook first_[2] = {CodeBook(kFirstCodes[0]), CodeBook(kFirstCodes[1])};
  const CodeBook other_[2] = {CodeBook(kOtherCodes[0]), CodeBook(kOtherCodes[1])};
  ThreadScratch memory_;
};

}  // namespace

// (address of the pixels [height, width, channels], these sizes, quality, address of the result and its size): channels
// are 1, 3 or 4. The result is how many bytes the file has; where there is no room for all of them it is not whole.
FLAMBEAU_KERNEL(encodeJpeg) {
  const auto* pixels = params.pointer<const uint8_t>();
  const int64_t height = params.integer(), width = params.integer(), channels = params.integer(), quality = params.integer();
  auto* out = params.pointer<uint8_t>();
  Writer writer(out, params.integer());
  const bool isSize = height >= 1 && width >= 1 && height <= 65535 && width <= 65535;
  if (!isSize || (channels != 1 && channels != 3 && channels != kInks) || quality < 1 || quality > 100) refuse("no JPEG is like that");
  Encoder(static_cast<int>(height), static_cast<int>(width), static_cast<int>(channels), static_cast<int>(quality), writer)
      .run(pixels);
  params.result(0, static_cast<double>(writer.size()));
}

}  // namespace flambeau
