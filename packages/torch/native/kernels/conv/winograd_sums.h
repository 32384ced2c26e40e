// Winograd's F(2, 3) and F(2, 2): of the elements that two results read and of the kernel as many sums are formed, whose
// products give the two results by sums again. Along both dims, kernels of 3×3 take 16 products for what else takes 36, and
// those of 2×2 take 9 for 16.
//
// Source: https://arxiv.org/abs/1509.09308
#pragma once
#include "kernels/gemm/simd.h"

namespace flambeau::winograd {

using S = Simd<float>;
using Floats = S::Vector;

// Results along a dim that are computed together.
constexpr int kSide = 2;

// The sums along one dim, for a kernel of so many elements: of a source, of a kernel, and of their products, which are
// results. Those of results' gradients, and of products again, which are the gradients of a kernel, are the transposes.
template <int kernel>
struct Sums;

template <>
struct Sums<3> {
  static constexpr auto source = [](const Floats (&d)[4], Floats (&to)[4]) {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[1] - d[3];
  };
  static constexpr auto ofKernel = [](const Floats (&g)[3], Floats (&to)[4]) {
    const Floats ends = 0.5f * (g[0] + g[2]), middle = 0.5f * g[1];
    to[0] = g[0];
    to[1] = ends + middle;
    to[2] = ends - middle;
    to[3] = g[2];
  };
  static constexpr auto results = [](const Floats (&m)[4], Floats (&to)[2]) {
    to[0] = m[0] + m[1] + m[2];
    to[1] = m[1] - m[2] - m[3];
  };
  static constexpr auto features = [](const Floats (&y)[2], Floats (&to)[4]) {
    to[0] = y[0];
    to[1] = y[0] + y[1];
    to[2] = y[0] - y[1];
    to[3] = -y[1];
  };
  static constexpr auto weights = [](const Floats (&m)[4], Floats (&to)[3]) {
    const Floats ends = 0.5f * (m[1] + m[2]);
    to[0] = m[0] + ends;
    to[1] = 0.5f * (m[1] - m[2]);
    to[2] = ends + m[3];
  };
};

template <>
struct Sums<2> {
  static constexpr auto source = [](const Floats (&d)[3], Floats (&to)[3]) {
    to[0] = d[0] - d[1];
    to[1] = d[1];
    to[2] = d[2] - d[1];
  };
  static constexpr auto ofKernel = [](const Floats (&g)[2], Floats (&to)[3]) {
    to[0] = g[0];
    to[1] = g[0] + g[1];
    to[2] = g[1];
  };
  static constexpr auto results = [](const Floats (&m)[3], Floats (&to)[2]) {
    to[0] = m[0] + m[1];
    to[1] = m[1] + m[2];
  };
  static constexpr auto features = [](const Floats (&y)[2], Floats (&to)[3]) {
    to[0] = y[0];
    to[1] = y[0] + y[1];
    to[2] = y[1];
  };
  static constexpr auto weights = [](const Floats (&m)[3], Floats (&to)[2]) {
    to[0] = m[0] + m[1];
    to[1] = m[1] + m[2];
  };
};

// The same along both dims, of elements a[row][col]; the sums are at [row][col] again.
template <int from, int to, class Transform>
inline void transformBoth(const Floats (&a)[from][from], Floats (&result)[to][to], const Transform& transform) {
  Floats half[to][from];
#pragma GCC unroll 4
  for (int col = 0; col < from; ++col) {
    Floats column[from], sums[to];
#pragma GCC unroll 4
    for (int row = 0; row < from; ++row) column[row] = a[row][col];
    transform(column, sums);
#pragma GCC unroll 4
    for (int row = 0; row < to; ++row) half[row][col] = sums[row];
  }
#pragma GCC unroll 4
  for (int row = 0; row < to; ++row) transform(half[row], result[row]);
}

}  // namespace flambeau::winograd
