// The checksum of zip archives (CRC-32, reflected, polynomial 0xEDB88320), as fast as memory is read.
#include "kernels/runtime/crc32.h"

#include <array>

#include "kernels/kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define FLAMBEAU_FOLDS 1
#include <wmmintrin.h>
#endif

namespace flambeau {
namespace {

using Table = std::array<std::array<uint32_t, 256>, 8>;

// At [k][b] what a byte b does that k more bytes follow.
constexpr Table makeTables() {
  Table tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0);
    tables[0][byte] = crc;
  }
  for (int k = 1; k < 8; ++k) {
    for (int byte = 0; byte < 256; ++byte) {
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 255];
    }
  }
  return tables;
}

constexpr Table tables = makeTables();

uint32_t byTables(uint32_t crc, const uint8_t* bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint32_t next = 0;
    for (int k = 0; k < 4; ++k) next ^= tables[7 - k][bytes[k] ^ ((crc >> (8 * k)) & 255)];
    for (int k = 4; k < 8; ++k) next ^= tables[7 - k][bytes[k]];
    crc = next;
  }
  for (; count > 0; ++bytes, --count) crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 255];
  return crc;
}

#if FLAMBEAU_FOLDS
#define FLAMBEAU_CARRYLESS __attribute__((target("pclmul,sse4.1")))

// What stands so many bits before the data as the factor says is moved onto it: remainders stay the same.
FLAMBEAU_CARRYLESS inline __m128i fold(__m128i state, __m128i factor, __m128i data) {
  const __m128i low = _mm_clmulepi64_si128(state, factor, 0x00);
  const __m128i high = _mm_clmulepi64_si128(state, factor, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), data);
}

// Folds at least 64 bytes, a multiple of 16, into 16 bytes that have the same checksum.
FLAMBEAU_CARRYLESS uint32_t byFolding(uint32_t crc, const uint8_t* bytes, size_t count) {
  const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
  const __m128i by16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  const auto load = [&](size_t at) FLAMBEAU_CARRYLESS {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
  };
  __m128i lanes[4];
  for (int i = 0; i < 4; ++i) lanes[i] = load(16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(crc)));
  size_t at = 64;
  for (; at + 64 <= count; at += 64) {
    for (int i = 0; i < 4; ++i) lanes[i] = fold(lanes[i], by64, load(at + 16 * i));
  }
  __m128i state = lanes[0];
  for (int i = 1; i < 4; ++i) state = fold(state, by16, lanes[i]);
  for (; at < count; at += 16) state = fold(state, by16, load(at));
  uint8_t rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), state);
  return byTables(0, rest, sizeof rest);
}
#endif

uint32_t update(uint32_t crc, const uint8_t* bytes, size_t count) {
#if FLAMBEAU_FOLDS
  static const bool folds = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  if (folds && count >= 64) {
    const size_t whole = count & ~size_t{15};
    crc = byFolding(crc, bytes, whole);
    bytes += whole;
    count -= whole;
  }
#endif
  return byTables(crc, bytes, count);
}

// The product of two polynomials, whose highest coefficients are in the lowest bits, modulo that of the checksum.
uint32_t product(uint32_t a, uint32_t b) {
  uint32_t sum = 0;
  for (; a != 0; a <<= 1) {
    if (a >> 31) sum ^= b;
    b = (b >> 1) ^ ((b & 1) ? 0xEDB88320u : 0);
  }
  return sum;
}

// What so many bytes of zeros behind it multiply a checksum by: x to the power of their bits.
uint32_t shiftBy(size_t count) {
  uint32_t result = 1u << 31;
  uint32_t power = 1u << 23;
  for (; count > 0; count >>= 1) {
    if (count & 1) result = product(result, power);
    power = product(power, power);
  }
  return result;
}

}  // namespace

uint32_t crc32After(uint32_t before, const void* bytes, size_t count) {
  return ~update(~before, static_cast<const uint8_t*>(bytes), count);
}

uint32_t crc32Joined(uint32_t first, uint32_t second, size_t count) { return product(shiftBy(count), first) ^ second; }

// (address, count, checksum so far) -> the checksum with these bytes.
FLAMBEAU_KERNEL(crc32) {
  const uint8_t* bytes = params.pointer<uint8_t>();
  const auto count = static_cast<size_t>(params.integer());
  const auto before = static_cast<uint32_t>(params.integer());
  params.result(0, crc32After(before, bytes, count));
}

}  // namespace flambeau
