// Matrices of any kind made ready for the iterations that find their eigenvalues: balanced, and then Hessenberg ones.
#pragma once
#include "kernels/linalg/reflections.h"

namespace flambeau {

// Makes rows and columns of like size by powers of 2, which change no digits.
template <class T>
void balance(const Matrix<T>& a, int64_t n, RealOf<T>* scales) {
  using R = RealOf<T>;
  std::fill(scales, scales + n, R(1));
  for (bool again = true; again;) {
    again = false;
    for (int64_t i = 0; i < n; ++i) {
      R col = 0, row = 0;
      for (int64_t j = 0; j < n; ++j) {
        if (j == i) continue;
        col += magnitude(*a.at(j, i));
        row += magnitude(*a.at(i, j));
      }
      if (col == 0 || row == 0 || !std::isfinite(col + row)) continue;
      const R sum = col + row;
      R factor = 1;
      while (col < row / 2 && factor < R(1e15)) col *= 4, factor *= 2;
      while (col >= row * 2 && factor > R(1e-15)) col /= 4, factor /= 2;
      if ((col + row) / factor >= R(0.95) * sum || factor == 1) continue;
      again = true;
      scales[i] *= factor;
      for (int64_t j = 0; j < n; ++j) *a.at(i, j) /= T(factor);
      scaleParts(n, factor, a.at(0, i));
    }
  }
}

// Makes `a` a Hessenberg matrix, and `q` the product of the reflections that do it.
template <class T>
void makeHessenberg(const Matrix<T>& a, int64_t n, const Matrix<T>& q, bool wantsVectors, bool parallel) {
  const Scratch<T> memory(2 * n);
  T *const tau = memory.get(), *const sums = tau + n;
  for (int64_t k = 0; k + 2 < n; ++k) {
    T *const first = a.at(k + 1, k), *const v = first + 1;
    const int64_t below = n - k - 1;
    tau[k] = makeReflection(below, *first, v);
    if (tau[k] == T(0)) continue;
    for (int64_t j = k + 1; j < n; ++j) {
      T* const to = a.at(k + 1, j);
      const T factor = conjugate(tau[k]) * (*to + dotProduct(below - 1, v, to + 1));
      *to -= factor;
      addScaled(below - 1, -factor, v, to + 1);
    }
    std::copy(a.at(0, k + 1), a.at(0, k + 1) + n, sums);
    for (int64_t j = 1; j < below; ++j) addScaled(n, v[j - 1], a.at(0, k + 1 + j), sums);
    addScaled(n, -tau[k], sums, a.at(0, k + 1));
    for (int64_t j = 1; j < below; ++j) addScaled(n, -tau[k] * conjugate(v[j - 1]), sums, a.at(0, k + 1 + j));
  }
  if (wantsVectors) {
    for (int64_t j = 0; j < n; ++j) {
      std::fill(q.at(0, j), q.at(0, j) + n, T(0));
      *q.at(j, j) = T(1);
    }
    if (n > 2) {
      applyReflections<T>(constant(a.from(1, 0)), n - 1, n - 2, tau, q.from(1, 0), n, false, false, parallel);
    }
  }
  for (int64_t j = 0; j + 2 < n; ++j) std::fill(a.at(j + 2, j), a.at(0, j) + n, T(0));
}

}  // namespace flambeau
