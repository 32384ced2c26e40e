// Convolutions by Winograd's sums. Rounding errors are as large as those of the direct sums, for there are fewer terms to
// add up; where a result is not finite, the direct way says which ones are.
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

template <int kernel>
class Winograd {
 public:
  explicit Winograd(const Correlation<float>& c)
      : c_(c), parts_(partsOf(c.tap, c.taps, c.axes, kernel)), sources_(c.sources * static_cast<int64_t>(parts_.size())),
        byResults_(c.weightResult < c.weightSource), rows_((c.axes[1].out + 1) / kSide),
        cols_((c.axes[2].out + 1) / kSide), images_(c.batch * c.axes[0].out),
        kernelSums_(apart(c.results * sources_)), bandRows_(rows_, 1), bandImages_(images_, images_) {
    const int64_t threads = threadCount();
    const int64_t most = std::max<int64_t>(kSumElements / (sources_ + c.results) / kSums, 6 * S::width);
    const int64_t rows = std::max<int64_t>(1, most / cols_);
    const int64_t images = std::clamp<int64_t>(rows / rows_, 1, std::max<int64_t>(1, images_ / threads));
    bandImages_ = Split(images_, (images_ + images - 1) / images);
    int64_t parts = (rows_ + rows - 1) / rows;
    while (parts * bandImages_.parts % threads != 0 && parts < rows_) ++parts;
    bandRows_ = Split(rows_, std::min(parts, rows_));
  }

  // False if some result is not finite.
  bool run() {
    const Scratch<float> room(kSums * kernelSums_);
    kernels_ = room;
    const int64_t rows = byResults_ ? c_.sources : c_.results, cols = byResults_ ? c_.results : c_.sources;
    parallelFor(rows, std::max<int64_t>(1, (1 << 13) / cols), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        for (size_t part = 0; part < parts_.size(); ++part) transformKernels(i, cols, part);
      }
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
  // The elements that two results read, and the sums of a block.
  static constexpr int kReach = kernel + kSide - 1, kSums = kReach * kReach;

  // Sums of kernels: of each result for all sources in all parts, or the other way round, as they lie nearer together.
  Matrix<const float> kernels(int sum) const {
    const float* data = kernels_ + sum * kernelSums_;
    return byResults_ ? Matrix<const float>{data, 1, c_.results} : Matrix<const float>{data, sources_, 1};
  }

  // The sums of a part of the kernels of one result for all sources, or the other way round.
  void transformKernels(int64_t index, int64_t cols, size_t part) const {
    const int64_t step = byResults_ ? c_.weightResult : c_.weightSource;
    const float* from = c_.weight + index * (byResults_ ? c_.weightSource : c_.weightResult);
    float* to = kernels_ + (byResults_ ? (part * c_.sources + index) * cols : index * sources_ + part * cols);
    for (int64_t col = 0; col < cols; col += S::width) {
      const int64_t count = std::min<int64_t>(S::width, cols - col);
      alignas(kVectorBytes) float lanes[kernel][kernel][S::width] = {};
      for (int64_t lane = 0; lane < count; ++lane, from += step) {
        for (int t = 0; t < kernel * kernel; ++t) {
          lanes[t / kernel][t % kernel][lane] = from[parts_[part].weight[t / kernel][t % kernel]];
        }
      }
      Floats taps[kernel][kernel], sums[kReach][kReach];
      for (int t = 0; t < kernel * kernel; ++t) taps[t / kernel][t % kernel] = S::load(lanes[t / kernel][t % kernel]);
      transformBoth<kernel, kReach>(taps, sums, Sums<kernel>::ofKernel);
      for (int i = 0; i < kSums; ++i) S::store(to + col + i * kernelSums_, sums[i / kReach][i % kReach], count);
    }
  }

  bool runBand(const Band& band) const {
    static thread_local ThreadScratch sumScratch;
    const int64_t positions = band.images * band.rows * cols_;
    const int64_t padded = (positions + S::width - 1) / S::width * S::width, row = rowOf(positions);
    const int64_t sourceSums = apart(sources_ * row), resultSums = apart(c_.results * padded);
    float* sources = sumScratch.reserve<float>(kSums * (sourceSums + resultSums));
    float* results = sources + kSums * sourceSums;
    transformSources(band, row, sources, sourceSums);
    for (int i = 0; i < kSums; ++i) {
      const Matrix<const float> columns = {sources + i * sourceSums, row, 1};
      const Matrix<float> products = {results + i * resultSums, padded, 1};
      gemm<float>({c_.results, padded, sources_, kernels(i), columns, products, {}, 1, 0, false}, false);
    }
    static thread_local ThreadScratch lineScratch;
    float* lines = lineScratch.reserve<float>(kSide * lineElements(band));
    Floats rest = {};
    for (int64_t r = 0; r < c_.results; ++r) rest += writeResult(band, r, results + r * padded, resultSums, lines);
    return sumLanes<float>(rest) == 0;
  }

  // The sums of all sources, [sum, part, source, position]; behind the last position they are anything.
  void transformSources(const Band& band, int64_t row, float* to, int64_t step) const {
    static thread_local ThreadScratch scratch;
    const BlockSums<kReach, kReach> sums(c_.in, parts_, c_.axes[0], c_.axes[1].stride, band, cols_, scratch);
    for (int64_t s = 0; s < c_.sources; ++s) sums.take(s, to + s * row, c_.sources * row, step, Sums<kernel>::source);
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
      const int64_t image = (band.image + n) / c_.axes[0].out, layer = (band.image + n) % c_.axes[0].out;
      float* out = c_.out.at(image, r, layer, y, 0);
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
    transformBoth<kReach, kSide>(products, result, Sums<kernel>::results);
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
    const int64_t length = c_.axes[2].out, padded = (length + S::width - 1) / S::width * S::width;
    const int64_t down = c_.out.step[1], across = c_.out.step[2];
    const bool isDense = down == length && across == 1;
    const float* const end = out + (count - 1) * down + length;
    for (int64_t line = 0; line < count; ++line, out += down) {
      const float* from = lines + line % kSide * apart + line / kSide * kSide * cols_;
      storeRow(from, isDense ? std::min<int64_t>(padded, end - out) : length, out, across);
    }
  }

  const Correlation<float>& c_;
  const std::vector<Part> parts_;
  // Sources in all parts.
  const int64_t sources_;
  const bool byResults_;
  const int64_t rows_, cols_, images_;
  const int64_t kernelSums_;
  Split bandRows_, bandImages_;
  float* kernels_ = nullptr;
};

}  // namespace

bool correlateWinograd(const Correlation<float>& c) {
  const int64_t kernel = kernelOf(c.tap, c.taps, c.axes);
  if (kernel == 0 || c.in.step[2] != 1 || c.out.step[2] > 2) return false;
  // The products are to outweigh the sums of sources and results.
  const int64_t sources = c.sources * c.taps / (kernel * kernel);
  if (std::min(sources, c.results) < (kernel == 3 ? 16 : 32)) return false;
  if (!suits(c.axes, c.batch, sources + c.results, kernel == 3 ? 48 : 256)) return false;
  return kernel == 3 ? Winograd<3>(c).run() : Winograd<2>(c).run();
}

}  // namespace flambeau
