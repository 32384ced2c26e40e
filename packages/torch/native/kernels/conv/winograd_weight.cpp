// Gradients of weights of 3×3 by Winograd's sums, turned round: those of the image and those of the features' gradient are
// multiplied for each filter and channel, added up over the blocks, and give the nine weights by sums again.
#include "kernels/conv/winograd.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/rows.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

using namespace winograd;

namespace {

// The sums of features along one dim, and those that give a kernel: each the transpose of what convolutions do there.
constexpr auto transformFeatures = [](const Floats (&y)[kSide], Floats (&to)[kReach]) {
  to[0] = y[0];
  to[1] = y[0] + y[1];
  to[2] = y[0] - y[1];
  to[3] = -y[1];
};

constexpr auto transformProducts = [](const Floats (&m)[kReach], Floats (&to)[3]) {
  const Floats ends = 0.5f * (m[1] + m[2]);
  to[0] = m[0] + ends;
  to[1] = 0.5f * (m[1] - m[2]);
  to[2] = ends + m[3];
};

// Elements of sums that are worked on at a time, which are to stay in the second-level cache; blocks that are added up in
// any case; and products of filters and channels at a time.
constexpr int64_t kPartElements = 1 << 18, kPartBlocks = 192, kPartProducts = 1 << 16;

class WinogradWeight {
 public:
  explicit WinogradWeight(const WeightGradient<float>& g)
      : g_(g), places_(g.tap, g.axes), rows_((g.axes[1].out + 1) / kSide), cols_((g.axes[2].out + 1) / kSide),
        filters_(g.filters, (g.filters * g.channels + kPartProducts - 1) / kPartProducts), bandRows_(rows_, 1),
        bandImages_(g.batch, g.batch) {
    const int64_t most = std::max(kPartElements / (g.channels + filters_.size(0)) / kSums, kPartBlocks);
    const int64_t rows = std::max<int64_t>(1, most / cols_), images = std::clamp<int64_t>(rows / rows_, 1, g.batch);
    bandImages_ = Split(g.batch, (g.batch + images - 1) / images);
    bandRows_ = Split(rows_, (rows_ + rows - 1) / rows);
    row_ = rowOf(bandImages_.size(0) * bandRows_.size(0) * cols_);
    imageStep_ = apart(g.channels * row_);
    featureStep_ = apart(filters_.size(0) * row_);
    productStep_ = apart(filters_.size(0) * g.channels);
  }

  // False if some weight is not finite.
  bool run() {
    const Scratch<float> room(kSums * (imageStep_ + featureStep_ + productStep_));
    images_ = room;
    features_ = images_ + kSums * imageStep_;
    products_ = features_ + kSums * featureStep_;
    bool isFinite = true;
    for (int64_t part = 0; part < filters_.parts && isFinite; ++part) {
      const int64_t first = filters_.begin(part), count = filters_.size(part);
      for (int64_t i = 0; i < bandImages_.parts * bandRows_.parts; ++i) {
        const int64_t image = i / bandRows_.parts, row = i % bandRows_.parts;
        const Band band = {bandImages_.begin(image), bandImages_.size(image), bandRows_.begin(row), bandRows_.size(row)};
        sumBand(band, first, count);
        multiplyBand(band, count, i > 0);
      }
      isFinite = writeWeights(first, count);
    }
    return isFinite;
  }

 private:
  // The sums of all channels and of some filters, [sum, channel or filter, position].
  void sumBand(const Band& band, int64_t first, int64_t count) const {
    // Features are read within their own borders.
    const Axis y = {g_.axes[1].out, g_.axes[1].out, 1, 0, 0}, x = {g_.axes[2].out, g_.axes[2].out, 1, 0, 0};
    parallelFor(g_.channels + count, 1, [&](int64_t begin, int64_t end) {
      static thread_local ThreadScratch scratch;
      BlockSource image(g_.axes[1], g_.axes[2], band.rows, cols_), features(y, x, band.rows, cols_);
      float* room = scratch.reserve<float>(image.elements() + features.elements());
      image.begin(room);
      features.begin(room + image.elements());
      for (int64_t i = begin; i < end; ++i) {
        if (i < g_.channels) {
          float* to = images_ + i * row_;
          sumBlocks<kReach>(image, g_.image, i, band, cols_, to, imageStep_, transformSource);
        } else {
          float* to = features_ + (i - g_.channels) * row_;
          const int64_t filter = first + i - g_.channels;
          sumBlocks<kSide>(features, g_.features, filter, band, cols_, to, featureStep_, transformFeatures);
        }
      }
    });
  }

  void multiplyBand(const Band& band, int64_t count, bool adds) const {
    parallelFor(kSums, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const Matrix<const float> features = {features_ + i * featureStep_, row_, 1};
        const Matrix<const float> images = {images_ + i * imageStep_, 1, row_};
        const Matrix<float> products = {products_ + i * productStep_, g_.channels, 1};
        const int64_t positions = band.images * band.rows * cols_;
        gemm<float>({count, g_.channels, positions, features, images, products, {}, 1, adds ? 1.0f : 0.0f, false}, false);
      }
    });
  }

  // False if some weight is not finite.
  bool writeWeights(int64_t first, int64_t count) const {
    Floats rest = {};
    for (int64_t f = 0; f < count; ++f) {
      for (int64_t c = 0; c < g_.channels; c += S::width) {
        const int64_t channels = std::min<int64_t>(S::width, g_.channels - c);
        Floats products[kReach][kReach], weights[3][3];
        const float* from = products_ + f * g_.channels + c;
        for (int i = 0; i < kSums; ++i) products[i / kReach][i % kReach] = S::load(from + i * productStep_, channels);
        transformBoth<kReach, 3>(products, weights, transformProducts);
        float* to = g_.weight.data + (first + f) * g_.weight.batch + c * g_.weight.channel;
        for (int t = 0; t < 9; ++t) {
          const Floats weight = weights[t / 3][t % 3];
          rest += weight - weight;
          scatterVector<float>(weight, channels, to + places_.at[t / 3][t % 3], g_.weight.channel);
        }
      }
    }
    return sumLanes<float>(rest) == 0;
  }

  const WeightGradient<float>& g_;
  const KernelPlaces places_;
  const int64_t rows_, cols_;
  const Split filters_;
  Split bandRows_, bandImages_;
  int64_t row_, imageStep_, featureStep_, productStep_;
  float *images_ = nullptr, *features_ = nullptr, *products_ = nullptr;
};

// Channels and filters from which the products outweigh the sums of both.
constexpr int64_t kFewest = 32;

}  // namespace

bool sumWeightWinograd(const WeightGradient<float>& g) {
  if (std::min(g.channels, g.filters) < kFewest || !isLarge(g.axes, g.taps, g.batch)) return false;
  return g.image.step[2] == 1 && g.features.step[2] == 1 && WinogradWeight(g).run();
}

}  // namespace flambeau
