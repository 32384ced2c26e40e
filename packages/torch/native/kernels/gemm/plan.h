// How a product of matrices is shared out: as it is or transposed, and in which parts for the threads.
#pragma once
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/gemm/micro.h"

namespace flambeau {

inline int64_t divideUp(int64_t n, int64_t size) { return (n + size - 1) / size; }
inline int64_t blocksOf(int64_t rows) { return divideUp(rows, kBlockRows); }
template <class T>
int64_t panelsOf(int64_t cols) { return divideUp(cols, kBlockCols<T>); }
template <class T>
int64_t vectorsOf(int64_t cols) { return divideUp(cols, Simd<T>::width); }

// Blocks of rows that are multiplied together.
constexpr int64_t kGroup = 16;
// Rows of `b` that fit into the nearest cache however they lie.
constexpr int64_t kShallow = 64;

// Whether every vector of a matrix with contiguous rows lies within one cache line.
template <class T>
bool isAligned(const Matrix<const T>& matrix) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(matrix.data);
  return address % kVectorBytes == 0 && matrix.rowStride * sizeof(T) % kVectorBytes == 0;
}

// Whether m rows of `a` read `b` as it lies.
template <class T>
bool readsInPlace(const Gemm<T>& g, int64_t m) {
  const int64_t blocks = blocksOf(m);
  return g.hasRows() && (blocks <= 1 || (blocks <= kGroup && (g.k <= kShallow || isAligned(g.b))));
}

struct GemmPlan {
  bool transposed, dots;
  int rowParts, colParts;
};

// Cycles that it takes to read a vector.
constexpr double kReading = 3;

// An estimate, in cycles, of the time that m rows and n columns of a problem take: the multiply-adds, and what it
// costs to read and pack `b` (transposing it is dear), to read `a` and to write the output (transposing again).
// Reading is taken to be from beyond the core's own cache: in a training step the weights were last written by the
// optimizer, and it is better that every thread reads a part of them than that each reads them all.
template <class T>
double estimateCost(const Gemm<T>& g, int64_t m, int64_t n) {
  const double vectors = vectorsOf<T>(n), depth = g.k, rows = m;
  const double packing = kReading + (g.b.colStride != 1 ? 6 : readsInPlace(g, m) ? 0 : 1.5);
  const double reading = g.a.colStride == 1 ? kReading : kReading + 0.5;
  const double writing = g.out.colStride == 1 ? 1 : 20;
  return 0.5 * rows * vectors * depth + packing * vectors * depth + reading * rows * depth / Simd<T>::width +
         writing * rows * vectors;
}

// The same for gemmDots: fewer multiply-adds where a panel would be mostly padding, and no packing, but every sum
// is spread over the lanes of a vector.
template <class T>
double estimateDots(const Gemm<T>& g, int64_t m, int64_t n) {
  const double depth = vectorsOf<T>(g.k), outputs = static_cast<double>(m) * n;
  const double copying = g.b.rowStride == 1 ? 0 : (g.b.colStride == 1 ? 0.5 : 2.0) * g.k * n;
  return 0.55 * outputs * depth + 5 * outputs + kReading * m * depth + copying;
}

// Whether gemmDots comes into question: it reads along k, and keeps few columns at hand.
constexpr int64_t kLongRow = 64;
template <class T>
bool allowsDots(const Gemm<T>& g) {
  return g.a.colStride == 1 && !g.turnsB && g.n <= kBlockCols<T> && g.k >= kLongRow;
}
template <class T>
bool prefersDots(const Gemm<T>& g) {
  return allowsDots(g) && estimateDots(g, g.m, g.n) < estimateCost(g, g.m, g.n);
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
      if (transposed && problem.turnsB) continue;
      const Gemm<T>& g = transposed ? flipped : problem;
      const int64_t cols = divideUp(vectorsOf<T>(g.n), colParts) * Simd<T>::width;
      const int64_t rows = divideUp(g.m, rowParts);
      for (const bool dots : {false, true}) {
        if (dots && !allowsDots(g)) continue;
        const double cost =
            dots ? estimateDots(g, rows, std::min(cols, g.n)) : estimateCost(g, rows, std::min(cols, g.n));
        if (best.rowParts != 0 && cost >= lowest) continue;
        lowest = cost;
        best = {transposed, dots, rowParts, colParts};
      }
    }
  }
  return best;
}

}  // namespace flambeau
