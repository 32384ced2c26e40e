// What is done to each byte of an image by itself is a table of 256 results, in which all bytes are looked up; and how
// often each byte occurs.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int kBytes = 256;
// Pixels whose colours are looked up one after the other, which reads them as often: they stay in the cache.
constexpr int64_t kPiece = 4096;

template <class T>
void lookUp(const uint8_t* __restrict in, int64_t inStep, const T* __restrict table, T* __restrict out, int64_t outStep,
            int64_t count) {
  if (outStep != 1) {
    for (int64_t i = 0; i < count; ++i) out[i * outStep] = table[in[i * inStep]];
  } else if (inStep != 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = table[in[i * inStep]];
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = table[in[i]];
  }
}

// Images with their colours side by side, each with its table. In the result pixels are `step` apart, and colours
// `colourStep`.
template <class T>
void lookUpColours(const uint8_t* in, const T* tables, T* out, int64_t images, int64_t pixels, int64_t colours, int64_t step,
                   int64_t colourStep) {
  const int64_t pieces = (pixels + kPiece - 1) / kPiece;
  parallelFor(images * pieces, kImageGrain / kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = i / pieces, first = i % pieces * kPiece;
      const uint8_t* from = in + (image * pixels + first) * colours;
      T* to = out + image * pixels * colours + first * step;
      for (int64_t c = 0; c < colours; ++c) {
        lookUp(from + c, colours, tables + c * kBytes, to + c * colourStep, step, std::min(pixels - first, kPiece));
      }
    }
  });
}

}  // namespace

// out[i] = tables[i / run % count][bytes[i]]: (dtype of the tables and of the result, tables, count, run, elements, bytes,
// out)
FLAMBEAU_KERNEL(lookup) {
  dispatchSize(itemSize(params.dtype()), [&]<class T>(T) {
    const T* tables = params.pointer<T>();
    const int64_t count = params.integer(), run = params.integer(), elements = params.integer();
    const uint8_t* in = params.pointer<uint8_t>();
    T* out = params.pointer<T>();
    if (run <= 0) return;
    if (run == 1) return lookUpColours(in, tables, out, 1, elements / count, count, count, 1);
    parallelFor(elements / run, 1 + kImageGrain / run, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) lookUp(in + i * run, 1, tables + i % count * kBytes, out + i * run, 1, run);
    });
  });
}

// The same for images with their colours side by side, which lie plane by plane in the result: (dtype, tables of the
// colours, images, pixels, colours, bytes, out)
FLAMBEAU_KERNEL(lookupPlanes) {
  dispatchSize(itemSize(params.dtype()), [&]<class T>(T) {
    const T* tables = params.pointer<T>();
    const int64_t images = params.integer(), pixels = params.integer(), colours = params.integer();
    const uint8_t* in = params.pointer<uint8_t>();
    lookUpColours(in, tables, params.pointer<T>(), images, pixels, colours, 1, pixels);
  });
}

// out[g][byte] = how often a byte occurs in group g: of runs of elements that belong to the groups in turn
// (groups, run, elements, bytes, out)
FLAMBEAU_KERNEL(byteCounts) {
  const int64_t groups = params.integer(), run = params.integer(), elements = params.integer();
  const uint8_t* in = params.pointer<uint8_t>();
  int64_t* out = params.pointer<int64_t>();
  std::fill_n(out, groups * kBytes, 0);
  if (run <= 0 || groups <= 0) return;
  const int64_t runs = elements / run;
  parallelFor(groups, 1 + kImageGrain / std::max<int64_t>(1, elements / groups), [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      // Several counters for each byte: neighbours are often the same, and would wait for each other.
      constexpr int kCounters = 4;
      uint32_t counts[kCounters][kBytes] = {};
      int64_t* total = out + g * kBytes;
      if (run == 1) {
        for (int64_t r = g, i = 0; r < runs; r += groups, ++i) ++counts[i % kCounters][in[r]];
      }
      for (int64_t r = g; run > 1 && r < runs; r += groups) {
        const uint8_t* bytes = in + r * run;
        int64_t i = 0;
        for (; i + kCounters <= run; i += kCounters) {
          for (int k = 0; k < kCounters; ++k) ++counts[k][bytes[i + k]];
        }
        for (; i < run; ++i) ++counts[i % kCounters][bytes[i]];
      }
      for (int k = 0; k < kCounters; ++k) {
        for (int b = 0; b < kBytes; ++b) total[b] += counts[k][b];
      }
    }
  });
}

}  // namespace flambeau
