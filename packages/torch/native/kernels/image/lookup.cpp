// What is done to each byte of an image by itself is a table of 256 results, in which all bytes are looked up; and how
// often each byte occurs.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int kBytes = 256;
// The colours of a pixel that lie side by side.
constexpr int64_t kMaxColours = 4;

// Pixels with their colours side by side, each with its table.
template <int Colours, class T>
void lookUpPixels(const uint8_t* __restrict in, const T* __restrict tables, T* __restrict out, int64_t pixels) {
  for (int64_t i = 0; i < pixels; ++i, in += Colours, out += Colours) {
    for (int c = 0; c < Colours; ++c) out[c] = tables[c * kBytes + in[c]];
  }
}

// The same, with the results plane by plane.
template <int Colours, class T>
void lookUpPlanes(const uint8_t* __restrict in, const T* __restrict tables, T* const* planes, int64_t from, int64_t to) {
  for (int c = 0; c < Colours; ++c) {
    T* __restrict plane = planes[c];
    for (int64_t i = from; i < to; ++i) plane[i] = tables[c * kBytes + in[i * Colours + c]];
  }
}

// Calls body with a constant that is the number of colours.
template <class Body>
void withColours(int64_t colours, const Body& body) {
  switch (colours) {
    case 1: return body(std::integral_constant<int, 1>());
    case 2: return body(std::integral_constant<int, 2>());
    case 3: return body(std::integral_constant<int, 3>());
    case 4: return body(std::integral_constant<int, 4>());
  }
  refuse("a pixel has up to four colours");
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
    if (run == 1 && count <= kMaxColours) {
      withColours(count, [&](auto colours) {
        parallelFor(elements / count, kImageGrain, [&](int64_t begin, int64_t end) {
          lookUpPixels<colours>(in + begin * count, tables, out + begin * count, end - begin);
        });
      });
      return;
    }
    if (run <= 0) return;
    parallelFor(elements / run, 1 + kImageGrain / run, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        lookUpPixels<1>(in + i * run, tables + i % count * kBytes, out + i * run, run);
      }
    });
  });
}

// The same for images with their colours side by side, which lie plane by plane in the result: (dtype, tables of the
// colours, images, pixels, colours, bytes, out)
FLAMBEAU_KERNEL(lookupPlanes) {
  dispatchSize(itemSize(params.dtype()), [&]<class T>(T) {
    const T* tables = params.pointer<T>();
    const int64_t images = params.integer(), pixels = params.integer(), count = params.integer();
    const uint8_t* in = params.pointer<uint8_t>();
    T* out = params.pointer<T>();
    // A piece of an image is read once for each of its colours, so it had better stay in the cache.
    constexpr int64_t kPiece = 4096;
    const int64_t pieces = (pixels + kPiece - 1) / kPiece;
    withColours(count, [&](auto colours) {
      parallelFor(images * pieces, kImageGrain / kPiece, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t image = i / pieces, from = i % pieces * kPiece;
          T* planes[kMaxColours];
          for (int64_t c = 0; c < count; ++c) planes[c] = out + (image * count + c) * pixels;
          lookUpPlanes<colours>(in + image * pixels * count, tables, planes, from, std::min(pixels, from + kPiece));
        }
      });
    });
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
