// ByteResampling of images as PIL does it: weighted sums of bytes in integers, first along each row and then along each
// column, with a byte between the two. The colours of a pixel lie side by side.
//
// Along a row neighbours cannot be read as vectors, so several rows are turned into columns and back.
#include "kernels/image/bytes.h"
#include "kernels/image/windows.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau::image {
namespace {

// Rows that are turned together.
constexpr int kTurned = 16;
// Pixels of three bytes are moved as four; so much room there has to be behind them.
constexpr int kRoom = 64;

constexpr int kBits = 22;
constexpr int32_t kHalf = 1 << (kBits - 1);

inline uint8_t byteOf(int32_t sum) { return static_cast<uint8_t>(std::min(std::max(sum >> kBits, 0), 255)); }

inline void store(uint8_t* to, Wholes sums) {
  const Wholes zero = {}, most = zero + 255;
  Wholes whole = sums >> kBits;
  whole = whole < zero ? zero : whole;
  storeBytes(to, whole > most ? most : whole);
}

// Moves a pixel, and for three colours a byte more, which is overwritten later.
template <int Colours>
inline void movePixel(const uint8_t* from, uint8_t* to) {
  std::memcpy(to, from, Colours == 3 ? 4 : Colours);
}

template <int Colours>
struct ByteResampling {
  static constexpr int kLanes = kTurned * Colours;
  static constexpr int kVectors = kLanes / Simd<int32_t>::width;
  const Windows<int32_t>&rows, &columns;
  int64_t rowStep;

  // Up to kTurned rows, resampled along themselves.
  void along(const uint8_t* from, int64_t count, uint8_t* to, uint8_t* turned) const {
    const int64_t width = columns.out * Colours;
    uint8_t* const summed = turned + columns.in * kLanes + kRoom;
    for (int64_t c = 0; c < columns.in; ++c) {
      const bool isLast = c == columns.in - 1;
      for (int64_t r = 0; r < count; ++r) {
        const uint8_t* pixel = from + r * rowStep + c * Colours;
        uint8_t* place = turned + c * kLanes + r * Colours;
        if (isLast) std::memcpy(place, pixel, Colours);
        else movePixel<Colours>(pixel, place);
      }
    }
    for (int64_t i = 0; i < columns.out; ++i) {
      Wholes sums[kVectors];
      for (auto& sum : sums) sum = Wholes{} + kHalf;
      columns.weigh(i, turned, kLanes, sums);
      for (int v = 0; v < kVectors; ++v) store(summed + i * kLanes + v * Simd<int32_t>::width, sums[v]);
    }
    for (int64_t r = 0; r < count; ++r) {
      for (int64_t i = 0; i < columns.out; ++i) {
        movePixel<Colours>(summed + i * kLanes + r * Colours, to + r * width + i * Colours);
      }
    }
  }

  // Places [begin, end) of the rows of an image.
  void run(const uint8_t* in, uint8_t* out, int64_t begin, int64_t end) const {
    static thread_local ThreadScratch scratch;
    const auto [first, last] = neighboursOf(rows, begin, end);
    const int64_t width = columns.out * Colours, needed = last - first;
    uint8_t* middle = scratch.reserve<uint8_t>(needed * width + (columns.in + columns.out) * kLanes + 3 * kRoom);
    uint8_t* turned = middle + needed * width + kRoom;
    for (int64_t row = 0; row < needed; row += kTurned) {
      const int64_t count = std::min<int64_t>(kTurned, needed - row);
      along(in + (first + row) * rowStep, count, middle + row * width, turned);
    }
    for (int64_t i = begin; i < end; ++i) {
      uint8_t* to = out + i * width;
      rows.sumRows(
          i, middle - first * width, width, width, kHalf,
          [&](int64_t j, Wholes sums) { store(to + j, sums); },
          [&](int64_t j, int32_t sum) { to[j] = byteOf(sum); });
    }
  }
};

template <int Colours>
void resample(Params& params, int64_t rowStep) {
  const Windows<int32_t> rows(params), columns(params);
  const uint8_t* in = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  if (rows.out * columns.out == 0) return;
  const ByteResampling<Colours> resampling{rows, columns, rowStep};
  parallelFor(rows.out, 1 + kImageGrain / (columns.out * Colours), [&](int64_t begin, int64_t end) {
    resampling.run(in, out, begin, end);
  });
}

}  // namespace

// (colours side by side, step from row to row of the input; for rows and for columns size of input, of output, starts,
// counts, weights with 22 bits behind the point; input, output)
FLAMBEAU_KERNEL(resampleBytes) {
  const int64_t colours = params.integer(), rowStep = params.integer();
  switch (colours) {
    case 1: return resample<1>(params, rowStep);
    case 2: return resample<2>(params, rowStep);
    case 3: return resample<3>(params, rowStep);
    case 4: return resample<4>(params, rowStep);
  }
  refuse("a pixel has up to four colours");
}

}  // namespace flambeau::image
