// Eigenvalues and eigenvectors of symmetric and Hermitian matrices: reflections make the matrix tridiagonal and real,
// rotations make that diagonal.
#pragma once
#include "kernels/linalg/interleaved.h"
#include "kernels/linalg/reflections.h"
#include "kernels/linalg/spectrum.h"
#include "kernels/linalg/symmetric.h"

namespace flambeau {
namespace eigh {

// Makes a Hermitian matrix tridiagonal, in place: the diagonal, what is beside it, and, below that, reflections. What is
// above the diagonal is used for complex ones, and not touched for real ones.
template <class T>
class Tridiagonal {
 public:
  Tridiagonal(const Matrix<T>& a, int64_t n, bool parallel)
      : a_(a), n_(n), threads_(parallel ? threadCount() : 1), parallel_(parallel), memory_(n * (1 + 4 * kReflections) + 2 * kReflections + n * threads_), real_(2 * n),
        diagonal(real_.get()), beside(diagonal + n), tau(memory_.get()), both_(tau + n), swapped_(both_ + 2 * n * kReflections),
        short_(swapped_ + 2 * n * kReflections), sums_(short_ + 2 * kReflections) {
    if constexpr (isComplex<T>) {
      for (int64_t j = 0; j < n; ++j) {
        *a.at(j, j) = T(realPart(*a.at(j, j)));
        for (int64_t i = j + 1; i < n; ++i) *a.at(j, i) = conjugate(*a.at(i, j));
      }
    }
    for (int64_t j = 0; j < n; j += kReflections) reduce(j, std::min(kReflections, n - j));
  }

 private:
  // The next columns. What their reflections do to the rest, A - V Wᴴ - W Vᴴ, is done at the end.
  void reduce(int64_t begin, int64_t count) {
    // V and W side by side, and W and V, in the rows from `begin` on.
    const int64_t rows = n_ - begin;
    const Matrix<T> both = columns(both_, rows), swapped = columns(swapped_, rows);
    std::fill(both_, both_ + 2 * rows * count, T(0));
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = begin + j, below = rows - j - 1;
      T* const column = a_.at(at, at);
      // What the reflections so far do to this column.
      for (int64_t p = 0; p < j; ++p) {
        addScaled(rows - j, -conjugate(*both.at(j, count + p)), both.at(j, p), column);
        addScaled(rows - j, -conjugate(*both.at(j, p)), both.at(j, count + p), column);
      }
      diagonal[at] = realPart(column[0]);
      tau[at] = T(0);
      if (below == 0) break;
      tau[at] = makeReflection(below, column[1], column + 2);
      beside[at] = realPart(column[1]);
      T *const v = both.at(j + 1, j), *const w = both.at(j + 1, count + j);
      v[0] = T(1);
      std::copy(column + 2, column + 1 + below, v + 1);
      const Matrix<const T> rest = constant(a_.from(at + 1, at + 1));
      if constexpr (isComplex<T>) {
        addProduct<T>(below, 1, below, 1, rest, columns<const T>(v, below), 0, columns(w, below), parallel_);
      } else {
        symmetric::multiply<T>(rest, below, v, w, sums_, threads_);
      }
      scale(below, tau[at], w);
      for (int64_t p = 0; p < j; ++p) {
        short_[p] = dotProduct(below, both.at(j + 1, count + p), v);
        short_[kReflections + p] = dotProduct(below, both.at(j + 1, p), v);
      }
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below, -tau[at] * short_[p], both.at(j + 1, p), w);
        addScaled(below, -tau[at] * short_[kReflections + p], both.at(j + 1, count + p), w);
      }
      addScaled(below, -tau[at] * dotProduct(below, w, v) / T(2), v, w);
    }
    if (rows == count) return;
    const int64_t left = rows - count;
    for (int64_t p = 0; p < count; ++p) {
      std::copy(both.at(0, p), both.at(0, p) + rows, swapped.at(0, count + p));
      std::copy(both.at(0, count + p), both.at(0, count + p) + rows, swapped.at(0, p));
    }
    const Matrix<const T> V = constant(both.from(count, 0)), W = constant(swapped.from(count, 0));
    const Matrix<T> rest = a_.from(begin + count, begin + count);
    if constexpr (isComplex<T>) addProduct<T>(left, left, 2 * count, -1, V, adjoint(W), 1, rest, parallel_);
    else symmetric::subtractProduct<T>(left, 2 * count, V, W, rest, parallel_);
  }

  const Matrix<T> a_;
  const int64_t n_, threads_;
  const bool parallel_;
  const Scratch<T> memory_;
  const Scratch<RealOf<T>> real_;

 public:
  RealOf<T>*const diagonal, *const beside;
  T* const tau;

 private:
  T *const both_, *const swapped_, *const short_, *const sums_;
};

// Eigenvalues in ascending order; the eigenvectors take the place of the matrix, whose lower triangle is read.
template <class T>
int32_t decompose(T* data, int64_t n, RealOf<T>* values, bool wantsVectors, bool parallel) {
  using R = RealOf<T>;
  const Matrix<T> a = columns(data, n);
  for (int64_t j = 0; j < n; ++j) std::fill(a.at(0, j), a.at(j, j), T(0));
  const R factor = safeScale(data, n * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != R(1)) scaleParts(n * n, factor, data);
  const Tridiagonal<T> reduced(a, n, parallel);
  const Scratch<R> rotated(wantsVectors ? n * n : 0);
  R* const inner = wantsVectors ? rotated.get() : nullptr;
  if (!tridiagonalEigen(n, reduced.diagonal, reduced.beside, values, inner, parallel)) return 1;
  for (int64_t i = 0; i < n; ++i) values[i] /= factor;
  if (!wantsVectors) return 0;
  const Scratch<T> wide(isComplex<T> ? n * n : 0);
  T* const result = asNumbers(inner, n * n, wide.get());
  const Matrix<T> vectors = columns(result, n);
  if (n > 1) applyReflections<T>(constant(a.from(1, 0)), n - 1, n - 1, reduced.tau, vectors.from(1, 0), n, false, false, parallel);
  std::copy(result, result + n * n, data);
  return 0;
}

}  // namespace eigh

// (dtype, count, n, whether eigenvectors are wanted, matrices, eigenvalues, info)
template <class Numbers>
void symmetricEigen(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  const bool wantsVectors = params.flag();
  char *const data = params.pointer(), *const values = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const int64_t work = 8 * workOf(n, n, n);
    const auto decompose = [&](int64_t i, bool parallel) {
      info[i] = eigh::decompose(reinterpret_cast<T*>(data) + i * n * n, n, reinterpret_cast<RealOf<T>*>(values) + i * n,
                                wantsVectors, parallel);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suits(count, n, n)) {
        interleaved::symmetricEigen(count, n, wantsVectors, reinterpret_cast<T*>(data), reinterpret_cast<T*>(values), info);
        return interleaved::forEachLeft(count, work, info, decompose);
      }
    }
    forEachMatrix(count, work, decompose);
  });
  reportFailure(params, count, info);
}

}  // namespace flambeau
