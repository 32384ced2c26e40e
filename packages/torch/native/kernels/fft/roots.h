// Roots of unity.
#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace flambeau::fft {

template <class T>
struct Root {
  T re, im;
};

template <class T>
inline Root<T> operator*(Root<T> a, Root<T> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

// e^(-2πi j/n). The angle is brought into an eighth of a turn by whole numbers, where sine and cosine are most exact.
inline Root<double> rootOf(int64_t j, int64_t n) {
  const int64_t eighths = 8 * (j % n), octant = eighths / n, rest = eighths % n;
  const double angle = std::numbers::pi / 4 * static_cast<double>(octant % 2 == 0 ? rest : n - rest) / static_cast<double>(n);
  const double c = std::cos(angle), s = std::sin(angle);
  switch (octant) {
    case 0: return {c, -s};
    case 1: return {s, -c};
    case 2: return {-s, -c};
    case 3: return {-c, -s};
    case 4: return {-c, s};
    case 5: return {-s, c};
    case 6: return {s, c};
    default: return {c, s};
  }
}

// All roots of one order, each the product of two that are kept, of which there are about 2 √n.
class Roots {
 public:
  explicit Roots(int64_t n) {
    while ((int64_t{1} << (2 * bits_)) < n) ++bits_;
    small_.resize(int64_t{1} << bits_);
    large_.resize((n >> bits_) + 1);
    for (size_t j = 0; j < small_.size(); ++j) small_[j] = rootOf(static_cast<int64_t>(j), n);
    for (size_t j = 0; j < large_.size(); ++j) large_[j] = rootOf(static_cast<int64_t>(j) << bits_, n);
  }

  // e^(-2πi j/n) for 0 ≤ j < n.
  Root<double> at(int64_t j) const { return large_[j >> bits_] * small_[j & (static_cast<int64_t>(small_.size()) - 1)]; }

  int64_t bytes() const { return static_cast<int64_t>((small_.size() + large_.size()) * sizeof(Root<double>)); }

 private:
  int bits_ = 0;
  std::vector<Root<double>> small_, large_;
};

}  // namespace flambeau::fft
