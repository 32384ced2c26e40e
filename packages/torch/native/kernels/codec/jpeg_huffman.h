// Huffman codes of JPEG, and the bits of an entropy-coded segment.
#pragma once
#include <cstring>

#include "kernels/codec/jpeg.h"

namespace flambeau::jpeg {

// Reads bits, the first one uppermost. Behind the end, and from the next marker on, come zeros.
class BitReader {
 public:
  BitReader(const uint8_t* next, const uint8_t* end) : next_(next), end_(end) {}

  // Makes at least 48 bits available.
  void fill() {
    if (count_ >= 48) return;
    if (marker_ == 0 && end_ - next_ >= 8) {
      uint64_t word;
      std::memcpy(&word, next_, 8);
      word = __builtin_bswap64(word);
      // Without a byte of 0xff there is nothing stuffed, and no marker.
      if (((~word - 0x0101010101010101u) & word & 0x8080808080808080u) == 0) {
        buffer_ |= word >> count_;
        const int bytes = (63 - count_) >> 3;
        next_ += bytes;
        count_ += 8 * bytes;
        return;
      }
    }
    // What the fast way has put beneath the bits that count is not meant.
    if (count_ > 0) buffer_ &= ~uint64_t{0} << (64 - count_);
    else buffer_ = 0;
    while (count_ <= 56) append(nextByte());
  }

  // The next bits, which `fill` has to have made available; `count` is from 1 to 16.
  uint32_t peek(int count) const { return static_cast<uint32_t>(buffer_ >> (64 - count)); }
  void skip(int count) {
    buffer_ <<= count;
    count_ -= count;
  }
  uint32_t take(int count) {
    const uint32_t bits = peek(count);
    skip(count);
    return bits;
  }
  bool takeBit() { return take(1) != 0; }

  // Whether bits were taken of which there are none, and whether that was at a marker rather than the end of the file.
  bool isExhausted() const { return padding_ > count_; }
  bool isAtMarker() const { return marker_ != 0; }

  // Drops the rest of the byte, and what was read ahead; the next segment begins at `next`.
  void restart(const uint8_t* next) {
    next_ = next;
    buffer_ = 0;
    count_ = padding_ = 0;
    marker_ = 0;
  }

  // Where the marker is at which the bits end: looks for it from the bytes that were not read yet.
  const uint8_t* findMarker() const {
    const uint8_t* p = marker_ != 0 ? markerAt_ : next_;
    while (p + 1 < end_ && !(p[0] == 0xff && p[1] != 0 && p[1] != 0xff)) ++p;
    return p + 1 < end_ ? p : end_;
  }

 private:
  void append(uint8_t byte) {
    buffer_ |= static_cast<uint64_t>(byte) << (56 - count_);
    count_ += 8;
  }

  uint8_t nextByte() {
    if (marker_ != 0 || next_ >= end_) return nothing();
    const uint8_t byte = *next_++;
    if (byte != 0xff) return byte;
    const uint8_t* const first = next_ - 1;
    while (next_ < end_ && *next_ == 0xff) ++next_;
    if (next_ >= end_) return nothing();
    const uint8_t code = *next_++;
    if (code == 0) return 0xff;
    marker_ = code;
    markerAt_ = first;
    return nothing();
  }

  uint8_t nothing() {
    padding_ += 8;
    return 0;
  }

  const uint8_t *next_, *end_, *markerAt_ = nullptr;
  uint64_t buffer_ = 0;  // bits from the top
  int count_ = 0, padding_ = 0;
  uint8_t marker_ = 0;
};

// A number of so many bits in JPEG's form, in which the upper half are the positive ones.
inline int extend(uint32_t bits, int size) {
  return static_cast<int>(bits) - (bits >> (size - 1) ? 0 : (1 << size) - 1);
}

// Codes by length, with a table for those of few bits.
class HuffmanTable {
 public:
  static constexpr int kLookup = 10;

  // What the next bits mean. `length` is 0 where the code is longer than the table; `symbol` has a run of zeros in its
  // upper and the number of bits of a value in its lower half. Where those bits are in the table too, `total` is the
  // length of both, and `value` theirs.
  struct Entry {
    int16_t value;
    uint8_t symbol, length, total;
  };

  bool isDefined = false;

  // Takes numbers of codes for the lengths 1 to 16, and the symbols. False if there cannot be such codes.
  bool define(const uint8_t counts[16], const uint8_t* symbols, int size) {
    std::memset(entries_, 0, sizeof entries_);
    std::memcpy(symbols_, symbols, size);
    uint32_t code = 0;
    int at = 0;
    for (int length = 1; length <= 16; ++length) {
      first_[length] = at - static_cast<int>(code);
      for (int i = 0; i < counts[length - 1]; ++i, ++at, ++code) {
        if (length <= kLookup) enter(code, length, symbols[at]);
      }
      if (code > 1u << length) return false;
      limit_[length] = code << (16 - length);
      code <<= 1;
    }
    isDefined = true;
    return true;
  }

  bool holdsOnly(int most) const {
    for (const Entry& entry : entries_) {
      if (entry.length != 0 && entry.symbol > most) return false;
    }
    return true;
  }

  const Entry& lookup(const BitReader& bits) const { return entries_[bits.peek(kLookup)]; }

  // The next symbol; 0 where the bits are no code, as libjpeg has it.
  int symbol(BitReader& bits) const {
    const Entry& entry = lookup(bits);
    if (entry.length != 0) {
      bits.skip(entry.length);
      return entry.symbol;
    }
    const uint32_t next = bits.peek(16);
    for (int length = kLookup + 1; length <= 16; ++length) {
      if (next < limit_[length]) {
        bits.skip(length);
        return symbols_[(first_[length] + (next >> (16 - length))) & 0xff];
      }
    }
    bits.skip(16);
    return 0;
  }

 private:
  void enter(uint32_t code, int length, uint8_t symbol) {
    const int size = symbol & 15, rest = kLookup - length;
    const uint32_t begin = code << rest, end = (code + 1) << rest;
    for (uint32_t i = begin; i < end && i < 1u << kLookup; ++i) {
      Entry entry{0, symbol, static_cast<uint8_t>(length), 0};
      if (size > 0 && size <= rest) {
        entry.value = static_cast<int16_t>(extend((i >> (rest - size)) & ((1u << size) - 1), size));
        entry.total = static_cast<uint8_t>(length + size);
      }
      entries_[i] = entry;
    }
  }

  Entry entries_[1 << kLookup];
  uint8_t symbols_[256] = {};
  int first_[17];        // of the codes of a length: the place of its symbol less the code
  uint32_t limit_[17];   // above all codes up to a length, as the upper of 16 bits
};

}  // namespace flambeau::jpeg
