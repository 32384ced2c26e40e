// Resampling of bytes along the rows and columns of images: weighted sums of neighbours, first along each row and then
// along each column. Either as PIL does it, in integers, with a byte between the two, or as PyTorch does it, in float32.
//
// Along a row neighbours cannot be read as vectors, so several rows are turned into columns and back.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Lanes of a sum that are computed together.
constexpr int64_t kLanes = 256;
// Rows that are turned together, and how many columns of them at a time.
constexpr int64_t kTurned = 16;

// Weights are integers of 22 bits behind the point, and what is between the passes is a byte.
struct Fixed {
  using Weight = int32_t;
  using Middle = uint8_t;
  static constexpr int kBits = 22;
  static constexpr int32_t kStart = 1 << (kBits - 1);
  static uint8_t clipped(int32_t sum) { return static_cast<uint8_t>(std::min(std::max(sum >> kBits, 0), 255)); }
  static Middle middle(int32_t sum) { return clipped(sum); }
  static uint8_t last(int32_t sum) { return clipped(sum); }
};

struct Floating {
  using Weight = float;
  using Middle = float;
  static constexpr float kStart = 0;
  static Middle middle(float sum) { return sum; }
  static uint8_t last(float sum) { return rounded(sum); }
};

template <class Weight>
struct Dim {
  int64_t in, out;
  const int32_t *starts, *counts;
  const Weight* weights;  // all first ones, then all second ones

  explicit Dim(Params& params) {
    in = params.integer();
    out = params.integer();
    starts = params.pointer<int32_t>();
    counts = params.pointer<int32_t>();
    weights = params.pointer<Weight>();
    for (int64_t i = 0; i < out; ++i) {
      if (starts[i] < 0 || counts[i] < 0 || starts[i] + counts[i] > in) refuse("a window reaches outside its dim");
    }
  }

  // to[:] = the weighted sum of rows of `n` elements that are `step` apart, for place i.
  template <class In, class Out, class Finish>
  void sum(int64_t i, const In* from, int64_t step, int64_t n, Out* to, Weight start, const Finish& finish) const {
    const In* first = from + starts[i] * step;
    for (int64_t begin = 0; begin < n; begin += kLanes) {
      Weight sums[kLanes];
      const int64_t lanes = std::min(kLanes, n - begin);
      std::fill_n(sums, lanes, start);
      for (int32_t k = 0; k < counts[i]; ++k) {
        const Weight w = weights[k * out + i];
        const In* __restrict row = first + k * step + begin;
        for (int64_t j = 0; j < lanes; ++j) sums[j] += w * static_cast<Weight>(row[j]);
      }
      for (int64_t j = 0; j < lanes; ++j) to[begin + j] = finish(sums[j]);
    }
  }
};

// to[column][row] = from[row][column], of pixels of Colours elements.
template <int Colours, class T>
void turn(const T* from, int64_t fromStep, T* to, int64_t toStep, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      for (int e = 0; e < Colours; ++e) to[c * toStep + r * Colours + e] = from[r * fromStep + c * Colours + e];
    }
  }
}

template <class Rule, int Colours>
struct Resampling {
  using Weight = typename Rule::Weight;
  using Middle = typename Rule::Middle;
  const Dim<Weight>&rows, &columns;
  int64_t rowStep;

  // Places [begin, end) of the rows of one plane.
  void run(const uint8_t* in, uint8_t* out, int64_t begin, int64_t end) const {
    static thread_local ThreadScratch scratch;
    int64_t first = rows.in, last = 0;
    for (int64_t i = begin; i < end; ++i) {
      if (rows.counts[i] == 0) continue;
      first = std::min<int64_t>(first, rows.starts[i]);
      last = std::max<int64_t>(last, rows.starts[i] + rows.counts[i]);
    }
    const int64_t width = columns.out * Colours, lanes = kTurned * Colours;
    const int64_t needed = std::max<int64_t>(0, last - first);
    Middle* middle = scratch.reserve<Middle>(needed * width + columns.out * lanes + columns.in * lanes);
    Middle* summed = middle + needed * width;
    uint8_t* turned = reinterpret_cast<uint8_t*>(summed + columns.out * lanes);
    for (int64_t row = 0; row < needed; row += kTurned) {
      const int64_t together = std::min(kTurned, needed - row);
      turn<Colours>(in + (first + row) * rowStep, rowStep, turned, lanes, together, columns.in);
      for (int64_t i = 0; i < columns.out; ++i) {
        columns.sum(i, turned, lanes, together * Colours, summed + i * lanes, Weight(Rule::kStart), Rule::middle);
      }
      for (int64_t r = 0; r < together; ++r) {
        turn<Colours>(summed + r * Colours, lanes, middle + (row + r) * width, Colours, columns.out, 1);
      }
    }
    for (int64_t i = begin; i < end; ++i) {
      rows.sum(i, middle - first * width, width, width, out + i * width, Weight(Rule::kStart), Rule::last);
    }
  }
};

template <class Rule>
void resampleImages(Params& params) {
  using Weight = typename Rule::Weight;
  const int64_t planes = params.integer(), colours = params.integer(), rowStep = params.integer(),
                planeStep = params.integer();
  const Dim<Weight> rows(params), columns(params);
  const uint8_t* in = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  const int64_t plane = rows.out * columns.out * colours;
  if (planes * plane == 0) return;
  const auto run = [&]<int Colours>(std::integral_constant<int, Colours>) {
    const Resampling<Rule, Colours> resampling{rows, columns, rowStep};
    // Where there are few planes each is shared out by bands of rows.
    const int64_t bands = planes >= threadCount() ? 1 : std::min<int64_t>(rows.out, threadCount());
    parallelFor(planes * bands, 1 + kImageGrain * bands / plane, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t p = i / bands, band = i % bands;
        resampling.run(in + p * planeStep, out + p * plane, rows.out * band / bands, rows.out * (band + 1) / bands);
      }
    });
  };
  switch (colours) {
    case 1: return run(std::integral_constant<int, 1>());
    case 2: return run(std::integral_constant<int, 2>());
    case 3: return run(std::integral_constant<int, 3>());
    case 4: return run(std::integral_constant<int, 4>());
  }
  refuse("a pixel has up to four colours");
}

}  // namespace

// (whether in integers, planes, colours side by side, steps of rows and planes in the input; for rows and for columns
// size of input, of output, starts, counts, weights; input, output)
FLAMBEAU_KERNEL(resampleBytes) {
  if (params.flag()) resampleImages<Fixed>(params);
  else resampleImages<Floating>(params);
}

}  // namespace flambeau
