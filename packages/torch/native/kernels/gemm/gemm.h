// Matrix products: the problem that the kernels of this family solve, and the functions that solve it.
//
// A matrix is an address and two strides, so a transposed or strided operand is nothing special, and the
// transposed problem (outᵀ = bᵀ aᵀ) is had by swapping names.
#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/half.h"

namespace flambeau {

// Multiply-adds that are worth waking another thread for.
constexpr int64_t kGemmGrain = 1 << 18;

// Shares out n things in parts that differ by at most one.
struct Split {
  int64_t parts, quotient, remainder;

  Split(int64_t n, int64_t parts) : parts(parts), quotient(n / parts), remainder(n % parts) {}
  int64_t begin(int64_t part) const { return part * quotient + (part < remainder ? part : remainder); }
  int64_t size(int64_t part) const { return quotient + (part < remainder ? 1 : 0); }
};

template <class T>
struct Matrix {
  T* data;
  int64_t rowStride, colStride;

  T* at(int64_t row, int64_t col) const { return data + row * rowStride + col * colStride; }
  Matrix from(int64_t row, int64_t col) const { return {data == nullptr ? data : at(row, col), rowStride, colStride}; }
  Matrix transposed() const { return {data, colStride, rowStride}; }
};

// The type in which products are summed.
template <class T>
using SumOf = std::conditional_t<isHalf<T>, float, T>;

// out[m, n] = beta * out + alpha * a[m, k] @ b[k, n] + bias[m, n], then max(…, 0) if `relu`. The bias may have
// strides of 0 and no address; where beta is 0, `out` is not read.
template <class T>
struct Gemm {
  int64_t m, n, k;
  Matrix<const T> a, b;
  Matrix<T> out;
  Matrix<const T> bias;
  SumOf<T> alpha, beta;
  bool relu;
  // Whether the rows of `b` hold pairs, which are complex numbers, and each row has the same one times i under it that is
  // not there: b[k / 2, n] then stands for the [k, n] by which rows of pairs are to be multiplied.
  bool turnsB = false;

  // A problem that turns `b` is not solved so.
  Gemm transposed() const {
    return {n, m, k, b.transposed(), a.transposed(), out.transposed(), bias.transposed(), alpha, beta, relu, turnsB};
  }
  // Whether vectors of the rows of `b` can be read where they lie.
  bool hasRows() const { return b.colStride == 1 && !turnsB; }
  // The part of the problem that yields `rows` x `cols` elements of the output, from (row, col) on.
  Gemm part(int64_t row, int64_t col, int64_t rows, int64_t cols) const {
    return {rows,  cols, k,    a.from(row, 0), b.from(0, col), out.from(row, col), bias.from(row, col),
            alpha, beta, relu, turnsB};
  }
  // The products from `begin` to `end` of k, which are even where `b` is turned, when those before are in the output
  // already and those after follow.
  Gemm step(int64_t begin, int64_t end) const {
    Gemm g = *this;
    g.k = end - begin;
    g.a = a.from(0, begin);
    g.b = b.from(turnsB ? begin / 2 : begin, 0);
    if (begin > 0) g.beta = T(1);
    if (end < k) g.bias.data = nullptr, g.relu = false;
    return g;
  }
};

// Solve a problem on the calling thread alone, or on all threads where it is large enough.
template <class T>
void gemm(const Gemm<T>& problem, bool parallel);  // T is float or double
template <class T>
void gemv(const Gemm<T>& problem, bool parallel);  // the same with n = 1
template <class T>
void gemmDots(const Gemm<T>& problem);  // the same as gemm, on this thread; see prefersDots
template <class T>
void gemmInteger(const Gemm<T>& problem, bool parallel);  // T is an integer; results wrap around
template <class T>
void gemmHalf(const Gemm<T>& problem, bool parallel);  // T is a half type

// The same for any T that products are made of.
template <class T>
void multiply(const Gemm<T>& g, bool parallel) {
  if constexpr (isHalf<T>) {
    gemmHalf(g, parallel);
  } else if constexpr (!std::is_floating_point_v<T>) {
    gemmInteger(g, parallel);
  } else if (g.turnsB) {
    gemm(g, parallel);
  } else if (g.n == 1) {
    gemv(g, parallel);
  } else if (g.m == 1) {
    gemv(g.transposed(), parallel);
  } else {
    gemm(g, parallel);
  }
}

}  // namespace flambeau
