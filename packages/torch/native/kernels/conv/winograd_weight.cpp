// Gradients of weights by Winograd's sums, turned round: those of the image and those of the features' gradient are
// multiplied for each filter and channel, added up over the blocks, and give the weights by sums again.
#include "kernels/conv/winograd.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/rows.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

using namespace winograd;

namespace {

// Elements of sums that are worked on at a time, and products of filters and channels.
constexpr int64_t kPartElements = 1 << 18, kPartProducts = 1 << 16;
// Blocks that are added up at a time in any case. Kernels of 2×2 mostly come in parts, so that there are more channels.
template <int kernel>
constexpr int64_t kPartBlocks = kernel == 3 ? 512 : 192;

template <int kernel>
class WinogradWeight {
 public:
  explicit WinogradWeight(const WeightGradient<float>& g)
      : g_(g), parts_(partsOf(g.tap, g.taps, g.axes, kernel)), channels_(g.channels * static_cast<int64_t>(parts_.size())),
        rows_((g.axes[1].out + 1) / kSide), cols_((g.axes[2].out + 1) / kSide),
        filters_(g.filters, (g.filters * channels_ + kPartProducts - 1) / kPartProducts), bandRows_(rows_, 1),
        bandImages_(1, 1) {
    const int64_t all = g.batch * g.axes[0].out;
    const int64_t most = std::max(kPartElements / (channels_ + filters_.size(0)) / kSums, kPartBlocks<kernel>);
    const int64_t rows = std::max<int64_t>(1, most / cols_), images = std::clamp<int64_t>(rows / rows_, 1, all);
    bandImages_ = Split(all, (all + images - 1) / images);
    bandRows_ = Split(rows_, (rows_ + rows - 1) / rows);
    row_ = rowOf(bandImages_.size(0) * bandRows_.size(0) * cols_);
    imageStep_ = apart(channels_ * row_);
    featureStep_ = apart(filters_.size(0) * row_);
    productStep_ = apart(filters_.size(0) * channels_);
  }

  // False if some weight is not finite.
  bool run() {
    const Scratch<float> room(kSums * (imageStep_ + featureStep_ + productStep_));
    images_ = room;
    features_ = images_ + kSums * imageStep_;
    products_ = features_ + kSums * featureStep_;
    const int64_t bands = bandImages_.parts * bandRows_.parts;
    bool isFinite = true;
    for (int64_t part = 0; part < filters_.parts && isFinite; ++part) {
      const int64_t first = filters_.begin(part), count = filters_.size(part);
      for (int64_t i = 0; i < bands; ++i) {
        const int64_t image = i / bandRows_.parts, row = i % bandRows_.parts;
        const Band band = {bandImages_.begin(image), bandImages_.size(image), bandRows_.begin(row), bandRows_.size(row)};
        // If there is one band, the sums of its images are there from the first filters on.
        if (part == 0 || bands > 1) sumChannels(band);
        sumFilters(band, first, count);
        multiplyBand(band, count, i > 0);
      }
      isFinite = writeWeights(first, count);
    }
    return isFinite;
  }

 private:
  // The elements that two results read, and the sums of a block.
  static constexpr int kReach = kernel + kSide - 1, kSums = kReach * kReach;

  // The sums of all channels, [sum, part, channel, position].
  void sumChannels(const Band& band) const {
    parallelFor(g_.channels, 1, [&](int64_t begin, int64_t end) {
      static thread_local ThreadScratch scratch;
      const BlockSums<kReach, kReach> sums(g_.image, parts_, g_.axes[0], g_.axes[1].stride, band, cols_, scratch);
      for (int64_t c = begin; c < end; ++c) {
        sums.take(c, images_ + c * row_, g_.channels * row_, imageStep_, Sums<kernel>::source);
      }
    });
  }

  // Those of some filters, which are read within their own borders.
  void sumFilters(const Band& band, int64_t first, int64_t count) const {
    const auto within = [&](int d) { return Axis{g_.axes[d].out, g_.axes[d].out, 1, 0, 0}; };
    const std::vector<Part> all = {{0, 0, 0, within(1), within(2), {}}};
    const Axis layers = within(0);
    parallelFor(count, 1, [&](int64_t begin, int64_t end) {
      static thread_local ThreadScratch scratch;
      const BlockSums<kSide, kReach> sums(g_.features, all, layers, 1, band, cols_, scratch);
      for (int64_t f = begin; f < end; ++f) {
        sums.take(first + f, features_ + f * row_, 0, featureStep_, Sums<kernel>::features);
      }
    });
  }

  void multiplyBand(const Band& band, int64_t count, bool adds) const {
    parallelFor(kSums, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const Matrix<const float> features = {features_ + i * featureStep_, row_, 1};
        const Matrix<const float> images = {images_ + i * imageStep_, 1, row_};
        const Matrix<float> products = {products_ + i * productStep_, channels_, 1};
        const int64_t positions = band.images * band.rows * cols_;
        gemm<float>({count, channels_, positions, features, images, products, {}, 1, adds ? 1.0f : 0.0f, false}, false);
      }
    });
  }

  // False if some weight is not finite.
  bool writeWeights(int64_t first, int64_t count) const {
    Floats rest = {};
    for (int64_t f = 0; f < count; ++f) {
      const float* from = products_ + f * channels_;
      float* to = g_.weight.data + (first + f) * g_.weight.batch;
      for (const Part& part : parts_) {
        for (int64_t c = 0; c < g_.channels; c += S::width) {
          const int64_t left = std::min<int64_t>(S::width, g_.channels - c);
          rest += writeKernels(part, from + c, left, to + c * g_.weight.channel);
        }
        from += g_.channels;
      }
    }
    return sumLanes<float>(rest) == 0;
  }

  // A part of the kernels of a vector of channels; zero, or NaN if some weight is not finite.
  Floats writeKernels(const Part& part, const float* from, int64_t count, float* to) const {
    Floats products[kReach][kReach], weights[kernel][kernel], rest = {};
    for (int i = 0; i < kSums; ++i) products[i / kReach][i % kReach] = S::load(from + i * productStep_, count);
    transformBoth<kReach, kernel>(products, weights, Sums<kernel>::weights);
    for (int t = 0; t < kernel * kernel; ++t) {
      const Floats weight = weights[t / kernel][t % kernel];
      rest += weight - weight;
      scatterVector<float>(weight, count, to + part.weight[t / kernel][t % kernel], g_.weight.channel);
    }
    return rest;
  }

  const WeightGradient<float>& g_;
  const std::vector<Part> parts_;
  // Channels in all parts.
  const int64_t channels_;
  const int64_t rows_, cols_;
  const Split filters_;
  Split bandRows_, bandImages_;
  int64_t row_, imageStep_, featureStep_, productStep_;
  float *images_ = nullptr, *features_ = nullptr, *products_ = nullptr;
};

}  // namespace

bool sumWeightWinograd(const WeightGradient<float>& g) {
  const int64_t kernel = kernelOf(g.tap, g.taps, g.axes);
  if (kernel == 0 || g.image.step[2] != 1 || g.features.step[2] != 1) return false;
  // The products are to outweigh the sums of both sides.
  const int64_t channels = g.channels * g.taps / (kernel * kernel);
  if (std::min(channels, g.filters) < (kernel == 3 ? 32 : 64)) return false;
  if (!suits(g.axes, g.batch, channels + g.filters, kernel == 3 ? 48 : 256)) return false;
  return kernel == 3 ? WinogradWeight<3>(g).run() : WinogradWeight<2>(g).run();
}

}  // namespace flambeau
