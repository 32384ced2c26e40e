// Images of bytes mirrored left to right, with their colours side by side.
#include <cstring>

#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

template <int Colours>
void mirrorRow(const uint8_t* __restrict from, uint8_t* __restrict to, int64_t width) {
  const uint8_t* pixel = from + (width - 1) * Colours;
  // Three bytes are moved as four, of which the last is overwritten by the next pixel.
  constexpr int kMoved = Colours == 3 ? 4 : Colours;
  if constexpr (Colours == 3) {
    if (width > 0) std::memcpy(to, pixel, Colours);
    for (int64_t i = 1; i < width - 1; ++i) std::memcpy(to + i * Colours, pixel - i * Colours, kMoved);
    if (width > 1) std::memcpy(to + (width - 1) * Colours, from, Colours);
  } else {
    for (int64_t i = 0; i < width; ++i) std::memcpy(to + i * Colours, pixel - i * Colours, kMoved);
  }
}

template <int Colours>
void mirrorRows(Params& params) {
  const int64_t rows = params.integer(), width = params.integer();
  const uint8_t* in = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  const int64_t row = width * Colours;
  parallelFor(rows, 1 + kImageGrain / std::max<int64_t>(1, row), [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) mirrorRow<Colours>(in + y * row, out + y * row, width);
  });
}

}  // namespace

// (colours, rows, width, input, output)
FLAMBEAU_KERNEL(mirrorBytes) {
  switch (params.integer()) {
    case 1: return mirrorRows<1>(params);
    case 2: return mirrorRows<2>(params);
    case 3: return mirrorRows<3>(params);
    case 4: return mirrorRows<4>(params);
  }
  refuse("a pixel has up to four colours");
}

}  // namespace flambeau
