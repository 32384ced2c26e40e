// The transform of one line.
//
// A length that is a product is that of a matrix: its columns are transformed side by side, multiplied by roots of unity,
// and then its rows. Lengths with a large prime factor become a convolution with a chirp, of a longer length that is
// such a product (Bluestein).
#pragma once
#include "kernels/fft/cache.h"
#include "kernels/fft/passes.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau::fft {

// Memory up to this size stays with its thread for the next call.
constexpr int64_t kKeptBytes = int64_t{1} << 20;

// Numbers of a line that are worth waking another thread for.
constexpr int64_t kLineGrain = 16384;

// Memory for one use at a time: in `kept` if it is small, else given back at the end.
class Room {
 public:
  explicit Room(ThreadScratch& kept) : kept_(kept) {}

  template <class V>
  V* reserve(int64_t count) {
    return (count * static_cast<int64_t>(sizeof(V)) <= kKeptBytes ? kept_ : own_).template reserve<V>(count);
  }

 private:
  ThreadScratch& kept_;
  ThreadScratch own_;
};

// Calls body(begin, end) over [0, n), on all threads where this thread may use them.
template <class Body>
void forRange(bool threaded, int64_t n, int64_t grain, const Body& body) {
  if (threaded) parallelFor(n, grain, body);
  else body(int64_t{0}, n);
}

// Memory for lines side by side of a length, twice. The second one begins at another distance from the begin of a page,
// as what is written must not look like what is read next.
template <class T>
struct Sides {
  ComplexVector<T> *data, *other;

  explicit Sides(int64_t n) {
    static thread_local ThreadScratch scratch;
    data = scratch.reserve<ComplexVector<T>>(2 * n + 8);
    other = data + n + 5;
  }
};

template <class T>
class LinePlan {
 public:
  explicit LinePlan(int64_t n) : n_(n), roots_(2 * n) {
    for (int l = 0; l < width; ++l) setLane(firstHalfRoots_, l, rootOf(l, 2 * n));
    if (!Passes<T>::possible(n)) {
      prepareChirp();
      return;
    }
    sideCost_ = Passes<T>::cost(n);
    prepareMatrix();
  }

  // The work for one number, relative to an addition of vectors; and that where as many lines as a vector has lanes are
  // transformed side by side, 0 if they cannot be.
  int64_t cost() const { return cost_; }
  int64_t sideCost() const { return sideCost_; }

  int64_t length() const { return n_; }

  int64_t bytes() const {
    return static_cast<int64_t>((steps_.size() + chirp_.size() + filter_.size()) * sizeof(ComplexVector<T>)) + roots_.bytes() +
           static_cast<int64_t>(sizeof *this);
  }

  // e^(-πi j/n) for 0 ≤ j < 2n: a root for a real line of twice the length.
  Root<T> halfRoot(int64_t j) const { return rounded<T>(roots_.at(j)); }
  // The same from j on, as many as a vector has lanes.
  ComplexVector<T> halfRoots(int64_t j) const { return firstHalfRoots_ * halfRoot(j); }

  // `out` may be where `in` is.
  void run(Lines<const T> in, Lines<T> out, T scale, bool threaded) const {
    if (convolution_) return runChirp(in, out, scale, threaded);
    if (!rows_) return runAlone(in, out, scale);
    runMatrix(in.along(), out.along(), scale, threaded);
  }

 private:
  static constexpr int width = Simd<T>::width;

  static void setLane(ComplexVector<T>& v, int64_t lane, Root<double> w) {
    v.re[lane] = static_cast<T>(w.re);
    v.im[lane] = static_cast<T>(w.im);
  }

  static int64_t padded(int64_t count) { return (count + width - 1) / width * width; }

  // Looks for the length of the columns, near the root of n; there is one column if n has no two factors worth a matrix.
  void prepareMatrix() {
    int64_t rows = n_;
    cost_ = width * sideCost_;
    for (int64_t a = 2; n_ >= 4 * width && a * a <= n_; ++a) {
      if (n_ % a != 0) continue;
      for (const int64_t r : {a, n_ / a}) {
        const int64_t cost = matrixCost(r, n_ / r);
        if (cost >= cost_) continue;
        cost_ = cost;
        rows = r;
      }
    }
    columns_ = planOf<Passes<T>>(rows);
    if (rows == n_) return;
    rows_ = planOf<Passes<T>>(n_ / rows);
    steps_.resize(rows);
    for (int64_t k = 0; k < rows; ++k) {
      for (int l = 0; l < width; ++l) setLane(steps_[k], l, rootOf(k * l, n_));
    }
  }

  static int64_t matrixCost(int64_t rows, int64_t cols) {
    const int64_t columns = rows * padded(cols) * (Passes<T>::cost(rows) + 16);
    const int64_t work = (columns + cols * padded(rows) * Passes<T>::cost(cols)) / (rows * cols);
    // Long columns leave the nearest caches.
    return std::max(rows, cols) > 4096 ? 2 * work : work;
  }

  // Every so many of the numbers of a line.
  template <class P>
  static Lines<P> stepping(Lines<P> line, int64_t numbers) {
    return {line.re, line.im, numbers * line.step, line.lane};
  }

  void runAlone(Lines<const T> in, Lines<T> out, T scale) const {
    const Sides<T> sides(n_);
    in.load(sides.data, n_, 1);
    const ComplexVector<T>* result = columns_->run(sides.data, sides.other);
    out.store(result, scale, n_, 1);
  }

  void runMatrix(Lines<const T> in, Lines<T> out, T scale, bool threaded) const {
    static thread_local ThreadScratch scratch;
    Room room(scratch);
    const int64_t rows = columns_->length(), cols = rows_->length();
    const int64_t blocks = (rows + width - 1) / width;
    ComplexVector<T>* turned = room.reserve<ComplexVector<T>>(blocks * cols);
    forRange(threaded, (cols + width - 1) / width, kLineGrain / (rows * width) + 1, [&](int64_t begin, int64_t end) {
      const Sides<T> sides(rows);
      for (int64_t b = begin; b < end; ++b) runColumns(in, b * width, sides, turned);
    });
    forRange(threaded, blocks, kLineGrain / (cols * width) + 1, [&](int64_t begin, int64_t end) {
      const Sides<T> sides(cols);
      for (int64_t b = begin; b < end; ++b) {
        const int64_t count = std::min<int64_t>(width, rows - b * width);
        const ComplexVector<T>* result = rows_->run(turned + b * cols, sides.data);
        stepping(out.at(b * width), rows).store(result, scale, cols, count);
      }
    });
  }

  // Transforms the columns from `first` on, as many as a vector has lanes, and leaves them as rows, of which each
  // block of as many stands together.
  void runColumns(Lines<const T> in, int64_t first, const Sides<T>& sides, ComplexVector<T>* turned) const {
    const int64_t rows = columns_->length(), cols = rows_->length(), count = std::min<int64_t>(width, cols - first);
    stepping(in.at(first), cols).load(sides.data, rows, count);
    const ComplexVector<T>* result = columns_->run(sides.data, sides.other);
    for (int64_t top = 0; top < rows; top += width, turned += cols) {
      Vector<T> re[width], im[width];
      const int64_t tall = std::min<int64_t>(width, rows - top);
      for (int64_t i = 0; i < tall; ++i) {
        const int64_t k = top + i;
        ComplexVector<T> v = result[k] * steps_[k];
        if (first > 0) v = v * rounded<T>(roots_.at(2 * (k * first)));
        re[i] = v.re;
        im[i] = v.im;
      }
      for (int64_t i = tall; i < width; ++i) re[i] = im[i] = Vector<T>{};
      simd::transpose(re);
      simd::transpose(im);
      for (int64_t i = 0; i < count; ++i) turned[first + i] = {re[i], im[i]};
    }
  }

  // The length from 2n - 1 on that is transformed in the shortest time.
  int64_t chirpLength() const {
    int64_t best = 0, least = 0;
    for (const int64_t factor : {1, 3, 5, 9, 15}) {
      int64_t length = factor;
      while (length < 2 * n_ - 1) length *= 2;
      const int64_t work = length * planOf<LinePlan>(length)->cost();
      if (best != 0 && work >= least) continue;
      best = length;
      least = work;
    }
    return best;
  }

  // x * chirp, convolved with the conjugate chirp, times the chirp: from jk = (j² + k² - (k - j)²) / 2.
  void prepareChirp() {
    convolution_ = planOf<LinePlan>(chirpLength());
    const int64_t length = convolution_->length();
    cost_ = 2 * length * (convolution_->cost() + width) / n_;
    chirp_.resize((n_ + width - 1) / width);
    filter_.resize((length + width - 1) / width);
    static thread_local ThreadScratch scratch;
    Room room(scratch);
    T* wave = room.reserve<T>(2 * length);
    std::fill_n(wave, 2 * length, T(0));
    int64_t square = 0;
    for (int64_t j = 0; j < n_; ++j) {
      const Root<double> w = rootOf(square, 2 * n_);
      setLane(chirp_[j / width], j % width, w);
      for (const int64_t place : {j, (length - j) % length}) {
        wave[2 * place] = static_cast<T>(w.re);
        wave[2 * place + 1] = static_cast<T>(-w.im);
      }
      square = (square + 2 * j + 1) % (2 * n_);
    }
    convolution_->run({wave, wave + 1, 2, 0}, {wave, wave + 1, 2, 0}, T(1) / static_cast<T>(length), false);
    for (int64_t j = 0; j < length; ++j) setLane(filter_[j / width], j % width, {wave[2 * j], wave[2 * j + 1]});
  }

  void runChirp(Lines<const T> in, Lines<T> out, T scale, bool threaded) const {
    static thread_local ThreadScratch scratch;
    Room room(scratch);
    const int64_t length = convolution_->length(), padded = (length + width - 1) / width * width;
    T* re = room.reserve<T>(2 * padded);
    T* im = re + padded;
    const Lines<T> line{re, im, 1, 1};
    const Lines<const T> from = in.along();
    const Lines<T> to = out.along();
    const auto count = [](int64_t j, int64_t n) { return std::clamp<int64_t>(n - j, 0, width); };
    for (int64_t j = 0; j < padded; j += width) {
      const bool beyond = j >= n_;
      line.at(j).store(beyond ? ComplexVector<T>{} : from.at(j).load(count(j, n_)) * chirp_[j / width], width);
    }
    convolution_->run({re, im, 1, 1}, line, T(1), threaded);
    for (int64_t j = 0; j < length; j += width) line.at(j).store(line.at(j).load(width) * filter_[j / width], width);
    convolution_->run({im, re, 1, 1}, line.swapped(), T(1), threaded);
    for (int64_t j = 0; j < n_; j += width) {
      to.at(j).store(line.at(j).load(width) * chirp_[j / width] * scale, count(j, n_));
    }
  }

  int64_t n_, cost_ = 0, sideCost_ = 0;
  Roots roots_;  // of the order 2n
  ComplexVector<T> firstHalfRoots_;
  std::shared_ptr<const Passes<T>> columns_, rows_;
  std::vector<ComplexVector<T>> steps_;  // of column 0 to `width` - 1, for each row
  std::shared_ptr<const LinePlan> convolution_;
  std::vector<ComplexVector<T>> chirp_, filter_;
};

}  // namespace flambeau::fft
