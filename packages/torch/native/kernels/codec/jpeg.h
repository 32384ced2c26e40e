// What reading and writing JPEG have in common (ITU T.81): blocks of 8x8 coefficients in zigzag order, and markers.
#pragma once
#include <cstdint>

namespace flambeau::jpeg {

constexpr int kBlock = 64;
constexpr int kMaxComponents = 4;

// The place in a block of the coefficients, in the order in which files have them.
constexpr uint8_t kZigzag[kBlock] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

// Second bytes of markers.
enum Marker : uint8_t {
  SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc, SOF15 = 0xcf,
  RST0 = 0xd0, RST7 = 0xd7, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DNL = 0xdc, DRI = 0xdd,
  APP0 = 0xe0, APP14 = 0xee, TEM = 0x01,
};

inline int divideUp(int a, int b) { return (a + b - 1) / b; }

// What is wrong with a file, in the order of the messages in src/ops/codec/jpeg.ts.
enum class Failure {
  None, Truncated, NotJpeg, Structure, Process, Precision, Sampling, Colours, HuffmanTable, MissingTable, Progression, NoImage,
};

}  // namespace flambeau::jpeg
