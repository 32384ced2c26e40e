// Convolutions of 3×3 with stride 1 by Winograd's sums. Rounding errors are as large as those of the direct sums, for there
// are a ninth of the terms to add up; where a result is not finite, the direct way says which ones are.
#include "kernels/conv/winograd.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/rows.h"
#include "runtime/atomic.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

using namespace winograd;

namespace {

constexpr auto kLanes = std::make_integer_sequence<int, S::width>{};

// Elements of sums that are worked on at a time: they stay in the last-level cache, and the sums of kernels, which each
// part fetches again, are fetched seldom.
constexpr int64_t kSumElements = 1 << 20;

// The sums of a kernel and of products along one dim.
constexpr auto transformKernel = [](const Floats (&g)[3], Floats (&to)[kReach]) {
  const Floats ends = 0.5f * (g[0] + g[2]), middle = 0.5f * g[1];
  to[0] = g[0];
  to[1] = ends + middle;
  to[2] = ends - middle;
  to[3] = g[2];
};

constexpr auto transformSums = [](const Floats (&m)[kReach], Floats (&to)[kSide]) {
  to[0] = m[0] + m[1] + m[2];
  to[1] = m[1] - m[2] - m[3];
};

class Winograd {
 public:
  explicit Winograd(const Correlation<float>& c)
      : c_(c), rows_((c.axes[1].out + 1) / kSide), cols_((c.axes[2].out + 1) / kSide),
        kernelSums_(apart(c.results * c.sources)), bandRows_(rows_, 1), bandImages_(c.batch, c.batch) {
    const int64_t threads = threadCount();
    const int64_t most = std::max<int64_t>(kSumElements / (c.sources + c.results) / kSums, 6 * S::width);
    const int64_t rows = std::max<int64_t>(1, most / cols_);
    const int64_t images = std::clamp<int64_t>(rows / rows_, 1, std::max<int64_t>(1, c.batch / threads));
    bandImages_ = Split(c.batch, (c.batch + images - 1) / images);
    int64_t parts = (rows_ + rows - 1) / rows;
    while (parts * bandImages_.parts % threads != 0 && parts < rows_) ++parts;
    bandRows_ = Split(rows_, std::min(parts, rows_));
  }

  // False if some result is not finite.
  bool run() {
    static thread_local ThreadScratch scratch;
    kernels_ = scratch.reserve<float>(kSums * kernelSums_);
    parallelFor(c_.results, std::max<int64_t>(1, (1 << 13) / c_.sources), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) transformKernels(r);
    });
    Atomic<bool> isFinite = true;
    parallelFor(bandRows_.parts * bandImages_.parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end && isFinite; ++i) {
        const int64_t image = i / bandRows_.parts, row = i % bandRows_.parts;
        if (!runBand({bandImages_.begin(image), bandImages_.size(image), bandRows_.begin(row), bandRows_.size(row)})) {
          isFinite = false;
        }
      }
    });
    return isFinite;
  }

 private:
  // The sums of the kernels of a result, for vectors of sources.
  void transformKernels(int64_t r) const {
    const KernelPlaces places(c_.tap, c_.axes);
    for (int64_t s = 0; s < c_.sources; s += S::width) {
      const int64_t count = std::min<int64_t>(S::width, c_.sources - s);
      const float* from = c_.weight + r * c_.weightResult + s * c_.weightSource;
      alignas(kVectorBytes) float lanes[9][S::width] = {};
      for (int64_t lane = 0; lane < count; ++lane, from += c_.weightSource) {
        for (int64_t t = 0; t < 9; ++t) lanes[t][lane] = from[places.at[t / 3][t % 3]];
      }
      Floats taps[3][3], sums[kReach][kReach];
      for (int64_t t = 0; t < 9; ++t) taps[t / 3][t % 3] = S::load(lanes[t]);
      transformBoth<3, kReach>(taps, sums, transformKernel);
      float* to = kernels_ + r * c_.sources + s;
      for (int i = 0; i < kSums; ++i) S::store(to + i * kernelSums_, sums[i / kReach][i % kReach], count);
    }
  }

  bool runBand(const Band& band) const {
    static thread_local ThreadScratch sumScratch;
    const int64_t positions = band.images * band.rows * cols_;
    const int64_t padded = (positions + S::width - 1) / S::width * S::width, row = rowOf(positions);
    const int64_t sourceSums = apart(c_.sources * row), resultSums = apart(c_.results * padded);
    float* sources = sumScratch.reserve<float>(kSums * (sourceSums + resultSums));
    float* results = sources + kSums * sourceSums;
    transformSources(band, row, sources, sourceSums);
    for (int i = 0; i < kSums; ++i) {
      const Matrix<const float> kernels = {kernels_ + i * kernelSums_, c_.sources, 1};
      const Matrix<const float> columns = {sources + i * sourceSums, row, 1};
      const Matrix<float> products = {results + i * resultSums, padded, 1};
      gemm<float>({c_.results, padded, c_.sources, kernels, columns, products, {}, 1, 0, false}, false);
    }
    static thread_local ThreadScratch lineScratch;
    float* lines = lineScratch.reserve<float>(kSide * lineElements(band));
    Floats rest = {};
    for (int64_t r = 0; r < c_.results; ++r) rest += writeResult(band, r, results + r * padded, resultSums, lines);
    return sumLanes<float>(rest) == 0;
  }

  // The sums of all sources, [sum, source, position]; behind the last position they are anything.
  void transformSources(const Band& band, int64_t row, float* to, int64_t step) const {
    static thread_local ThreadScratch scratch;
    BlockSource source(c_.axes[1], c_.axes[2], band.rows, cols_);
    source.begin(scratch.reserve<float>(source.elements()));
    for (int64_t s = 0; s < c_.sources; ++s, to += row) {
      sumBlocks<kReach>(source, c_.in, s, band, cols_, to, step, transformSource);
    }
  }

  // Results of the blocks of a band in one image, and room behind them: all upper lines of blocks, or all lower ones.
  int64_t lineElements(const Band& band) const { return kSide * (band.rows * cols_ + S::width); }

  // The results of a kind from their sums, and what becomes of them; zero, or NaN if some are not finite.
  Floats writeResult(const Band& band, int64_t r, const float* sums, int64_t step, float* lines) const {
    const float bias = c_.bias == nullptr ? 0.0f : c_.bias[r * c_.biasStride];
    const int64_t blocks = band.rows * cols_, y = band.row * kSide;
    const int64_t count = std::min(band.rows * kSide, c_.axes[1].out - y);
    Floats rest = {};
    for (int64_t n = 0; n < band.images; ++n, sums += blocks) {
      for (int64_t at = 0; at < blocks; at += S::width) {
        rest += sumProducts(sums + at, step, bias, lines + kSide * at, lineElements(band), blocks - at);
      }
      float* out = c_.out.at(band.image + n, r, 0, y, 0);
      copyLines(lines, lineElements(band), out, count);
      c_.finishLines(r, out, count, c_.axes[2].out);
    }
    return rest;
  }

  // The two lines of a vector of blocks, `apart` from each other; what is over of v - v in the first `left` of them.
  static Floats sumProducts(const float* sums, int64_t step, float bias, float* lines, int64_t apart, int64_t left) {
    Floats products[kReach][kReach], result[kSide][kSide], rest = {};
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) products[i / kReach][i % kReach] = S::load(sums + i * step);
    transformBoth<kReach, kSide>(products, result, transformSums);
#pragma GCC unroll 2
    for (int line = 0; line < kSide; ++line, lines += apart) {
      const Floats low = result[line][0] + bias, high = result[line][1] + bias;
      const Floats overs = (low - low) + (high - high);
      rest += left >= S::width ? overs : firstOf(overs, left);
      S::store(lines, simd::zip<0>(low, high, kLanes));
      S::store(lines + S::width, simd::zip<1>(low, high, kLanes));
    }
    return rest;
  }

  static Floats firstOf(Floats v, int64_t count) {
    float lanes[S::width];
    S::store(lanes, v);
    return S::load(lanes, count);
  }

  // Upper and lower lines in turn. Where they are dense what is stored beyond one, the next takes the place of.
  void copyLines(const float* lines, int64_t apart, float* out, int64_t count) const {
    const int64_t length = c_.axes[2].out, padded = (length + S::width - 1) / S::width * S::width, step = c_.out.step[1];
    const float* const end = out + (count - 1) * step + length;
    for (int64_t line = 0; line < count; ++line, out += step) {
      const float* from = lines + line % kSide * apart + line / kSide * kSide * cols_;
      storeRow(from, step == length ? std::min<int64_t>(padded, end - out) : length, out, 1);
    }
  }

  const Correlation<float>& c_;
  const int64_t rows_, cols_;
  const int64_t kernelSums_;
  Split bandRows_, bandImages_;
  float* kernels_ = nullptr;
};

// Channels from which the products outweigh the sums of sources and results.
constexpr int64_t kFewChannels = 16;

}  // namespace

bool correlateWinograd(const Correlation<float>& c) {
  if (std::min(c.sources, c.results) < kFewChannels || !isLarge(c.axes, c.taps, c.batch)) return false;
  return c.in.step[2] == 1 && c.out.step[2] == 1 && Winograd(c).run();
}

}  // namespace flambeau
