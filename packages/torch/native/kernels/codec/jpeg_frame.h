// A JPEG file as its markers tell of it: the frame with its components, tables, and where scans are.
#pragma once
#include <algorithm>

#include "kernels/codec/jpeg_huffman.h"
#include "runtime/refuse.h"
#include "runtime/scratch.h"

namespace flambeau::jpeg {

enum class ColourSpace { Grey, YCbCr, Rgb, Cmyk, Ycck };

struct Component {
  int id, h, v, table;       // sampling factors, and the number of the quantization table
  int width, height;         // of its samples
  int blocksWide, blocksHigh;  // blocks that have samples
  int64_t stride, rows;      // of the plane and the array of blocks, which reach to the end of the last unit
  uint8_t* plane = nullptr;
  int16_t* coefficients = nullptr;  // of progressive files
  uint16_t steps[kBlock];    // as they were when its first scan came
  bool hasSteps = false;

  int64_t blockStride() const { return stride / 8; }
};

// The components that a scan holds, and which part of their coefficients.
struct Scan {
  int count;
  struct Part {
    Component* component;
    const HuffmanTable *dc, *ac;
    int last;  // the latest first coefficient
  } parts[kMaxComponents];
  int from, to, high, low;  // of the band: first and last coefficient; bits before and after
};

struct Frame {
  const uint8_t *next, *end;
  Failure failure = Failure::None;

  int width = 0, height = 0, count = 0, maxH = 1, maxV = 1;
  bool isProgressive = false;
  ColourSpace space = ColourSpace::Grey;
  Component components[kMaxComponents];
  int restartInterval = 0;

  uint16_t steps[4][kBlock];
  bool hasSteps[4] = {};
  HuffmanTable dc[4], ac[4];

  Frame(const uint8_t* bytes, int64_t size) : next(bytes), end(bytes + size) {}

  // Reads up to the frame header. False if there is a failure.
  bool readHeader();
  // Reads up to the next scan, and its header. False at the end of the image, or if there is a failure.
  bool readScan(Scan& scan);

  int unitsWide() const { return divideUp(width, 8 * maxH); }
  int unitsHigh() const { return divideUp(height, 8 * maxV); }

  bool fail(Failure why) {
    failure = why;
    return false;
  }

 private:
  bool sawJfif_ = false, sawAdobe_ = false;
  int adobeTransform_ = 0;

  int readMarker();
  bool readSegment(int marker);
  bool readFrame(int marker, const uint8_t* p, int size);
  bool readQuantization(const uint8_t* p, const uint8_t* stop);
  bool readHuffman(const uint8_t* p, const uint8_t* stop);
  bool readScanHeader(const uint8_t* p, int size, Scan& scan);
  bool checkBand(const Scan& scan);
  void readApplication(int marker, const uint8_t* p, int size);
  ColourSpace colourSpace() const;
};

}  // namespace flambeau::jpeg
