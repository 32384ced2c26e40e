// Batches of small real matrices, of which as many are worked on at once as a vector has lanes: element (i, j) of each of
// them is a lane of one vector, and what differs from matrix to matrix (pivots, signs, what has converged) is selected by
// lanes. The result of a matrix does not depend on the others or on where it stands.
//
// Every function leaves to the caller those matrices that it does not take; so the rare ones, which are singular or not
// finite, are all decided in one place.
#pragma once
#include "kernels/linalg/matrix.h"

namespace flambeau {
namespace interleaved {

// The largest matrices for which it is faster.
constexpr int64_t kMostRows = 16;
// Fewer matrices are not worth their conversion.
constexpr int64_t kFewestMatrices = 8;

inline bool suits(int64_t count, int64_t rows, int64_t cols) {
  return count >= kFewestMatrices && std::min(rows, cols) > 1 && std::max(rows, cols) <= kMostRows;
}

// The same for eliminations, which are so little work that the conversion pays for many lanes alone.
template <class T>
bool suitsElimination(int64_t count, int64_t rows, int64_t cols) {
  return Simd<T>::width >= 8 && suits(count, rows, cols);
}

// What `info` says of matrices that are left to the caller.
constexpr int32_t kLeft = -2;

// Calls body(index, parallel) for them; `work` as with forEachMatrix.
template <class Body>
void forEachLeft(int64_t count, int64_t work, const int32_t* info, const Body& body) {
  if (std::find(info, info + count, kLeft) == info + count) return;
  forEachMatrix(count, work, [&](int64_t i, bool parallel) {
    if (info[i] == kLeft) body(i, parallel);
  });
}

// Where they are told so, square matrices lie by rows before; they lie by columns afterwards.
template <class T>
void luFactor(int64_t count, int64_t rows, int64_t cols, bool byRows, T* matrices, int32_t* pivots, int32_t* info);
template <class T>
void luSolve(int64_t count, int64_t n, int64_t k, bool transposed, bool byRows, const T* factors, const int32_t* pivots, T* b);
// Matrices and right-hand sides, and what becomes of them.
template <class T>
struct System {
  const T *matrices, *right;
  T *factors, *solutions;
};
template <class T>
void luFactorAndSolve(int64_t count, int64_t n, int64_t k, bool byRows, bool rightByRows, const System<T>& system,
                      int32_t* pivots, int32_t* info);
template <class T>
void triangularSolve(int64_t count, int64_t n, int64_t k, bool upper, bool unit, bool transposed, const T* triangles, T* b);
template <class T>
void choleskyFactor(int64_t count, int64_t n, bool byRows, T* matrices, int32_t* info);
template <class T>
void qrFactor(int64_t count, int64_t rows, int64_t cols, T* matrices, T* tau, int32_t* info);
template <class T>
void reflectionProduct(int64_t count, int64_t rows, int64_t cols, int64_t reflections, int64_t width, const T* matrices,
                       const T* tau, T* out);
// The lower triangles are read, and become eigenvectors where they are wanted.
template <class T>
void symmetricEigen(int64_t count, int64_t n, bool wantsVectors, T* matrices, T* values, int32_t* info);
// Of matrices with n columns and no fewer rows; U has n columns, and is null with V where they are not wanted.
template <class T>
void singularValues(int64_t count, int64_t rows, int64_t n, const T* matrices, T* values, T* u, T* v, int32_t* info);

}  // namespace interleaved
}  // namespace flambeau
