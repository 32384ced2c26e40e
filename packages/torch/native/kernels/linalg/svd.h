// The singular value decomposition: reflections from both sides make the matrix bidiagonal and real, rotations make that
// diagonal.
#pragma once
#include "kernels/linalg/interleaved.h"
#include "kernels/linalg/reflections.h"
#include "kernels/linalg/spectrum.h"

namespace flambeau {
namespace svd {

// Makes a[rows, n] with rows >= n upper bidiagonal: the diagonal, what is above it, the left reflections below the diagonal
// of `a`, and the right ones below the diagonal of `right`.
template <class T>
class Bidiagonal {
 public:
  Bidiagonal(const Matrix<T>& a, int64_t rows, int64_t n, bool parallel)
      : a_(a), rows_(rows), n_(n), parallel_(parallel), memory_(n * n + 2 * n + 2 * kReflections * (rows + n)), real_(2 * n),
        right(columns(memory_.get(), n)), diagonal(real_.get()), above(diagonal + n), tauLeft(memory_.get() + n * n),
        tauRight(tauLeft + n), tall_(tauRight + n), wide_(tall_ + 2 * kReflections * rows) {
    std::fill(memory_.get(), memory_.get() + n * n, T(0));
    for (int64_t j = 0; j < n; j += kReflections) reduce(j, std::min(kReflections, n - j));
  }

 private:
  // The next columns and rows. What their reflections do to the rest is A - [V X] [Y U]ᴴ, where V and U are the
  // reflections from the left and the right; it is done at the end.
  void reduce(int64_t begin, int64_t count) {
    const int64_t rows = rows_ - begin, cols = n_ - begin;
    const Matrix<T> tall = columns(tall_, rows), wide = columns(wide_, cols);
    std::fill(tall_, tall_ + 2 * rows * count, T(0));
    std::fill(wide_, wide_ + 2 * cols * count, T(0));
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = begin + j, below = rows - j, beside = cols - j - 1;
      T* const column = a_.at(at, at);
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below, -conjugate(*wide.at(j, p)), tall.at(j, p), column);
        addScaled(below, -conjugate(*wide.at(j, count + p)), tall.at(j, count + p), column);
      }
      tauLeft[at] = makeReflection(below, column[0], column + 1);
      diagonal[at] = realPart(column[0]);
      T* const v = tall.at(j, j);
      v[0] = T(1);
      std::copy(column + 1, column + below, v + 1);
      if (beside == 0) break;
      // y = tau (Aᴴ v - Y Vᴴ v - U Xᴴ v)
      T* const y = wide.at(j + 1, j);
      addProduct<T>(beside, 1, below, 1, adjoint(constant(a_.from(at, at + 1))), columns<const T>(v, below), 0,
                    columns(y, beside), parallel_);
      scale(beside, tauLeft[at], y);
      for (int64_t p = 0; p < j; ++p) {
        addScaled(beside, -tauLeft[at] * dotProduct(below, tall.at(j, p), v), wide.at(j + 1, p), y);
        addScaled(beside, -tauLeft[at] * dotProduct(below, tall.at(j, count + p), v), wide.at(j + 1, count + p), y);
      }
      // The conjugate of the row, as all reflections from the left and those from the right before leave it.
      T* const row = right.at(at + 1, at);
      for (int64_t c = 0; c < beside; ++c) row[c] = conjugate(*a_.at(at, at + 1 + c));
      for (int64_t p = 0; p <= j; ++p) addScaled(beside, -conjugate(*tall.at(j, p)), wide.at(j + 1, p), row);
      for (int64_t p = 0; p < j; ++p) addScaled(beside, -conjugate(*tall.at(j, count + p)), wide.at(j + 1, count + p), row);
      tauRight[at] = makeReflection(beside, row[0], row + 1);
      above[at] = realPart(row[0]);
      T* const u = wide.at(j + 1, count + j);
      u[0] = T(1);
      std::copy(row + 1, row + beside, u + 1);
      if (below == 1) continue;
      // x = tau (A u - V Yᴴ u - X Uᴴ u)
      T* const x = tall.at(j + 1, count + j);
      addProduct<T>(below - 1, 1, beside, 1, constant(a_.from(at + 1, at + 1)), columns<const T>(u, beside), 0,
                    columns(x, below - 1), parallel_);
      scale(below - 1, tauRight[at], x);
      for (int64_t p = 0; p <= j; ++p) {
        addScaled(below - 1, -tauRight[at] * dotProduct(beside, wide.at(j + 1, p), u), tall.at(j + 1, p), x);
      }
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below - 1, -tauRight[at] * dotProduct(beside, wide.at(j + 1, count + p), u), tall.at(j + 1, count + p), x);
      }
    }
    if (cols == count) return;
    addProduct<T>(rows - count, cols - count, 2 * count, -1, constant(tall.from(count, 0)),
                  adjoint(constant(wide.from(count, 0))), 1, a_.from(begin + count, begin + count), parallel_);
  }

  const Matrix<T> a_;
  const int64_t rows_, n_;
  const bool parallel_;
  const Scratch<T> memory_;
  const Scratch<RealOf<T>> real_;

 public:
  const Matrix<T> right;
  RealOf<T>*const diagonal, *const above;
  T *const tauLeft, *const tauRight;

 private:
  T *const tall_, *const wide_;
};

// Where the results of one matrix go: U has `width` columns, V n of them.
template <class T>
struct Singular {
  RealOf<T>* values;
  T *u, *v;
  int64_t width;
};

// Singular values in descending order, and where they are wanted the vectors of a[rows, n], rows >= n, which is lost.
template <class T>
int32_t decompose(T* data, int64_t rows, int64_t n, const Singular<T>& out, bool parallel) {
  using R = RealOf<T>;
  const Matrix<T> a = columns(data, rows);
  const bool wantsVectors = out.u != nullptr;
  const R factor = safeScale(data, rows * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != R(1)) scaleParts(rows * n, factor, data);
  // Of a tall matrix it is done for R alone.
  const bool isTall = rows > 2 * n;
  const Scratch<T> memory(n + (isTall ? n * n : 0));
  T *const tau = memory.get(), *const triangle = tau + n;
  Matrix<T> square = a;
  int64_t height = rows;
  if (isTall) {
    factorByReflections(a, rows, n, tau, parallel);
    square = columns(triangle, n), height = n;
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < n; ++i) *square.at(i, j) = i <= j ? *a.at(i, j) : T(0);
    }
  }
  const Bidiagonal<T> reduced(square, height, n, parallel);
  const Scratch<R> vectors(wantsVectors ? 2 * n * n : 0);
  R *const left = wantsVectors ? vectors.get() : nullptr, *const right = wantsVectors ? left + n * n : nullptr;
  if (!bidiagonalSingular(n, reduced.diagonal, reduced.above, out.values, left, right, parallel)) return 1;
  for (int64_t i = 0; i < n; ++i) out.values[i] /= factor;
  if (!wantsVectors) return 0;
  const Matrix<T> u = columns(out.u, rows), v = columns(out.v, n);
  for (int64_t i = 0; i < n * n; ++i) out.v[i] = T(right[i]);
  if (n > 1) {
    applyReflections<T>(constant(reduced.right.from(1, 0)), n - 1, n - 1, reduced.tauRight, v.from(1, 0), n, false, false,
                        parallel);
  }
  for (int64_t j = 0; j < out.width; ++j) {
    std::fill(u.at(0, j), u.at(0, j) + rows, T(0));
    if (j >= n) *u.at(j, j) = T(1);
    else for (int64_t i = 0; i < n; ++i) *u.at(i, j) = T(left[j * n + i]);
  }
  if (isTall) {
    applyReflections<T>(constant(square), n, n, reduced.tauLeft, u, n, false, false, parallel);
    applyReflections<T>(constant(a), rows, n, tau, u, out.width, false, false, parallel);
  } else {
    applyReflections<T>(constant(a), rows, n, reduced.tauLeft, u, out.width, false, false, parallel);
  }
  return 0;
}

}  // namespace svd

// (dtype, count, rows, cols, columns of U, matrices, singular values, U or 0, V or 0, info): rows >= cols, and the matrices
// are lost
template <class Numbers>
void singularValues(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer(), width = params.integer();
  char *const data = params.pointer(), *const values = params.pointer(), *const u = params.pointer(),
       *const v = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const int64_t work = 16 * workOf(rows, cols, cols);
    const auto decompose = [&](int64_t i, bool parallel) {
      const svd::Singular<T> out = {reinterpret_cast<RealOf<T>*>(values) + i * cols,
                               u == nullptr ? nullptr : reinterpret_cast<T*>(u) + i * rows * width,
                               v == nullptr ? nullptr : reinterpret_cast<T*>(v) + i * cols * cols, width};
      info[i] = svd::decompose(reinterpret_cast<T*>(data) + i * rows * cols, rows, cols, out, parallel);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suits(count, rows, cols) && (u == nullptr || width == cols)) {
        interleaved::singularValues(count, rows, cols, reinterpret_cast<const T*>(data), reinterpret_cast<T*>(values),
                                    reinterpret_cast<T*>(u), reinterpret_cast<T*>(v), info);
        return interleaved::forEachLeft(count, work, info, decompose);
      }
    }
    forEachMatrix(count, work, decompose);
  });
  reportFailure(params, count, info);
}

}  // namespace flambeau
