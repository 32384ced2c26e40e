// The checksum of zip archives.
#pragma once
#include <cstddef>
#include <cstdint>

namespace flambeau {

// The checksum of bytes that follow those with the checksum `before`, which is 0 where there are none.
uint32_t crc32After(uint32_t before, const void* bytes, size_t count);
// The checksum of bytes and `count` others behind them, of the checksums of both.
uint32_t crc32Joined(uint32_t first, uint32_t second, size_t count);

}  // namespace flambeau
