// Bytes weighed with the eight around them: five times the byte itself and once each neighbour, divided by their sum and
// rounded. What is at the edges of an image stays.
#include <algorithm>
#include <cstring>

#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// A row between two others, of so many bytes; `step` from one pixel to the next. `sums` has room for a row.
void smoothRow(const uint8_t* __restrict row, int64_t length, int64_t step, uint8_t* __restrict out, uint16_t* __restrict sums) {
  const uint8_t *above = row - length, *below = row + length;
  for (int64_t i = 0; i < length; ++i) sums[i] = static_cast<uint16_t>(above[i] + row[i] + below[i]);
  for (int64_t i = 0; i < std::min(step, length); ++i) out[i] = row[i];
  for (int64_t i = step; i < length - step; ++i) {
    const uint32_t sum = sums[i - step] + sums[i] + sums[i + step] + 4 * row[i];
    // (2 sum + 13) / 26, by a factor that is exact for sums of 13 bytes.
    out[i] = static_cast<uint8_t>(((2 * sum + 13) * 80660) >> 21);
  }
  for (int64_t i = std::max(step, length - step); i < length; ++i) out[i] = row[i];
}

}  // namespace

// (planes, rows, width, colours side by side, input, output)
FLAMBEAU_KERNEL(smoothBytes) {
  const int64_t planes = params.integer(), rows = params.integer(), width = params.integer(), step = params.integer();
  const uint8_t* in = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  const int64_t length = width * step;
  parallelFor(planes * rows, 1 + kImageGrain / std::max<int64_t>(1, length), [&](int64_t begin, int64_t end) {
    static thread_local ThreadScratch scratch;
    uint16_t* sums = scratch.reserve<uint16_t>(length);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t y = i % rows;
      if (y == 0 || y == rows - 1) std::memcpy(out + i * length, in + i * length, length);
      else smoothRow(in + i * length, length, step, out + i * length, sums);
    }
  });
}

}  // namespace flambeau
