#include "kernels/linalg/svd.h"

#include <numeric>

#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace {

// Makes an upper bidiagonal matrix diagonal by implicit QR steps, after Demmel and Kahan: small singular values are as
// accurate as large ones.
template <class T>
class Diagonalization {
 public:
  Diagonalization(int64_t n, T* d, T* e, RotatedColumns<T>& left, RotatedColumns<T>& right)
      : n_(n), d_(d), e_(e), left_(left), right_(right) {}

  // False if the steps do not end.
  bool run() {
    if (n_ == 0) return true;
    findThreshold();
    int64_t steps = 0, last = n_ - 1, oldFirst = -1, oldLast = -1;
    while (last > 0) {
      if (std::abs(d_[last]) <= threshold_) d_[last] = 0;
      int64_t first = last;
      largest_ = std::abs(d_[last]);
      while (first > 0) {
        if (std::abs(d_[first - 1]) <= threshold_) d_[first - 1] = 0;
        if (std::abs(e_[first - 1]) <= threshold_) {
          e_[first - 1] = 0;
          break;
        }
        --first;
        largest_ = std::max({largest_, std::abs(d_[first]), std::abs(e_[first])});
      }
      if (first == last) {
        --last;
        continue;
      }
      if (first != oldFirst || last != oldLast) down_ = std::abs(d_[first]) >= std::abs(d_[last]);
      oldFirst = first, oldLast = last;
      if (hasConverged(first, last)) continue;
      if (steps > 6 * n_ * n_ + 30) return false;
      steps += last - first;
      const T shift = shiftOf(first, last);
      if (shift == T(0)) down_ ? zeroDown(first, last) : zeroUp(first, last);
      else down_ ? stepDown(first, last, shift) : stepUp(first, last, shift);
    }
    return true;
  }

 private:
  static constexpr T kEps = std::numeric_limits<T>::epsilon() / 2;
  T tolerance_ = 0, threshold_ = 0, largest_ = 0, smallest_ = 0;
  bool down_ = true;

  void findThreshold() {
    tolerance_ = std::clamp<T>(std::pow(kEps, T(-0.125)), 10, 100) * kEps;
    T mu = std::abs(d_[0]), smallest = mu;
    for (int64_t i = 1; i < n_ && smallest > 0; ++i) {
      mu = std::abs(d_[i]) * (mu / (mu + std::abs(e_[i - 1])));
      smallest = std::min(smallest, mu);
    }
    const T size = static_cast<T>(n_);
    threshold_ = std::max(tolerance_ * smallest / std::sqrt(size), 6 * size * size * std::numeric_limits<T>::min());
  }

  // Drops what is negligible beside the diagonal between these, and estimates the smallest singular value there.
  bool hasConverged(int64_t first, int64_t last) {
    T& end = down_ ? e_[last - 1] : e_[first];
    if (std::abs(end) <= tolerance_ * std::abs(down_ ? d_[last] : d_[first])) {
      end = 0;
      return true;
    }
    T mu = std::abs(down_ ? d_[first] : d_[last]);
    smallest_ = mu;
    for (int64_t step = 0; step < last - first; ++step) {
      const int64_t i = down_ ? first + step : last - 1 - step;
      if (std::abs(e_[i]) <= tolerance_ * mu) {
        e_[i] = 0;
        return true;
      }
      mu = std::abs(d_[down_ ? i + 1 : i]) * (mu / (mu + std::abs(e_[i])));
      smallest_ = std::min(smallest_, mu);
    }
    return false;
  }

  T shiftOf(int64_t first, int64_t last) const {
    if (n_ * tolerance_ * (smallest_ / largest_) <= std::max(kEps, T(0.01) * tolerance_)) return 0;
    const T start = std::abs(down_ ? d_[first] : d_[last]);
    const T shift = down_ ? smallerOf(d_[last - 1], e_[last - 1], d_[last]) : smallerOf(d_[first], e_[first], d_[first + 1]);
    if (start > 0 && (shift / start) * (shift / start) < kEps) return 0;
    return shift;
  }

  // The smaller singular value of [f g; 0 h].
  static T smallerOf(T f, T g, T h) {
    const T fa = std::abs(f), ga = std::abs(g), ha = std::abs(h);
    const T low = std::min(fa, ha), high = std::max(fa, ha);
    if (low == T(0)) return 0;
    const T as = 1 + low / high, at = (high - low) / high;
    if (ga < high) {
      const T au = (ga / high) * (ga / high);
      return low * (2 / (std::sqrt(as * as + au) + std::sqrt(at * at + au)));
    }
    const T au = high / ga;
    if (au == T(0)) return low * high / ga;
    const T c = 1 / (std::sqrt(1 + (as * au) * (as * au)) + std::sqrt(1 + (at * au) * (at * au)));
    return 2 * (low * c * au);
  }

  void zeroDown(int64_t first, int64_t last) {
    T c = 1, s = 0, oldC = 1, oldS = 0;
    for (int64_t i = first; i < last; ++i) {
      const T r = makeRotation(d_[i] * c, e_[i], c, s);
      if (i > first) e_[i - 1] = oldS * r;
      d_[i] = makeRotation(oldC * r, d_[i + 1] * s, oldC, oldS);
      right_.rotate(i, c, s);
      left_.rotate(i, oldC, oldS);
    }
    const T h = d_[last] * c;
    d_[last] = h * oldC;
    e_[last - 1] = h * oldS;
    if (std::abs(e_[last - 1]) <= threshold_) e_[last - 1] = 0;
  }

  void zeroUp(int64_t first, int64_t last) {
    T c = 1, s = 0, oldC = 1, oldS = 0;
    for (int64_t i = last; i > first; --i) {
      const T r = makeRotation(d_[i] * c, e_[i - 1], c, s);
      if (i < last) e_[i] = oldS * r;
      d_[i] = makeRotation(oldC * r, d_[i - 1] * s, oldC, oldS);
      left_.rotate(i - 1, c, -s);
      right_.rotate(i - 1, oldC, -oldS);
    }
    const T h = d_[first] * c;
    d_[first] = h * oldC;
    e_[first] = h * oldS;
    if (std::abs(e_[first]) <= threshold_) e_[first] = 0;
  }

  void stepDown(int64_t first, int64_t last, T shift) {
    T f = (std::abs(d_[first]) - shift) * (std::copysign(T(1), d_[first]) + shift / d_[first]), g = e_[first], c, s;
    for (int64_t i = first; i < last; ++i) {
      const T r = makeRotation(f, g, c, s);
      if (i > first) e_[i - 1] = r;
      f = c * d_[i] + s * e_[i];
      e_[i] = c * e_[i] - s * d_[i];
      g = s * d_[i + 1];
      d_[i + 1] = c * d_[i + 1];
      right_.rotate(i, c, s);
      d_[i] = makeRotation(f, g, c, s);
      f = c * e_[i] + s * d_[i + 1];
      d_[i + 1] = c * d_[i + 1] - s * e_[i];
      if (i + 1 < last) {
        g = s * e_[i + 1];
        e_[i + 1] = c * e_[i + 1];
      }
      left_.rotate(i, c, s);
    }
    e_[last - 1] = f;
    if (std::abs(f) <= threshold_) e_[last - 1] = 0;
  }

  void stepUp(int64_t first, int64_t last, T shift) {
    T f = (std::abs(d_[last]) - shift) * (std::copysign(T(1), d_[last]) + shift / d_[last]), g = e_[last - 1], c, s;
    for (int64_t i = last; i > first; --i) {
      const T r = makeRotation(f, g, c, s);
      if (i < last) e_[i] = r;
      f = c * d_[i] + s * e_[i - 1];
      e_[i - 1] = c * e_[i - 1] - s * d_[i];
      g = s * d_[i - 1];
      d_[i - 1] = c * d_[i - 1];
      left_.rotate(i - 1, c, -s);
      d_[i] = makeRotation(f, g, c, s);
      f = c * e_[i - 1] + s * d_[i - 1];
      d_[i - 1] = c * d_[i - 1] - s * e_[i - 1];
      if (i - 1 > first) {
        g = s * e_[i - 2];
        e_[i - 2] = c * e_[i - 2];
      }
      right_.rotate(i - 1, c, -s);
    }
    e_[first] = f;
    if (std::abs(f) <= threshold_) e_[first] = 0;
  }

  const int64_t n_;
  T *const d_, *const e_;
  RotatedColumns<T>&left_, &right_;
};

}  // namespace

template <class T>
bool bidiagonalSingular(int64_t n, T* diagonal, T* above, T* values, T* left, T* right, bool parallel) {
  const bool wantsVectors = left != nullptr;
  RotatedColumns<T> lefts(n, wantsVectors, parallel), rights(n, wantsVectors, parallel);
  if (!Diagonalization<T>(n, diagonal, above, lefts, rights).run()) return false;
  const Scratch<int64_t> places(n);
  const Scratch<T> signs(n);
  int64_t* const order = places.get();
  std::iota(order, order + n, 0);
  for (int64_t i = 0; i < n; ++i) {
    signs.get()[i] = std::signbit(diagonal[i]) ? -1 : 1;
    diagonal[i] = std::abs(diagonal[i]);
  }
  std::stable_sort(order, order + n, [&](int64_t i, int64_t j) { return diagonal[i] > diagonal[j]; });
  for (int64_t i = 0; i < n; ++i) values[i] = diagonal[order[i]];
  if (!wantsVectors) return true;
  rights.write(columns(right, n), order, signs.get());
  lefts.write(columns(left, n), order, nullptr);
  return true;
}

template bool bidiagonalSingular(int64_t, float*, float*, float*, float*, float*, bool);
template bool bidiagonalSingular(int64_t, double*, double*, double*, double*, double*, bool);

static const KernelRegistration svdKernels[] = {{"singularValues", singularValues<Reals>}};

}  // namespace flambeau
