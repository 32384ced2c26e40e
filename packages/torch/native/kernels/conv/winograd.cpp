// Convolutions of 3×3 with stride 1 by Winograd's F(2×2, 3×3): of each 4×4 elements of a source and of each kernel 16 sums
// are formed, whose products, added up over the sources, give 2×2 results by sums again. They are 16 products for what
// else takes 36, and lie in 16 products of matrices. Rounding errors are as large as those of the direct sums, for there
// are a ninth of the terms to add up; where a result is not finite, the direct way says which ones are.
//
// Source: https://arxiv.org/abs/1509.09308

#include "kernels/conv/blocks.h"
#include "kernels/conv/convolution.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/rows.h"
#include "runtime/atomic.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

using S = Simd<float>;
using Floats = S::Vector;
constexpr auto kLanes = std::make_integer_sequence<int, S::width>{};

// Results along a dim that are computed together, the elements that they read, and the sums of a kernel.
constexpr int kSide = 2, kReach = BlockSource::kReach, kSums = kReach * kReach;

// Elements of sums that are worked on at a time: they stay in the last-level cache, and the sums of kernels, which each
// part fetches again, are fetched seldom.
constexpr int64_t kSumElements = 1 << 20;

// Rows of so many elements for each of the sums would be in each other's way, where they lie a power of two apart.
int64_t apart(int64_t elements) { return elements + 5 * S::width; }

// The sums of elements, of a kernel, and of products, along one dim.
inline void transformSource(const Floats (&d)[kReach], Floats (&to)[kReach]) {
  to[0] = d[0] - d[2];
  to[1] = d[1] + d[2];
  to[2] = d[2] - d[1];
  to[3] = d[1] - d[3];
}

inline void transformKernel(const Floats (&g)[3], Floats (&to)[kReach]) {
  const Floats ends = 0.5f * (g[0] + g[2]), middle = 0.5f * g[1];
  to[0] = g[0];
  to[1] = ends + middle;
  to[2] = ends - middle;
  to[3] = g[2];
}

inline void transformSums(const Floats (&m)[kReach], Floats (&to)[kSide]) {
  to[0] = m[0] + m[1] + m[2];
  to[1] = m[1] - m[2] - m[3];
}

// The same along both dims, of elements a[row][col]; the sums are at [row][col] again.
template <int from, int to, class Transform>
inline void transformBoth(const Floats (&a)[from][from], Floats (&result)[to][to], const Transform& transform) {
  Floats half[to][from];
#pragma GCC unroll 4
  for (int col = 0; col < from; ++col) {
    Floats column[from], sums[to];
#pragma GCC unroll 4
    for (int row = 0; row < from; ++row) column[row] = a[row][col];
    transform(column, sums);
#pragma GCC unroll 4
    for (int row = 0; row < to; ++row) half[row][col] = sums[row];
  }
#pragma GCC unroll 4
  for (int row = 0; row < to; ++row) transform(half[row], result[row]);
}

// Images, and rows of blocks of 2×2 results in them, that are worked on together. Positions are those of blocks, row by row.
struct Band {
  int64_t image, images, row, rows;
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
    int64_t places[9];
    for (int64_t t = 0; t < 9; ++t) {
      const Tap& tap = c_.tap[t];
      places[(tap.at[1] - c_.axes[1].low) * 3 + tap.at[2] - c_.axes[2].low] = tap.weight;
    }
    for (int64_t s = 0; s < c_.sources; s += S::width) {
      const int64_t count = std::min<int64_t>(S::width, c_.sources - s);
      const float* from = c_.weight + r * c_.weightResult + s * c_.weightSource;
      alignas(kVectorBytes) float lanes[9][S::width] = {};
      for (int64_t lane = 0; lane < count; ++lane, from += c_.weightSource) {
        for (int64_t t = 0; t < 9; ++t) lanes[t][lane] = from[places[t]];
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
    const int64_t padded = (positions + S::width - 1) / S::width * S::width;
    const int64_t sourceSums = apart(c_.sources * padded), resultSums = apart(c_.results * padded);
    float* sources = sumScratch.reserve<float>(kSums * (sourceSums + resultSums));
    float* results = sources + kSums * sourceSums;
    transformSources(band, padded, sources, sourceSums);
    for (int i = 0; i < kSums; ++i) {
      const Matrix<const float> kernels = {kernels_ + i * kernelSums_, c_.sources, 1};
      const Matrix<const float> columns = {sources + i * sourceSums, padded, 1};
      const Matrix<float> products = {results + i * resultSums, padded, 1};
      gemm<float>({c_.results, padded, c_.sources, kernels, columns, products, {}, 1, 0, false}, false);
    }
    static thread_local ThreadScratch lineScratch;
    float* lines = lineScratch.reserve<float>(kSide * lineElements(band));
    Floats rest = {};
    for (int64_t r = 0; r < c_.results; ++r) rest += writeResult(band, r, results + r * padded, resultSums, lines);
    return sumLanes<float>(rest) == 0;
  }

  // The sums of the elements that a vector of blocks read: `left` lanes of each, `step` apart.
  static void sumElements(const float* const (&places)[kReach][kReach], int64_t at, float* to, int64_t step, int64_t left) {
    Floats elements[kReach][kReach], sums[kReach][kReach];
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) elements[i / kReach][i % kReach] = S::load(places[i / kReach][i % kReach] + at);
    transformBoth<kReach, kReach>(elements, sums, transformSource);
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) S::store(to + i * step, sums[i / kReach][i % kReach], left);
  }

  // The same of all sources, [sum, source, position]; behind the last position they are anything.
  void transformSources(const Band& band, int64_t padded, float* to, int64_t step) const {
    static thread_local ThreadScratch scratch;
    BlockSource source(c_.axes[1], c_.axes[2], band.rows, cols_);
    source.begin(scratch.reserve<float>(source.elements()));
    const float* places[kReach][kReach];
    for (int i = 0; i < kSums; ++i) places[i / kReach][i % kReach] = source.at(i / kReach, i % kReach);
    const int64_t blocks = band.rows * cols_;
    const float* const end = to + c_.sources * padded;
    for (int64_t s = 0; s < c_.sources; ++s) {
      float* sums = to + s * padded;
      for (int64_t n = 0; n < band.images; ++n, sums += blocks) {
        source.fill(c_.in.at(band.image + n, s, 0, 0, 0), c_.in.step[1], band.row);
        for (int64_t at = 0; at < blocks; at += S::width) {
          // What is stored beyond an image, the next one takes the place of, or the next source.
          sumElements(places, at, sums + at, step, std::min<int64_t>(S::width, end - (sums + at)));
        }
      }
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

// Channels from which the products outweigh the sums of sources and results, and blocks from which they outweigh those of
// kernels.
constexpr int64_t kFewChannels = 16, kFewBlocks = 48;

bool isThreeByThree(const Correlation<float>& c) {
  const auto spans = [](const Axis& axis, int64_t reach) { return axis.stride == 1 && axis.high - axis.low == reach; };
  const Axis& z = c.axes[0];
  if (c.taps != 9 || z.in != 1 || z.out != 1 || z.low != 0 || !spans(z, 0)) return false;
  return spans(c.axes[1], 2) && spans(c.axes[2], 2);
}

}  // namespace

bool correlateWinograd(const Correlation<float>& c) {
  if (!isThreeByThree(c) || std::min(c.sources, c.results) < kFewChannels) return false;
  if (c.in.step[2] != 1 || c.out.step[2] != 1) return false;
  const int64_t blocks = c.batch * ((c.axes[1].out + 1) / kSide) * ((c.axes[2].out + 1) / kSide);
  return blocks >= kFewBlocks && Winograd(c).run();
}

}  // namespace flambeau
