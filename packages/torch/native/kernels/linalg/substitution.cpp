// Substitution in a small triangle for several right-hand sides at once, one in each lane of a vector.
#include "kernels/linalg/triangle.h"

namespace flambeau {
namespace {

// What is missing of the triangle is filled up with ones and zeros, and an upper one is turned round, so that the loops are
// the same for all.
template <class T>
class TriangleInRegisters {
  using S = Simd<T>;
  static constexpr int kRows = kTriangleRows, kWidth = S::width;
  static_assert(kRows % kWidth == 0);

 public:
  explicit TriangleInRegisters(const SmallTriangle<T>& from) : n_(from.n), turned_(from.upper), unit_(from.unit) {
    for (int64_t j = 0; j < kRows; ++j) {
      for (int64_t i = j + 1; i < kRows; ++i) element_[j][i] = i < n_ ? from.element[placeOf(j)][placeOf(i)] : T(0);
      divisor_[j] = j < n_ && !unit_ ? from.element[placeOf(j)][placeOf(j)] : T(1);
    }
  }

  void solve(int64_t k, const Matrix<T>& b) const {
    alignas(kVectorBytes) T tile[kRows][kWidth];
    for (int64_t j = n_; j < kRows; ++j) S::store(tile[j], typename S::Vector{});
    for (int64_t c = 0; c < k; c += kWidth) {
      const int64_t cols = std::min<int64_t>(kWidth, k - c);
      for (int64_t row = 0; row < n_; row += kWidth) {
        const int64_t rows = std::min<int64_t>(kWidth, n_ - row);
        typename S::Vector square[kWidth] = {};
        for (int64_t j = 0; j < cols; ++j) square[j] = S::load(b.at(row, c + j), rows);
        simd::transpose(square);
        for (int64_t i = 0; i < rows; ++i) S::store(tile[placeOf(row + i)], square[i]);
      }
      substitute(tile);
      for (int64_t row = 0; row < n_; row += kWidth) {
        const int64_t rows = std::min<int64_t>(kWidth, n_ - row);
        typename S::Vector square[kWidth] = {};
        for (int64_t i = 0; i < rows; ++i) square[i] = S::load(tile[placeOf(row + i)]);
        simd::transpose(square);
        for (int64_t j = 0; j < cols; ++j) S::store(b.at(row, c + j), square[j], rows);
      }
    }
  }

 private:
  int64_t placeOf(int64_t i) const { return turned_ ? n_ - 1 - i : i; }

  void substitute(T (&tile)[kRows][kWidth]) const {
    typename S::Vector x[kRows];
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) x[i] = S::load(tile[i]);
#pragma GCC unroll 16
    for (int j = 0; j < kRows; ++j) {
      if (!unit_) x[j] /= divisor_[j];
      S::store(tile[j], x[j]);
#pragma GCC unroll 16
      for (int i = j + 1; i < kRows; ++i) x[i] -= element_[j][i] * x[j];
    }
  }

  const int64_t n_;
  const bool turned_, unit_;
  T element_[kRows][kRows], divisor_[kRows];
};

}  // namespace

template <class T>
void solveSideBySide(const SmallTriangle<T>& a, int64_t k, const Matrix<T>& b) {
  TriangleInRegisters<T>(a).solve(k, b);
}

template void solveSideBySide(const SmallTriangle<float>&, int64_t, const Matrix<float>&);
template void solveSideBySide(const SmallTriangle<double>&, int64_t, const Matrix<double>&);

}  // namespace flambeau
