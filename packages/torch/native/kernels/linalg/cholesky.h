// The Cholesky decomposition, and LDLᵀ with the pivoting of Bunch and Kaufman.
#pragma once
#include "kernels/linalg/interleaved.h"
#include "kernels/linalg/triangle.h"

namespace flambeau {
namespace cholesky {

constexpr int64_t kSmallSquare = 16;

// Factors the lower triangle of a[n, n] in place; returns the order of the first minor that is not positive, or 0.
template <class T>
int64_t factorSmall(const Matrix<T>& a, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    T* const column = a.at(0, j);
    for (int64_t p = 0; p < j; ++p) addScaled(n - j, -conjugate(*a.at(j, p)), a.at(j, p), column + j);
    const RealOf<T> square = realPart(column[j]);
    column[j] = T(square);
    if (!(square > 0)) return j + 1;
    const T root(std::sqrt(square));
    column[j] = root;
    for (int64_t i = j + 1; i < n; ++i) column[i] /= root;
  }
  return 0;
}

// Clears what is above the diagonal.
template <class T>
void clearUpper(const Matrix<T>& a, int64_t n) {
  for (int64_t j = 1; j < n; ++j) std::fill_n(a.at(0, j), j, T(0));
}

// c -= a aᴴ in the lower triangle of c[n, n], where a is [n, k]: squares on the diagonal, and what is below them.
template <class T>
void subtractSquare(const Matrix<T>& c, const Matrix<const T>& a, int64_t n, int64_t k, bool parallel) {
  constexpr int64_t block = 128;
  for (int64_t j = 0; j < n; j += block) {
    const int64_t cols = std::min(block, n - j);
    addProduct<T>(n - j, cols, k, -1, a.from(j, 0), adjoint(a.from(j, 0)), 1, c.from(j, j), parallel);
  }
}

template <class T>
int64_t factor(const Matrix<T>& a, int64_t n, bool parallel) {
  if (n <= kSmallSquare) return factorSmall(a, n);
  const int64_t half = (n / 2 + kSmallSquare - 1) / kSmallSquare * kSmallSquare, rest = n - half;
  const int64_t failed = factor(a, half, parallel);
  if (failed != 0) return failed;
  const Matrix<T> below = a.from(half, 0);
  // L21 L11ᴴ = A21, which is conj(L11) L21ᵀ = A21ᵀ.
  solveTriangle<T>({constant(a), true}, false, false, half, rest, below.transposed(), parallel);
  subtractSquare(a.from(half, half), constant(below), rest, half, parallel);
  const int64_t later = factor(a.from(half, half), rest, parallel);
  return later == 0 ? 0 : half + later;
}

// The factorization after Bunch and Kaufman, which keeps the elements of L within bounds: of symmetric matrices as L D Lᵀ,
// of Hermitian ones as L D Lᴴ.
template <class T>
class SymmetricFactor {
 public:
  SymmetricFactor(const Matrix<T>& a, int64_t n, bool hermitian, int32_t* pivots)
      : a_(a), n_(n), hermitian_(hermitian), pivots_(pivots) {}

  // Factors the lower triangle. A pivot above 0 is a block of one row, two equal ones below 0 are a block of two, both
  // counted from 1. Returns the first block that is 0, or 0.
  int64_t run() {
    int64_t failed = 0;
    for (int64_t k = 0; k < n_;) {
      const R alpha = (1 + std::sqrt(R(17))) / 8;
      const R own = sizeOnDiagonal(k);
      int64_t at = k;
      R largest = 0;
      if (k + 1 < n_) {
        at = k + 1 + indexOfLargest(n_ - k - 1, a_.at(k + 1, k));
        largest = quickMagnitude(*a_.at(at, k));
      }
      int64_t pivot = k, size = 1;
      if (!(std::max(own, largest) > 0)) {
        if (failed == 0) failed = k + 1;
        pivots_[k] = static_cast<int32_t>(k + 1);
        makeReal(k);
        ++k;
        continue;
      }
      if (own < alpha * largest) {
        const R beside = largestBeside(at, k);
        if (own >= alpha * largest * (largest / beside)) pivot = k;
        else if (sizeOnDiagonal(at) >= alpha * beside) pivot = at;
        else pivot = at, size = 2;
      }
      const int64_t last = k + size - 1;
      makeReal(k);
      makeReal(last);
      if (pivot != last) exchange(k, last, pivot);
      if (size == 1) eliminateOne(k);
      else eliminateTwo(k);
      pivots_[k] = static_cast<int32_t>(size == 1 ? pivot + 1 : -(pivot + 1));
      if (size == 2) pivots_[k + 1] = pivots_[k];
      k += size;
    }
    return failed;
  }

 private:
  using R = RealOf<T>;

  T turned(T x) const { return hermitian_ ? conjugate(x) : x; }
  R sizeOnDiagonal(int64_t i) const {
    return hermitian_ ? std::abs(realPart(*a_.at(i, i))) : quickMagnitude(*a_.at(i, i));
  }
  // The diagonal of a Hermitian matrix is real, whatever stands there.
  void makeReal(int64_t i) const {
    if (hermitian_) *a_.at(i, i) = T(realPart(*a_.at(i, i)));
  }

  // The largest magnitude beside the diagonal in a row of what is left.
  R largestBeside(int64_t row, int64_t from) const {
    R largest = 0;
    for (int64_t j = from; j < row; ++j) largest = std::max(largest, quickMagnitude(*a_.at(row, j)));
    for (int64_t i = row + 1; i < n_; ++i) largest = std::max(largest, quickMagnitude(*a_.at(i, row)));
    return largest;
  }

  // Exchanges rows and columns `p` and `q` > p of the part that is not factored yet, which begins at `k`.
  void exchange(int64_t k, int64_t p, int64_t q) {
    for (int64_t i = q + 1; i < n_; ++i) std::swap(*a_.at(i, p), *a_.at(i, q));
    for (int64_t i = p + 1; i < q; ++i) {
      T &below = *a_.at(i, p), &beside = *a_.at(q, i);
      const T moved = turned(below);
      below = turned(beside);
      beside = moved;
    }
    *a_.at(q, p) = turned(*a_.at(q, p));
    makeReal(q);
    std::swap(*a_.at(p, p), *a_.at(q, q));
    if (p > k) std::swap(*a_.at(p, k), *a_.at(q, k));
  }

  void eliminateOne(int64_t k) {
    const T inverse = T(1) / *a_.at(k, k);
    T* const column = a_.at(0, k);
    for (int64_t j = k + 1; j < n_; ++j) {
      addScaled(n_ - j, -inverse * turned(column[j]), column + j, a_.at(j, j));
      makeReal(j);
    }
    scale(n_ - k - 1, inverse, column + k + 1);
  }

  void eliminateTwo(int64_t k) {
    if (k + 2 >= n_) return;
    T *const first = a_.at(0, k), *const second = a_.at(0, k + 1);
    const T beside = first[k + 1], d11 = second[k + 1] / beside, d22 = first[k] / turned(beside);
    const T divisor = d11 * d22 - T(1), factor1 = T(1) / divisor / turned(beside), factor2 = T(1) / divisor / beside;
    for (int64_t j = k + 2; j < n_; ++j) {
      const T w1 = factor1 * (d11 * first[j] - second[j]), w2 = factor2 * (d22 * second[j] - first[j]);
      const T turned1 = turned(w1), turned2 = turned(w2);
      for (int64_t i = j; i < n_; ++i) *a_.at(i, j) -= first[i] * turned1 + second[i] * turned2;
      makeReal(j);
      first[j] = w1;
      second[j] = w2;
    }
  }

  const Matrix<T> a_;
  const int64_t n_;
  const bool hermitian_;
  int32_t* const pivots_;
};

// Solves by the factors of `SymmetricFactor`, as LAPACK's sytrs and hetrs.
template <class T>
void solveSymmetric(const Matrix<const T>& ld, const int32_t* pivots, int64_t n, int64_t columns, bool hermitian,
                    const Matrix<T>& b) {
  const auto exchange = [&](int64_t p, int64_t q) {
    if (p == q) return;
    for (int64_t c = 0; c < columns; ++c) std::swap(*b.at(p, c), *b.at(q, c));
  };
  for (int64_t k = 0; k < n;) {
    const int64_t size = pivots[k] > 0 ? 1 : 2, last = k + size - 1;
    exchange(last, std::abs(pivots[k]) - 1);
    for (int64_t c = 0; c < columns; ++c) {
      T* const x = b.at(0, c);
      for (int64_t s = k; s <= last; ++s) addScaled(n - last - 1, -x[s], ld.at(last + 1, s), x + last + 1);
      if (size == 1) {
        x[k] /= *ld.at(k, k);
        continue;
      }
      const T beside = *ld.at(k + 1, k), turned = hermitian ? conjugate(beside) : beside;
      const T d11 = *ld.at(k, k) / turned, d22 = *ld.at(k + 1, k + 1) / beside;
      const T divisor = d11 * d22 - T(1), y1 = x[k] / turned, y2 = x[k + 1] / beside;
      x[k] = (d22 * y1 - y2) / divisor;
      x[k + 1] = (d11 * y2 - y1) / divisor;
    }
    k += size;
  }
  for (int64_t k = n - 1; k >= 0;) {
    const int64_t size = pivots[k] > 0 ? 1 : 2, first = k - size + 1;
    for (int64_t c = 0; c < columns; ++c) {
      T* const x = b.at(0, c);
      for (int64_t s = first; s <= k; ++s) x[s] -= dotProduct(n - k - 1, ld.at(k + 1, s), x + k + 1, hermitian);
    }
    exchange(k, std::abs(pivots[k]) - 1);
    k -= size;
  }
}

// Whether pivots are what `SymmetricFactor` gives: rows, and pairs where they are below 0.
inline bool arePivots(const int32_t* pivots, int64_t n) {
  for (int64_t k = 0; k < n; ++k) {
    const int64_t pivot = pivots[k];
    if (pivot == 0 || pivot > n || pivot < -n) return false;
    if (pivot > 0) continue;
    if (k + 1 == n || pivots[k + 1] >= 0) return false;
    ++k;
  }
  return true;
}

}  // namespace cholesky

// (dtype, count, n, whether they lie by rows, matrices, info): the lower triangles are read and written, the upper ones are
// cleared
template <class Numbers>
void choleskyFactor(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  const bool byRows = params.flag();
  char* const data = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const auto factor = [&](int64_t i, bool parallel) {
      const Matrix<T> a = matrixAt<T>(data, i, n, n);
      if (byRows) turnRows(a, n);
      info[i] = static_cast<int32_t>(cholesky::factor(a, n, parallel));
      cholesky::clearUpper(a, n);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suitsElimination<T>(count, n, n)) {
        interleaved::choleskyFactor(count, n, byRows, reinterpret_cast<T*>(data), info);
        return interleaved::forEachLeft(count, workOf(n, n, n), info, factor);
      }
    }
    forEachMatrix(count, workOf(n, n, n), factor);
  });
  reportFailure(params, count, info);
}

// (dtype, count, n, hermitian, matrices, pivots, info): the lower triangles are read and written
template <class Numbers>
void ldlFactor(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  const bool hermitian = params.flag();
  char* const data = params.pointer();
  int32_t* const pivots = params.pointer<int32_t>();
  int32_t* const info = params.pointer<int32_t>();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    parallelFor(count, std::max<int64_t>(1, kGemmGrain / workOf(n, n, n)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        cholesky::SymmetricFactor<T> factor(matrixAt<T>(data, i, n, n), n, hermitian, pivots + i * n);
        info[i] = static_cast<int32_t>(factor.run());
      }
    });
  });
  reportFailure(params, count, info);
}

// (dtype, count, n, columns of the right-hand sides, hermitian, LD, pivots, right-hand sides): status 1 for wrong pivots
template <class Numbers>
void ldlSolve(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer(), k = params.integer();
  const bool hermitian = params.flag();
  const char* const ld = params.pointer();
  const int32_t* const given = params.pointer<const int32_t>();
  char* const b = params.pointer();
  // What is in memory may change; the copy that was checked does not.
  const Scratch<int32_t> pivots(count * n);
  std::copy(given, given + count * n, pivots.get());
  for (int64_t i = 0; i < count; ++i) {
    if (!cholesky::arePivots(pivots.get() + i * n, n)) return params.fail(1, static_cast<double>(i));
  }
  Numbers::dispatch(dtype, [&]<class T>(T) {
    parallelFor(count, std::max<int64_t>(1, kGemmGrain / workOf(n, n, k)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        cholesky::solveSymmetric<T>(matrixAt<T>(ld, i, n, n), pivots.get() + i * n, n, k, hermitian,
                                    matrixAt<T>(b, i, n, k));
      }
    });
  });
}

}  // namespace flambeau
