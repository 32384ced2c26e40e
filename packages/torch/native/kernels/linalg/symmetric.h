// Products with symmetric real matrices, of which only the lower triangle is there.
#pragma once
#include "kernels/linalg/matrix.h"

namespace flambeau {
namespace symmetric {

// Adds to y what `count` columns from j on, and the rows that mirror them, contribute to the product with v.
template <int count, class T>
void addColumns(const Matrix<const T>& a, int64_t n, int64_t j, const T* v, T* y) {
  using S = Simd<T>;
  for (int64_t c = 0; c < count; ++c) {
    y[j + c] += *a.at(j + c, j + c) * v[j + c];
    for (int64_t r = c + 1; r < count; ++r) {
      y[j + r] += *a.at(j + r, j + c) * v[j + c];
      y[j + c] += *a.at(j + r, j + c) * v[j + r];
    }
  }
  typename S::Vector dots[count] = {};
  const auto step = [&](int64_t i, auto... rows) {
    const auto x = S::load(v + i, rows...);
    auto sum = S::load(y + i, rows...);
#pragma GCC unroll 4
    for (int c = 0; c < count; ++c) {
      const auto column = S::load(a.at(i, j + c), rows...);
      sum += v[j + c] * column;
      dots[c] += x * column;
    }
    S::store(y + i, sum, rows...);
  };
  int64_t i = j + count;
  for (; i + S::width <= n; i += S::width) step(i);
  if (i < n) step(i, n - i);
  for (int c = 0; c < count; ++c) y[j + c] += sumLanes<T>(dots[c]);
}

template <class T>
void addColumns(const Matrix<const T>& a, int64_t n, int64_t begin, int64_t end, const T* v, T* y) {
  constexpr int64_t several = 4;
  for (; begin + several <= end; begin += several) addColumns<several>(a, n, begin, v, y);
  for (; begin < end; ++begin) addColumns<1>(a, n, begin, v, y);
}

// y = a[n, n] v on up to `threads` threads; `room` has n numbers for each but one.
template <class T>
void multiply(const Matrix<const T>& a, int64_t n, const T* v, T* y, T* room, int64_t threads) {
  const int64_t parts = n * n >= kGemmGrain ? threads : 1;
  std::fill(y, y + n, T(0));
  if (parts == 1) return addColumns(a, n, 0, n, v, y);
  std::fill(room, room + (parts - 1) * n, T(0));
  // Each part has as much of the triangle.
  const auto columnOf = [&](int64_t part) {
    return part == parts ? n : static_cast<int64_t>(n * (1 - std::sqrt(1 - static_cast<double>(part) / parts)));
  };
  parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      addColumns(a, n, columnOf(part), columnOf(part + 1), v, part == 0 ? y : room + (part - 1) * n);
    }
  });
  for (int64_t part = 1; part < parts; ++part) addScaled(n, T(1), room + (part - 1) * n, y);
}

// The lower triangle of c[n, n] += -a[n, k] bᵀ, by blocks of columns.
template <class T>
void subtractProduct(int64_t n, int64_t k, const Matrix<const T>& a, const Matrix<const T>& b, const Matrix<T>& c,
                     bool parallel) {
  constexpr int64_t width = 128;
  for (int64_t j = 0; j < n; j += width) {
    addProduct<T>(n - j, std::min(width, n - j), k, -1, a.from(j, 0), b.from(j, 0).transposed(), 1, c.from(j, j), parallel);
  }
}

}  // namespace symmetric
}  // namespace flambeau
