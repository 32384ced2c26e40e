// Mean and squared deviations of elements, with all their digits.
//
// Each block that fits in the cache is read twice, for its mean and for the deviations from it; blocks are put
// together by the formula of Chan, Golub and LeVeque. Memory is read once and no precision is lost: where squares in
// float leave their range the block is read again in double.
#pragma once
#include "kernels/reduce/fold.h"

namespace flambeau {

// Elements, and rows of columns, that are taken at a time.
constexpr int64_t kMomentBlock = 512;
constexpr int64_t kMomentRows = 64;

struct Moments {
  double count, sum, squares;  // squares of the deviations from the mean

  void merge(const Moments& other) {
    if (other.count == 0) return;
    if (count == 0) {
      *this = other;
      return;
    }
    const double n = count + other.count, delta = other.sum / other.count - sum / count;
    sum += other.sum;
    squares += other.squares + delta * delta * (count * other.count / n);
    count = n;
  }
};

// The moments of n elements whose sum is about `total` from the sums of x - shift and (x - shift)².
inline Moments momentsOf(double n, double total, double shift, double sum, double squares) {
  const double centred = squares - sum * (sum / n);
  return {n, std::isfinite(shift) ? n * shift + sum : total, centred < 0 ? 0 : centred};
}

// Whether a sum of n squares in T has all its digits: no square in it overflowed, and those that were rounded towards
// zero are too small to count.
template <class T>
inline bool isExact(double squares, int64_t n) {
  if constexpr (sizeof(T) == sizeof(double)) return true;
  return squares >= n * 2.0 * std::numeric_limits<T>::min() && squares <= std::numeric_limits<T>::max();
}

template <class T>
inline Moments blockMoments(const T* p, int64_t n) {
  constexpr int lanes = kFoldBytes / sizeof(T);
  double total = 0;
  foldRow(Sum<T>(), total, p, n);
  const T shift = static_cast<T>(total / n);
  Vector<T, lanes> sum{}, squares{}, sum1{}, squares1{};
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto d = load<T, lanes>(p + i) - shift, d1 = load<T, lanes>(p + i + lanes) - shift;
    sum += d;
    sum1 += d1;
    squares += d * d;
    squares1 += d1 * d1;
  }
  const Sum<T> op;
  double s = foldLanes(op, sum + sum1), q = foldLanes(op, squares + squares1);
  for (; i < n; ++i) {
    const T d = p[i] - shift;
    s += d;
    q += d * d;
  }
  if (isExact<T>(q, n)) return momentsOf(n, total, shift, s, q);
  double wide[kMomentBlock];
  std::copy_n(p, n, wide);
  return blockMoments(wide, n);
}

// The moments of each column over n rows, with sums in the type A. Tells whether they have all their digits.
template <class A, class T>
inline bool columnMoments(Moments* moments, const T* p, int64_t stride, int64_t n, int64_t width) {
  double sums[kColumns];
  A shift[kColumns], sum[kColumns], squares[kColumns];
  std::fill_n(sums, width, 0.0);
  if constexpr (std::is_same_v<A, T>) foldColumns(Sum<T>(), sums, p, stride, n, width);
  else {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < width; ++j) sums[j] += p[i * stride + j];
    }
  }
  for (int64_t j = 0; j < width; ++j) {
    shift[j] = static_cast<A>(sums[j] / n);
    sum[j] = squares[j] = 0;
  }
  for (int64_t r = 0; r < n; ++r, p += stride) {
    for (int64_t j = 0; j < width; ++j) {
      const A d = p[j] - shift[j];
      sum[j] += d;
      squares[j] += d * d;
    }
  }
  bool exact = true;
  for (int64_t j = 0; j < width; ++j) {
    moments[j] = momentsOf(n, sums[j], shift[j], sum[j], squares[j]);
    exact &= isExact<A>(squares[j], n);
  }
  return exact;
}

}  // namespace flambeau
