// Reads the scans of a JPEG file: blocks of coefficients out of Huffman codes.
//
// Blocks of a sequential file are whole at once, and become samples as they come. Those of a progressive one are
// collected over several scans, by band and by bit.
#include "kernels/codec/jpeg_scan.h"

#include "kernels/codec/jpeg_dct.h"
#include "runtime/threads.h"

namespace flambeau::jpeg {
namespace {

// Blocks that are worth waking another thread for.
constexpr int64_t kBlockGrain = 8192;

class ScanReader {
 public:
  ScanReader(Frame& frame, Scan& scan) : frame_(frame), scan_(scan), bits_(frame.next, frame.end) {}

  bool run() {
    const bool isSingle = scan_.count == 1;
    const Component& first = *scan_.parts[0].component;
    const int wide = isSingle ? first.blocksWide : frame_.unitsWide(), high = isSingle ? first.blocksHigh : frame_.unitsHigh();
    for (int y = 0; y < high; ++y) {
      for (int x = 0; x < wide; ++x) {
        if (!beginUnit()) continue;
        if (isSingle) readBlock(scan_.parts[0], x, y);
        else readUnit(x, y);
        if (!endUnit()) return false;
      }
    }
    frame_.next = bits_.findMarker();
    return true;
  }

 private:
  void readUnit(int x, int y) {
    for (int i = 0; i < scan_.count; ++i) {
      Scan::Part& part = scan_.parts[i];
      const int h = part.component->h, v = part.component->v;
      for (int dy = 0; dy < v; ++dy) {
        for (int dx = 0; dx < h; ++dx) {
          readBlock(part, x * h + dx, y * v + dy);
        }
      }
    }
  }

  // False where a segment has ended too early, so that the rest of its units stays as it is: grey.
  bool beginUnit() {
    if (frame_.restartInterval != 0) {
      if (untilRestart_ == 0) restart();
      --untilRestart_;
    }
    return !isStarved_;
  }

  bool endUnit() {
    if (!bits_.isExhausted()) return true;
    isStarved_ = true;
    return bits_.isAtMarker() || frame_.fail(Failure::Truncated);
  }

  // Goes to the next restart marker, or as near to it as a broken file allows, in libjpeg's way.
  void restart() {
    untilRestart_ = frame_.restartInterval;
    const int expected = nextRestart_;
    if (isFirst_) {
      isFirst_ = false;
      return;
    }
    nextRestart_ = (expected + 1) & 7;
    for (Scan::Part& part : scan_.parts) part.last = 0;
    bandsToSkip_ = 0;
    const uint8_t* at = bits_.findMarker();
    while (frame_.end - at >= 2) {
      const int marker = at[1];
      const bool isRestart = marker >= RST0 && marker <= RST7;
      const int ahead = (marker - RST0 - expected) & 7;
      if (isRestart && ahead != 1 && ahead != 2 && ahead != 6 && ahead != 7) {
        isStarved_ = false;
        return bits_.restart(at + 2);
      }
      // What comes later stays, and what is missing before it is zeros.
      if (marker >= SOF0 && (!isRestart || ahead == 1 || ahead == 2)) return bits_.restart(at);
      BitReader rest(at + 2, frame_.end);
      at = rest.findMarker();
    }
    bits_.restart(frame_.end);
  }

  void readBlock(Scan::Part& part, int x, int y) {
    Component& c = *part.component;
    if (frame_.isProgressive) {
      int16_t* const block = c.coefficients + (y * c.blockStride() + x) * kBlock;
      if (scan_.from == 0) scan_.high == 0 ? readFirst(part, block) : refineFirst(block);
      else scan_.high == 0 ? readBand(part, block) : refineBand(part, block);
    } else {
      int16_t block[kBlock] = {};
      const bool onlyFirst = readWhole(part, block);
      inverse(block, c.steps, onlyFirst, c.plane + 8 * (y * c.stride + x), c.stride);
    }
  }

  // The first coefficient, which is told as the difference to that of the block before.
  int readDifference(Scan::Part& part) {
    bits_.fill();
    const HuffmanTable::Entry& entry = part.dc->lookup(bits_);
    int difference = 0;
    if (entry.total != 0) {
      bits_.skip(entry.total);
      difference = entry.value;
    } else if (const int size = part.dc->symbol(bits_) & 15; size != 0) {
      difference = extend(bits_.take(size), size);
    }
    // It wraps where a file is wrong.
    return part.last = static_cast<int>(static_cast<uint32_t>(part.last) + static_cast<uint32_t>(difference));
  }

  // A block of a sequential file; whether it has but the first coefficient.
  bool readWhole(Scan::Part& part, int16_t* block) {
    block[0] = static_cast<int16_t>(readDifference(part));
    bool onlyFirst = true;
    const HuffmanTable& table = *part.ac;
    for (int k = 1; k < kBlock; ++k) {
      bits_.fill();
      const HuffmanTable::Entry& entry = table.lookup(bits_);
      int run, value;
      if (entry.total != 0) {
        bits_.skip(entry.total);
        run = entry.symbol >> 4;
        value = entry.value;
      } else {
        const int symbol = table.symbol(bits_), size = symbol & 15;
        run = symbol >> 4;
        if (size == 0) {
          if (run != 15) break;
          k += 15;
          continue;
        }
        value = extend(bits_.take(size), size);
      }
      k += run;
      if (k >= kBlock) break;
      block[kZigzag[k]] = static_cast<int16_t>(value);
      onlyFirst = false;
    }
    return onlyFirst;
  }

  void readFirst(Scan::Part& part, int16_t* block) {
    block[0] = static_cast<int16_t>(static_cast<uint32_t>(readDifference(part)) << scan_.low);
  }

  void refineFirst(int16_t* block) {
    bits_.fill();
    if (bits_.takeBit()) block[0] |= static_cast<int16_t>(1 << scan_.low);
  }

  // How many blocks have nothing more in this band, this one among them.
  int readBandsToSkip(int size) {
    bits_.fill();
    return (1 << size) + (size == 0 ? 0 : static_cast<int>(bits_.take(size)));
  }

  void readBand(Scan::Part& part, int16_t* block) {
    if (bandsToSkip_ > 0) {
      --bandsToSkip_;
      return;
    }
    for (int k = scan_.from; k <= scan_.to; ++k) {
      bits_.fill();
      const int symbol = part.ac->symbol(bits_), run = symbol >> 4, size = symbol & 15;
      if (size == 0) {
        if (run != 15) {
          bandsToSkip_ = readBandsToSkip(run) - 1;
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      const int value = extend(bits_.take(size), size);
      if (k < kBlock) block[kZigzag[k]] = static_cast<int16_t>(static_cast<uint32_t>(value) << scan_.low);
    }
  }

  // One more bit of a coefficient that is not zero.
  void refine(int16_t& coefficient) {
    bits_.fill();
    const int bit = 1 << scan_.low;
    if (!bits_.takeBit() || (coefficient & bit) != 0) return;
    coefficient = static_cast<int16_t>(coefficient + (coefficient >= 0 ? bit : -bit));
  }

  void refineBand(Scan::Part& part, int16_t* block) {
    int k = scan_.from;
    if (bandsToSkip_ == 0) {
      for (; k <= scan_.to; ++k) {
        bits_.fill();
        const int symbol = part.ac->symbol(bits_), size = symbol & 15;
        int run = symbol >> 4, value = 0;
        if (size != 0) {
          // Its size can be but 1.
          value = bits_.takeBit() ? 1 << scan_.low : -(1 << scan_.low);
        } else if (run != 15) {
          bandsToSkip_ = readBandsToSkip(run);
          break;
        }
        // Passes over as many zeros as the run has, and refines what is between them.
        for (; k <= scan_.to; ++k) {
          int16_t& coefficient = block[kZigzag[k]];
          if (coefficient != 0) refine(coefficient);
          else if (--run < 0) break;
        }
        if (value != 0 && k < kBlock) block[kZigzag[k]] = static_cast<int16_t>(value);
      }
    }
    if (bandsToSkip_ > 0) {
      for (; k <= scan_.to; ++k) {
        int16_t& coefficient = block[kZigzag[k]];
        if (coefficient != 0) refine(coefficient);
      }
      --bandsToSkip_;
    }
  }

  Frame& frame_;
  Scan& scan_;
  BitReader bits_;
  int untilRestart_ = 0, nextRestart_ = 0, bandsToSkip_ = 0;
  bool isFirst_ = true, isStarved_ = false;
};

}  // namespace

bool decodeScan(Frame& frame, Scan& scan) { return ScanReader(frame, scan).run(); }

void transformCoefficients(Component& c) {
  parallelFor(c.blocksHigh, 1 + kBlockGrain / c.blocksWide, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      for (int64_t x = 0; x < c.blocksWide; ++x) {
        const int16_t* const block = c.coefficients + (y * c.blockStride() + x) * kBlock;
        inverse(block, c.steps, false, c.plane + 8 * (y * c.stride + x), c.stride);
      }
    }
  });
}

}  // namespace flambeau::jpeg
