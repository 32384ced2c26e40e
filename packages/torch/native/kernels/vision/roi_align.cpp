// RoIAlign: the mean of samples between elements, in each bin of a region.
//
// A sample weighs rows and columns independently, so the weights of all samples of a bin are summed up for its rows and
// for its columns first; the bin is then as many products as it has elements, whatever the number of samples.
#include "kernels/vision/regions.h"
#include "runtime/scratch.h"

namespace flambeau {
namespace {

// How much the elements of one axis count in each bin. A bin has a run of elements, and the runs of neighbours have few in
// common, so all of them together are hardly more than the axis.
template <class T>
class AxisWeights {
 public:
  struct Run {
    int64_t first, count;
    const T* weights;
  };

  static int64_t room(int64_t size, int64_t bins) { return size + 4 * bins + 8; }

  AxisWeights(T* weights, Run* runs, int64_t size, int64_t bins)
      : weights_(weights), runs_(runs), size_(size), room_(room(size, bins)) {}

  const Run& operator[](int64_t bin) const { return runs_[bin]; }

  void clear() { used_ = 0; }

  // Samples at begin + (i + 1/2) * length / count. Those outside are skipped: there may be billions.
  void sample(int64_t bin, T begin, T length, int64_t count) {
    run_ = &runs_[bin];
    *run_ = {0, 0, weights_ + used_};
    if (size_ == 0 || count <= 0) return;
    int64_t from = 0, to = count;
    const double step = static_cast<double>(length) / static_cast<double>(count);
    if (step > 0) {
      from = bounded(std::floor((-1.0 - begin) / step) - 2, count);
      to = bounded(std::ceil((size_ - static_cast<double>(begin)) / step) + 2, count);
    }
    for (int64_t k = from; k < to; ++k) {
      // From the first element on, also where corners are the wrong way round.
      const int64_t i = length < 0 ? count - 1 - k : k;
      add(begin + (static_cast<T>(i) + T(.5)) * length / static_cast<T>(count));
    }
  }

 private:
  static int64_t bounded(double value, int64_t most) {
    return value > 0 ? static_cast<int64_t>(std::min(value, static_cast<double>(most))) : 0;
  }

  // A sample between two elements; within one element beyond the ends it is that at the end.
  void add(T at) {
    if (!(at >= T(-1) && at <= static_cast<T>(size_))) return;
    const T place = std::max(at, T(0));
    const auto low = static_cast<int64_t>(place);
    if (low >= size_ - 1) return put(size_ - 1, T(1));
    const T rest = place - static_cast<T>(low);
    put(low, 1 - rest);
    put(low + 1, rest);
  }

  void put(int64_t at, T weight) {
    if (run_->count == 0) run_->first = at;
    T* const weights = weights_ + used_ - run_->count;
    while (at >= run_->first + run_->count && used_ < room_) {
      weights[run_->count++] = 0;
      ++used_;
    }
    if (at >= run_->first && at < run_->first + run_->count) weights[at - run_->first] += weight;
  }

  T* weights_;
  Run* runs_;
  Run* run_ = nullptr;
  int64_t size_, room_, used_ = 0;
};

// One side of a region: where it begins, how long each bin is, how many samples are along it.
template <class T>
struct Side {
  T begin, bin;
  int64_t samples;

  Side(T from, T to, bool isAligned, int64_t bins, int64_t ratio) : begin(from) {
    const T length = isAligned ? to - from : std::max(to - from, T(1));
    bin = length / static_cast<T>(bins);
    // About one sample for each element, unless the number is given.
    const double wanted = std::ceil(static_cast<double>(length) / static_cast<double>(bins));
    samples = ratio > 0 ? ratio : std::abs(wanted) < 2147483648.0 ? static_cast<int64_t>(wanted) : 0;
  }
};

template <class T>
struct RoiAlign {
  RegionGeometry g;
  int64_t ratio;
  bool isAligned;
  const T* regions;

  explicit RoiAlign(Params& params)
      : g(params), ratio(params.integer()), isAligned(params.flag()), regions(params.pointer<T>()) {}

  // What a thread knows of the region at hand.
  struct Bins {
    AxisWeights<T> rows, columns;
    T count;

    static Bins in(ThreadScratch& numbers, ThreadScratch& places, const RegionGeometry& g) {
      const int64_t room = AxisWeights<T>::room(g.height, g.rows);
      T* weights = numbers.reserve<T>(room + AxisWeights<T>::room(g.width, g.columns));
      auto* runs = places.reserve<typename AxisWeights<T>::Run>(g.rows + g.columns);
      return {{weights, runs, g.height, g.rows}, {weights + room, runs + g.rows, g.width, g.columns}, T(1)};
    }
  };

  void look(int64_t region, Bins& bins) const {
    const T* box = regions + 5 * region;
    const T scale = static_cast<T>(g.scale), offset = isAligned ? T(.5) : T(0);
    const Side<T> x(box[1] * scale - offset, box[3] * scale - offset, isAligned, g.columns, ratio);
    const Side<T> y(box[2] * scale - offset, box[4] * scale - offset, isAligned, g.rows, ratio);
    const double samples = static_cast<double>(x.samples) * static_cast<double>(y.samples);
    bins.count = static_cast<T>(g.byPosition ? samples : std::max(samples, 1.0));
    bins.rows.clear();
    bins.columns.clear();
    for (int64_t i = 0; i < g.rows; ++i) bins.rows.sample(i, y.begin + static_cast<T>(i) * y.bin, y.bin, y.samples);
    for (int64_t i = 0; i < g.columns; ++i) {
      bins.columns.sample(i, x.begin + static_cast<T>(i) * x.bin, x.bin, x.samples);
    }
  }

  // Calls body(offset of the plane of a bin, its element in the result, runs of rows and columns, count).
  template <class Body>
  void forBins(const RegionImages<T>& images, int64_t begin, int64_t end, int64_t first, int64_t last,
               const Body& body) const {
    static thread_local ThreadScratch numbers, places;
    Bins bins = Bins::in(numbers, places, g);
    for (int64_t n = begin; n < end; ++n) {
      look(n, bins);
      for (int64_t c = first; c < last; ++c) {
        int64_t element = g.element(n, c, 0, 0);
        for (int64_t i = 0; i < g.rows; ++i) {
          for (int64_t j = 0; j < g.columns; ++j, ++element) {
            body(g.plane(images[n], c, i, j), element, bins.rows[i], bins.columns[j], bins.count);
          }
        }
      }
    }
  }

  void forward(const RegionImages<T>& images, const T* in, T* out) const {
    g.forRegions([&](int64_t begin, int64_t end, int64_t first, int64_t last) {
      forBins(images, begin, end, first, last, [&](int64_t plane, int64_t element, const auto& y, const auto& x, T count) {
        const T* row = in + plane + y.first * g.width + x.first;
        T sum = 0;
        for (int64_t i = 0; i < y.count; ++i, row += g.width) {
          T line = 0;
          for (int64_t j = 0; j < x.count; ++j) line += x.weights[j] * row[j];
          sum += y.weights[i] * line;
        }
        out[element] = sum / count;
      });
    });
  }

  // The gradient of the images, which are zeros at first.
  void backward(const RegionImages<T>& images, const T* gradOut, T* grad) const {
    g.forChannels([&](int64_t begin, int64_t end, int64_t first, int64_t last) {
      forBins(images, begin, end, first, last, [&](int64_t plane, int64_t element, const auto& y, const auto& x, T count) {
        T* row = grad + plane + y.first * g.width + x.first;
        const T one = gradOut[element] / count;
        for (int64_t i = 0; i < y.count; ++i, row += g.width) {
          const T line = one * y.weights[i];
          for (int64_t j = 0; j < x.count; ++j) row[j] += line * x.weights[j];
        }
      });
    });
  }
};

}  // namespace

// (dtype, geometry, samples along each side of a bin or 0, whether corners are half an element off, regions, input, output)
FLAMBEAU_KERNEL(roiAlign) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const RoiAlign<T> align(params);
    const T* in = params.pointer<T>();
    T* out = params.pointer<T>();
    const RegionImages<T> images(params, align.g, align.regions);
    if (images.areValid()) align.forward(images, in, out);
  });
}

// (…, gradient of the output, gradient of the input)
FLAMBEAU_KERNEL(roiAlignBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const RoiAlign<T> align(params);
    const T* gradOut = params.pointer<T>();
    T* grad = params.pointer<T>();
    const RegionImages<T> images(params, align.g, align.regions);
    if (!images.areValid()) return;
    const RegionGeometry& g = align.g;
    std::fill_n(grad, g.images * g.inChannels() * g.height * g.width, T(0));
    align.backward(images, gradOut, grad);
  });
}

}  // namespace flambeau
