// Systems of equations with a triangular matrix.
#pragma once
#include "kernels/linalg/matrix.h"

namespace flambeau {

// Rows of a triangle that are solved by substitution.
constexpr int64_t kTriangleRows = 16;

// Right-hand sides from which on several are taken at once.
constexpr int64_t kSeveral = 4;

template <class T>
struct SmallTriangle;
// Solves for so many right-hand sides, whose columns are contiguous (substitution.cpp).
template <class T>
void solveSideBySide(const SmallTriangle<T>& a, int64_t k, const Matrix<T>& b);  // T is float or double

// A small triangle, copied to where its columns lie well.
template <class T>
struct SmallTriangle {
  T element[kTriangleRows][kTriangleRows];  // by column
  int64_t n;
  bool upper, unit;

  SmallTriangle(const Factor<T>& a, int64_t n, bool upper, bool unit) : n(n), upper(upper), unit(unit) {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = upper ? 0 : j; i < (upper ? j + 1 : n); ++i) element[j][i] = a.at(i, j);
    }
  }

  // For right-hand sides whose columns are contiguous.
  void solveColumns(int64_t k, const Matrix<T>& b) const {
    if constexpr (!isComplex<T>) {
      if (n >= kSeveral && k >= kSeveral) return solveSideBySide(*this, k, b);
    }
    for (int64_t c = 0; c < k; ++c) {
      T* const x = b.at(0, c);
      if (upper) {
        for (int64_t j = n - 1; j >= 0; --j) {
          if (!unit) x[j] /= element[j][j];
          addScaled(j, -x[j], element[j], x);
        }
      } else {
        for (int64_t j = 0; j < n; ++j) {
          if (!unit) x[j] /= element[j][j];
          addScaled(n - j - 1, -x[j], element[j] + j + 1, x + j + 1);
        }
      }
    }
  }

  // For right-hand sides whose rows are contiguous.
  void solveRows(int64_t k, const Matrix<T>& b) const {
    constexpr int64_t piece = 256;
    for (int64_t c = 0; c < k; c += piece) {
      const int64_t count = std::min(piece, k - c);
      for (int64_t step = 0; step < n; ++step) {
        const int64_t j = upper ? n - 1 - step : step;
        T* const row = b.at(j, c);
        if (!unit) {
          const T divisor = element[j][j];
          for (int64_t i = 0; i < count; ++i) row[i] /= divisor;
        }
        for (int64_t i = upper ? 0 : j + 1; i < (upper ? j : n); ++i) addScaled(count, -element[j][i], row, b.at(i, c));
      }
    }
  }
};

template <class T>
void solveTrianglePart(const Factor<T>& a, bool upper, bool unit, int64_t n, int64_t k, const Matrix<T>& b,
                       bool parallel) {
  if (n <= kTriangleRows) {
    const SmallTriangle<T> triangle(a, n, upper, unit);
    return b.rowStride == 1 ? triangle.solveColumns(k, b) : triangle.solveRows(k, b);
  }
  const int64_t half = (n / 2 + kTriangleRows - 1) / kTriangleRows * kTriangleRows, rest = n - half;
  const Matrix<T> below = b.from(half, 0);
  if (upper) {
    solveTrianglePart<T>(a.from(half, half), upper, unit, rest, k, below, parallel);
    addProduct<T>(half, k, rest, -1, a.from(0, half), constant(below), 1, b, parallel);
    solveTrianglePart<T>(a, upper, unit, half, k, b, parallel);
  } else {
    solveTrianglePart<T>(a, upper, unit, half, k, b, parallel);
    addProduct<T>(rest, k, half, -1, a.from(half, 0), constant(b), 1, below, parallel);
    solveTrianglePart<T>(a.from(half, half), upper, unit, rest, k, below, parallel);
  }
}

// Solves a[n, n] x = b[n, k] in place. Only the triangle of `a` is read, and not its diagonal if that is of ones.
// The columns or the rows of `b` are contiguous.
template <class T>
void solveTriangle(const Factor<T>& a, bool upper, bool unit, int64_t n, int64_t k, const Matrix<T>& b,
                   bool parallel) {
  if (n == 0 || k == 0) return;
  const int64_t work = n * n * k / 2;
  if (!parallel || work < kGemmGrain || k < 2 * threadCount()) {
    return solveTrianglePart<T>(a, upper, unit, n, k, b, parallel);
  }
  parallelFor(k, std::max<int64_t>(8, k * kGemmGrain / work), [&](int64_t begin, int64_t end) {
    solveTrianglePart<T>(a, upper, unit, n, end - begin, b.from(0, begin), false);
  });
}

}  // namespace flambeau
