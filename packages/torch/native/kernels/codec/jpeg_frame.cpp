// Reads the markers of a JPEG file.
#include "kernels/codec/jpeg_frame.h"

namespace flambeau::jpeg {
namespace {

int readShort(const uint8_t* p) { return p[0] << 8 | p[1]; }

bool isFrame(int marker) {
  return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

}  // namespace

// The next marker, or -1 at the end of the file. Bytes before it are passed over.
int Frame::readMarker() {
  while (end - next >= 2) {
    if (next[0] == 0xff && next[1] != 0 && next[1] != 0xff) {
      next += 2;
      return next[-1];
    }
    ++next;
  }
  fail(Failure::Truncated);
  return -1;
}

bool Frame::readHeader() {
  if (end - next < 3 || next[0] != 0xff || next[1] != SOI || next[2] != 0xff) return fail(Failure::NotJpeg);
  next += 2;
  for (;;) {
    const int marker = readMarker();
    if (marker < 0) return false;
    if (marker == EOI || marker == SOS) return fail(Failure::NoImage);
    if (!readSegment(marker)) return false;
    if (isFrame(marker)) return true;
  }
}

bool Frame::readScan(Scan& scan) {
  for (;;) {
    const int marker = readMarker();
    if (marker < 0 || marker == EOI) return false;
    if (marker == SOS) {
      if (end - next < 2) return fail(Failure::Truncated);
      const int size = readShort(next);
      if (size < 2) return fail(Failure::Structure);
      if (end - next < size) return fail(Failure::Truncated);
      const bool isRight = readScanHeader(next + 2, size - 2, scan);
      next += size;
      return isRight;
    }
    if (isFrame(marker)) return fail(Failure::Structure);
    if (!readSegment(marker)) return false;
  }
}

// Reads the segment behind a marker, or passes over it.
bool Frame::readSegment(int marker) {
  if (marker == TEM || (marker >= RST0 && marker <= SOI)) return true;
  if (end - next < 2) return fail(Failure::Truncated);
  const int size = readShort(next);
  if (size < 2) return fail(Failure::Structure);
  if (end - next < size) return fail(Failure::Truncated);
  const uint8_t *const p = next + 2, *const stop = next + size;
  next = stop;
  if (isFrame(marker)) return readFrame(marker, p, size - 2);
  switch (marker) {
    case DQT:
      return readQuantization(p, stop);
    case DHT:
      return readHuffman(p, stop);
    case DRI:
      if (size != 4) return fail(Failure::Structure);
      restartInterval = readShort(p);
      return true;
    case DAC:
      return fail(Failure::Process);
    default:
      readApplication(marker, p, size - 2);
      return true;
  }
}

bool Frame::readFrame(int marker, const uint8_t* p, int size) {
  if (marker > SOF2) return fail(Failure::Process);
  if (size < 6) return fail(Failure::Structure);
  if (p[0] != 8) return fail(Failure::Precision);
  isProgressive = marker == SOF2;
  height = readShort(p + 1);
  width = readShort(p + 3);
  count = p[5];
  if (height == 0 || width == 0) return fail(Failure::NoImage);
  if (count != 1 && count != 3 && count != 4) return fail(Failure::Colours);
  if (size != 6 + 3 * count) return fail(Failure::Structure);
  for (int i = 0; i < count; ++i) {
    Component& c = components[i];
    const uint8_t* const q = p + 6 + 3 * i;
    c.id = q[0];
    c.h = q[1] >> 4;
    c.v = q[1] & 15;
    c.table = q[2];
    if (c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4) return fail(Failure::Sampling);
    if (c.table > 3) return fail(Failure::Structure);
    for (int j = 0; j < i; ++j) {
      if (components[j].id == c.id) return fail(Failure::Structure);
    }
    maxH = std::max(maxH, c.h);
    maxV = std::max(maxV, c.v);
  }
  for (int i = 0; i < count; ++i) {
    Component& c = components[i];
    if (maxH % c.h != 0 || maxV % c.v != 0) return fail(Failure::Sampling);
    c.width = divideUp(width * c.h, maxH);
    c.height = divideUp(height * c.v, maxV);
    c.blocksWide = divideUp(c.width, 8);
    c.blocksHigh = divideUp(c.height, 8);
    c.stride = int64_t{8} * unitsWide() * c.h;
    c.rows = int64_t{8} * unitsHigh() * c.v;
  }
  space = colourSpace();
  return true;
}

// What libjpeg takes the colours for.
ColourSpace Frame::colourSpace() const {
  if (count == 1) return ColourSpace::Grey;
  if (count == 4) return sawAdobe_ && adobeTransform_ != 0 ? ColourSpace::Ycck : ColourSpace::Cmyk;
  if (sawJfif_) return ColourSpace::YCbCr;
  if (sawAdobe_) return adobeTransform_ == 0 ? ColourSpace::Rgb : ColourSpace::YCbCr;
  const bool isRgb = components[0].id == 'R' && components[1].id == 'G' && components[2].id == 'B';
  return isRgb ? ColourSpace::Rgb : ColourSpace::YCbCr;
}

void Frame::readApplication(int marker, const uint8_t* p, int size) {
  if (marker == APP0 && size >= 14 && std::memcmp(p, "JFIF", 5) == 0) sawJfif_ = true;
  if (marker == APP14 && size >= 12 && std::memcmp(p, "Adobe", 5) == 0) {
    sawAdobe_ = true;
    adobeTransform_ = p[11];
  }
}

bool Frame::readQuantization(const uint8_t* p, const uint8_t* stop) {
  while (p < stop) {
    const int number = *p & 15, bytes = *p >> 4 ? 2 : 1;
    ++p;
    if (number > 3 || stop - p < kBlock * bytes) return fail(Failure::Structure);
    for (int i = 0; i < kBlock; ++i, p += bytes) {
      steps[number][kZigzag[i]] = static_cast<uint16_t>(bytes == 2 ? readShort(p) : *p);
    }
    hasSteps[number] = true;
  }
  return true;
}

bool Frame::readHuffman(const uint8_t* p, const uint8_t* stop) {
  while (p < stop) {
    if (stop - p < 17) return fail(Failure::Structure);
    const int number = *p & 15, isAc = *p >> 4;
    const uint8_t* const counts = p + 1;
    int size = 0;
    for (int i = 0; i < 16; ++i) size += counts[i];
    p += 17;
    if (size > 256 || stop - p < size || number > 3 || isAc > 1) return fail(Failure::HuffmanTable);
    if (!(isAc ? ac : dc)[number].define(counts, p, size)) return fail(Failure::HuffmanTable);
    p += size;
  }
  return true;
}

bool Frame::readScanHeader(const uint8_t* p, int size, Scan& scan) {
  if (size < 1) return fail(Failure::Structure);
  scan.count = p[0];
  if (scan.count < 1 || scan.count > count || size != 4 + 2 * scan.count) return fail(Failure::Structure);
  const uint8_t* const band = p + 1 + 2 * scan.count;
  scan.from = band[0];
  scan.to = band[1];
  scan.high = band[2] >> 4;
  scan.low = band[2] & 15;
  if (!isProgressive) {
    scan.from = scan.high = scan.low = 0;
    scan.to = kBlock - 1;
  } else if (!checkBand(scan)) {
    return false;
  }
  int blocks = 0;
  for (int i = 0; i < scan.count; ++i) {
    const int id = p[1 + 2 * i], tables = p[2 + 2 * i];
    Scan::Part& part = scan.parts[i];
    part = {nullptr, nullptr, nullptr, 0};
    for (int j = 0; j < count; ++j) {
      if (components[j].id == id) part.component = &components[j];
    }
    if (part.component == nullptr || (tables >> 4) > 3 || (tables & 15) > 3) return fail(Failure::Structure);
    for (int j = 0; j < i; ++j) {
      if (scan.parts[j].component == part.component) return fail(Failure::Structure);
    }
    Component& c = *part.component;
    blocks += c.h * c.v;
    part.dc = &dc[tables >> 4];
    part.ac = &ac[tables & 15];
    // A refinement of first coefficients is bits without codes.
    const bool needsDc = scan.from == 0 && scan.high == 0, needsAc = scan.to > 0;
    if ((needsDc && !part.dc->isDefined) || (needsAc && !part.ac->isDefined)) return fail(Failure::MissingTable);
    if (needsDc && !part.dc->holdsOnly(15)) return fail(Failure::HuffmanTable);
    if (!c.hasSteps) {
      if (!hasSteps[c.table]) return fail(Failure::MissingTable);
      std::memcpy(c.steps, steps[c.table], sizeof c.steps);
      c.hasSteps = true;
    }
  }
  // So many blocks may a unit of several components have.
  return scan.count == 1 || blocks <= 10 || fail(Failure::Sampling);
}

bool Frame::checkBand(const Scan& scan) {
  const bool isDc = scan.from == 0;
  const bool isRight = isDc ? scan.to == 0 : scan.from <= scan.to && scan.to < kBlock && scan.count == 1;
  const bool refines = scan.high == 0 || scan.low == scan.high - 1;
  return (isRight && refines && scan.low <= 13) || fail(Failure::Progression);
}

}  // namespace flambeau::jpeg
