// Rows of blocks of bytes in reverse order.
#include <algorithm>
#include <cstring>

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Bytes that are worth waking another thread for.
constexpr int64_t kFlipGrain = 65536;

// Bytes is the size of a block; 0 stands for one that is told at run time.
template <int Bytes>
void flipRow(const char* __restrict from, char* __restrict to, int64_t count, int64_t bytes) {
  const int64_t size = Bytes > 0 ? Bytes : bytes;
  const char* last = from + (count - 1) * size;
  int64_t i = 0;
  if constexpr (Bytes == 3) {
    // Three bytes are moved as four, of which the last is overwritten by the next block. There is none behind the first.
    if (count > 0) std::memcpy(to, last, Bytes), i = 1;
    for (; i < count - 1; ++i) std::memcpy(to + i * Bytes, last - i * Bytes, Bytes + 1);
  }
  for (; i < count; ++i) std::memcpy(to + i * size, last - i * size, Bytes > 0 ? Bytes : bytes);
}

template <int Bytes>
void flipRows(Params& params, int64_t bytes) {
  const int64_t rows = params.integer(), count = params.integer();
  const char* in = params.pointer();
  char* out = params.pointer();
  const int64_t row = count * bytes;
  parallelFor(rows, 1 + kFlipGrain / std::max<int64_t>(1, row), [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) flipRow<Bytes>(in + y * row, out + y * row, count, bytes);
  });
}

}  // namespace

// (bytes of a block, rows, blocks of each, input, output)
FLAMBEAU_KERNEL(flip) {
  const int64_t bytes = params.integer();
  switch (bytes) {
    case 1: return flipRows<1>(params, bytes);
    case 2: return flipRows<2>(params, bytes);
    case 3: return flipRows<3>(params, bytes);
    case 4: return flipRows<4>(params, bytes);
    case 8: return flipRows<8>(params, bytes);
    default: return flipRows<0>(params, bytes);
  }
}

}  // namespace flambeau
