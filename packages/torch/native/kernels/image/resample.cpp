// Resampling of planes along their rows and columns in float32, as PyTorch does it: of floats, or of bytes that are rounded
// at the end. The pass that leaves less to do comes first.
//
// Along a row neighbours cannot be read as vectors, so squares of rows are transposed.
#include "kernels/image/bytes.h"
#include "kernels/image/windows.h"
#include "kernels/pointwise/stream.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau::image {
namespace {

constexpr int kWidth = Simd<float>::width;

inline int64_t rounded(int64_t count) { return (count + kWidth - 1) / kWidth * kWidth; }

// Rounds halves to even ones, by an addition that leaves no room for a fraction.
inline Vector<float> nearest(Vector<float> values) {
  constexpr float kShift = 12582912.0f;
  return values + kShift - kShift;
}

inline void store(float* to, Vector<float> sums) { Simd<float>::store(to, sums); }
inline void store(uint8_t* to, Vector<float> sums) {
  const Vector<float> zero = {}, most = zero + 255.0f;
  Vector<float> bounded = sums > zero ? sums : zero;
  bounded = bounded < most ? bounded : most;
  storeBytes(to, __builtin_convertvector(nearest(bounded), Wholes));
}
inline void store(float* to, float sum) { *to = sum; }
inline void store(uint8_t* to, float sum) { *to = flambeau::rounded(sum); }

template <class E>
struct Resampling {
  const Windows<float>&rows, &columns;
  bool streamed;  // whole vectors of the result go around the caches

  int64_t turnedSize() const { return (rounded(columns.in) + rounded(columns.out)) * kWidth; }

  // Up to kWidth rows, resampled along themselves.
  void along(const float* from, int64_t count, float* to, float* turned) const {
    float* const summed = turned + rounded(columns.in) * kWidth;
    for (int64_t c = 0; c < columns.in; c += kWidth) {
      const int64_t lanes = std::min<int64_t>(kWidth, columns.in - c);
      Vector<float> square[kWidth];
      for (int r = 0; r < kWidth; ++r) {
        square[r] = Simd<float>::load(from + std::min<int64_t>(r, count - 1) * columns.in + c, lanes);
      }
      simd::transpose(square);
      for (int j = 0; j < kWidth; ++j) Simd<float>::store(turned + (c + j) * kWidth, square[j]);
    }
    for (int64_t i = 0; i < columns.out; ++i) {
      Vector<float> sums[1] = {};
      columns.weigh(i, turned, kWidth, sums);
      Simd<float>::store(summed + i * kWidth, sums[0]);
    }
    for (int64_t i = 0; i < columns.out; i += kWidth) {
      const int64_t lanes = std::min<int64_t>(kWidth, columns.out - i);
      Vector<float> square[kWidth];
      for (int j = 0; j < kWidth; ++j) square[j] = Simd<float>::load(summed + (i + j) * kWidth);
      simd::transpose(square);
      for (int64_t r = 0; r < count; ++r) Simd<float>::store(to + r * columns.out + i, square[r], lanes);
    }
  }

  // A row that is the sum of others.
  template <class In, class Out>
  void down(int64_t i, const In* from, int64_t n, Out* to, bool around = false) const {
    rows.sumRows(
        i, from, n, n, 0.0f,
        [&](int64_t j, Vector<float> sums) {
          if (std::is_same_v<Out, float> && around) streamVector(to + j, sums);
          else store(to + j, sums);
        },
        [&](int64_t j, float sum) { store(to + j, sum); });
  }

  template <class In, class Out>
  static void convert(const In* from, Out* to, int64_t n) {
    int64_t j = 0;
    for (; j + kWidth <= n; j += kWidth) store(to + j, widened<float>(from + j));
    for (; j < n; ++j) store(to + j, static_cast<float>(from[j]));
  }

  // Places [begin, end) of the rows of a plane, where the sums of rows come first.
  void downFirst(const E* in, E* out, int64_t begin, int64_t end) const {
    static thread_local ThreadScratch scratch;
    float* tile = scratch.reserve<float>(kWidth * (columns.in + columns.out) + turnedSize());
    float* result = tile + kWidth * columns.in;
    float* turned = result + kWidth * columns.out;
    for (int64_t i = begin; i < end; i += kWidth) {
      const int64_t count = std::min<int64_t>(kWidth, end - i);
      for (int64_t r = 0; r < count; ++r) down(i + r, in, columns.in, tile + r * columns.in);
      E* to = out + i * columns.out;
      if constexpr (std::is_same_v<E, float>) {
        along(tile, count, to, turned);
      } else {
        along(tile, count, result, turned);
        convert(result, to, count * columns.out);
      }
    }
  }

  void alongFirst(const E* in, E* out, int64_t begin, int64_t end) const {
    static thread_local ThreadScratch scratch;
    const auto [first, last] = neighboursOf(rows, begin, end);
    const int64_t needed = last - first;
    float* middle = scratch.reserve<float>(needed * columns.out + kWidth * columns.in + turnedSize());
    float* tile = middle + needed * columns.out;
    float* turned = tile + kWidth * columns.in;
    for (int64_t r = 0; r < needed; r += kWidth) {
      const int64_t count = std::min<int64_t>(kWidth, needed - r);
      const E* from = in + (first + r) * columns.in;
      if constexpr (std::is_same_v<E, float>) {
        along(from, count, middle + r * columns.out, turned);
      } else {
        convert(from, tile, count * columns.in);
        along(tile, count, middle + r * columns.out, turned);
      }
    }
    for (int64_t i = begin; i < end; ++i) down(i, middle - first * columns.out, columns.out, out + i * columns.out, streamed);
    if (streamed) streamEnd();
  }
};

template <class E>
void resample(Params& params) {
  const int64_t planes = params.integer();
  const Windows<float> rows(params), columns(params);
  const E* in = params.pointer<E>();
  E* out = params.pointer<E>();
  const int64_t inCount = rows.in * columns.in, outCount = rows.out * columns.out;
  if (planes * outCount == 0) return;
  const bool isAligned = reinterpret_cast<uintptr_t>(out) % kVectorBytes == 0 && columns.out % kWidth == 0;
  const bool streamed = kCanStream && isAligned && planes * outCount * static_cast<int64_t>(sizeof(E)) >= kStreamed;
  const Resampling<E> resampling{rows, columns, streamed};
  // Where there are few planes each is shared out by bands of rows.
  const int64_t bands = planes >= threadCount() ? 1 : std::min<int64_t>(rows.out, threadCount());
  parallelFor(planes * bands, 1 + kImageGrain * bands / outCount, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t plane = i / bands, band = i % bands;
      const int64_t from = rows.out * band / bands, to = rows.out * (band + 1) / bands;
      if (rows.shrinks()) resampling.downFirst(in + plane * inCount, out + plane * outCount, from, to);
      else resampling.alongFirst(in + plane * inCount, out + plane * outCount, from, to);
    }
  });
}

}  // namespace

// (dtype, planes; for rows and for columns size of input, of output, starts, counts, weights of float32; input, output)
FLAMBEAU_KERNEL(resamplePlanes) {
  switch (params.dtype()) {
    case DType::UInt8: return resample<uint8_t>(params);
    case DType::Float32: return resample<float>(params);
    default: refuse("planes are resampled as bytes or float32");
  }
}

}  // namespace flambeau::image
