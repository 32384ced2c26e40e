// The iterations that end the decompositions: they make narrow matrices, which are real also where others are complex,
// diagonal. Each instruction set has its own.
#pragma once
#include <cstdint>

namespace flambeau {

// Eigenvalues of a symmetric tridiagonal matrix in ascending order, from its diagonal and what is beside it, which are
// lost; where `vectors` is given, eigenvectors in the columns of a matrix. False if the iteration does not end.
template <class T>
bool tridiagonalEigen(int64_t n, T* diagonal, T* beside, T* values, T* vectors, bool parallel);  // T is float or double

// Singular values of an upper bidiagonal matrix in descending order, and both kinds of vectors or none.
template <class T>
bool bidiagonalSingular(int64_t n, T* diagonal, T* above, T* values, T* left, T* right, bool parallel);

}  // namespace flambeau
