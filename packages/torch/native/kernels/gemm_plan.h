// How a product of matrices is shared out: as it is or transposed, and in which parts for the threads.
#pragma once
#include <algorithm>

#include "kernels/gemm.h"
#include "kernels/gemm_micro.h"

namespace flambeau {

// Rows of `b` that lie far apart are packed only where more blocks of rows than these read them.
constexpr int64_t kInPlaceBlocks = 12;

inline int64_t divideUp(int64_t n, int64_t size) { return (n + size - 1) / size; }
inline int64_t blocksOf(int64_t rows) { return divideUp(rows, kBlockRows); }
template <class T>
int64_t panelsOf(int64_t cols) { return divideUp(cols, kBlockCols<T>); }
template <class T>
int64_t vectorsOf(int64_t cols) { return divideUp(cols, Simd<T>::width); }

struct GemmPlan {
  bool transposed;
  int rowParts, colParts;
};

// An estimate, in cycles, of the time that m rows and n columns of a problem take: the multiply-adds, and what it
// costs to pack `b` (transposing it is dear), to read `a` and to write the output (transposing again).
template <class T>
double estimateCost(const Gemm<T>& g, int64_t m, int64_t n) {
  const bool rowsOfB = g.b.colStride == 1;
  const double vectors = vectorsOf<T>(n), depth = g.k, rows = m;
  const double packing = !rowsOfB ? 6 : blocksOf(m) <= kInPlaceBlocks ? 0 : 1.5;
  const double reading = g.a.colStride == 1 ? 0.5 : 1;
  const double writing = g.out.colStride == 1 ? 1 : 6;
  return 0.5 * rows * vectors * depth + packing * vectors * depth + reading * rows * depth / Simd<T>::width +
         writing * rows * vectors;
}

// The cheapest of the ways to solve a problem on a number of threads.
template <class T>
GemmPlan choosePlan(const Gemm<T>& problem, int threads) {
  const Gemm<T> flipped = problem.transposed();
  GemmPlan best = {};
  double lowest = 0;
  for (int rowParts = 1; rowParts <= threads; ++rowParts) {
    if (threads % rowParts != 0) continue;
    const int colParts = threads / rowParts;
    for (const bool transposed : {false, true}) {
      const Gemm<T>& g = transposed ? flipped : problem;
      const int64_t cols = divideUp(vectorsOf<T>(g.n), colParts) * Simd<T>::width;
      const double cost = estimateCost(g, divideUp(g.m, rowParts), std::min(cols, g.n));
      if (best.rowParts != 0 && cost >= lowest) continue;
      lowest = cost;
      best = {transposed, rowParts, colParts};
    }
  }
  return best;
}

}  // namespace flambeau
