// Eigenvalues and eigenvectors of symmetric matrices: reflections make the matrix tridiagonal, rotations make that diagonal.
#include <numeric>

#include "kernels/linalg/reflections.h"
#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace {

// Makes a symmetric matrix tridiagonal, in place: the diagonal, what is beside it, and, below that, reflections.
template <class T>
class Tridiagonal {
 public:
  Tridiagonal(const Matrix<T>& a, int64_t n, bool parallel)
      : a_(a), n_(n), parallel_(parallel), memory_(n * (3 + 4 * kReflections) + 2 * kReflections), diagonal(memory_.get()),
        beside(diagonal + n), tau(beside + n), both_(tau + n), swapped_(both_ + 2 * n * kReflections),
        short_(swapped_ + 2 * n * kReflections) {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = j + 1; i < n; ++i) *a.at(j, i) = *a.at(i, j);
    }
    for (int64_t j = 0; j < n; j += kReflections) reduce(j, std::min(kReflections, n - j));
  }

 private:
  // The next columns. What their reflections do to the rest, A - V Wᵀ - W Vᵀ, is done at the end.
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
        addScaled(rows - j, -*both.at(j, count + p), both.at(j, p), column);
        addScaled(rows - j, -*both.at(j, p), both.at(j, count + p), column);
      }
      diagonal[at] = column[0];
      tau[at] = 0;
      if (below == 0) break;
      tau[at] = makeReflection(below, column[1], column + 2);
      beside[at] = column[1];
      T *const v = both.at(j + 1, j), *const w = both.at(j + 1, count + j);
      v[0] = 1;
      std::copy(column + 2, column + 1 + below, v + 1);
      addProduct<T>(below, 1, below, tau[at], constant(a_.from(at + 1, at + 1)), columns<const T>(v, below), 0,
                    columns(w, below), parallel_);
      for (int64_t p = 0; p < j; ++p) {
        short_[p] = dotProduct(below, both.at(j + 1, count + p), v);
        short_[kReflections + p] = dotProduct(below, both.at(j + 1, p), v);
      }
      for (int64_t p = 0; p < j; ++p) {
        addScaled(below, -tau[at] * short_[p], both.at(j + 1, p), w);
        addScaled(below, -tau[at] * short_[kReflections + p], both.at(j + 1, count + p), w);
      }
      addScaled(below, -tau[at] * dotProduct(below, v, w) / 2, v, w);
    }
    if (rows == count) return;
    const int64_t left = rows - count;
    for (int64_t p = 0; p < count; ++p) {
      std::copy(both.at(0, p), both.at(0, p) + rows, swapped.at(0, count + p));
      std::copy(both.at(0, count + p), both.at(0, count + p) + rows, swapped.at(0, p));
    }
    addProduct<T>(left, left, 2 * count, -1, constant(both.from(count, 0)), constant(swapped.from(count, 0)).transposed(),
                  1, a_.from(begin + count, begin + count), parallel_);
  }

  const Matrix<T> a_;
  const int64_t n_;
  const bool parallel_;
  const Scratch<T> memory_;

 public:
  T *const diagonal, *const beside, *const tau;

 private:
  T *const both_, *const swapped_, *const short_;
};

// Makes a symmetric tridiagonal matrix diagonal by implicit QL steps; false if that does not end.
template <class T>
bool diagonalize(int64_t n, T* d, T* e, RotatedColumns<T>& columns) {
  constexpr T eps = std::numeric_limits<T>::epsilon() / 2;
  T norm = 0;
  for (int64_t i = 0; i < n; ++i) norm = std::max(norm, std::abs(d[i]) + (i + 1 < n ? std::abs(e[i]) : T(0)));
  int64_t steps = 0;
  for (int64_t l = 0; l < n; ++l) {
    // What is negligible beside its neighbours; after some steps, beside the norm.
    for (int tries = 0;; ++tries) {
      const T small = tries < 6 ? std::numeric_limits<T>::min() : std::max(eps * norm, std::numeric_limits<T>::min());
      int64_t m = l;
      for (; m + 1 < n; ++m) {
        const T size = std::abs(e[m]);
        if (size <= eps * std::sqrt(std::abs(d[m])) * std::sqrt(std::abs(d[m + 1])) || size <= small) {
          e[m] = 0;
          break;
        }
      }
      if (m == l) break;
      if (++steps > 50 * n) return false;
      T g = (d[l + 1] - d[l]) / (2 * e[l]), r = std::hypot(g, T(1));
      g = d[m] - d[l] + e[l] / (g + std::copysign(r, g));
      T s = 1, c = 1, p = 0;
      int64_t i = m - 1;
      for (; i >= l; --i) {
        const T f = s * e[i], b = c * e[i];
        r = makeRotation(g, f, c, s);
        e[i + 1] = r;
        if (r == T(0)) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        columns.rotate(i, c, -s);
      }
      if (r == T(0) && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return true;
}

// Eigenvalues in ascending order; the eigenvectors take the place of the matrix, whose lower triangle is read.
template <class T>
int32_t decompose(T* data, int64_t n, T* values, bool wantsVectors, bool parallel) {
  const Matrix<T> a = columns(data, n);
  for (int64_t j = 0; j < n; ++j) std::fill(a.at(0, j), a.at(j, j), T(0));
  const T factor = safeScale(data, n * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != T(1)) scale(n * n, factor, data);
  const Tridiagonal<T> reduced(a, n, parallel);
  RotatedColumns<T> rotated(n, wantsVectors, parallel);
  if (!diagonalize(n, reduced.diagonal, reduced.beside, rotated)) return 1;
  const Scratch<int64_t> places(n);
  int64_t* const order = places.get();
  std::iota(order, order + n, 0);
  std::stable_sort(order, order + n, [&](int64_t i, int64_t j) { return reduced.diagonal[i] < reduced.diagonal[j]; });
  for (int64_t i = 0; i < n; ++i) values[i] = reduced.diagonal[order[i]] / factor;
  if (!wantsVectors) return 0;
  const Scratch<T> result(n * n);
  const Matrix<T> vectors = columns(result.get(), n);
  rotated.write(vectors, order, nullptr);
  if (n > 1) applyReflections<T>(constant(a.from(1, 0)), n - 1, n - 1, reduced.tau, vectors.from(1, 0), n, false, false, parallel);
  std::copy(result.get(), result.get() + n * n, data);
  return 0;
}

}  // namespace

// (dtype, count, n, whether eigenvectors are wanted, matrices, eigenvalues, info)
FLAMBEAU_KERNEL(symmetricEigen) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  const bool wantsVectors = params.flag();
  char *const data = params.pointer(), *const values = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  dispatchFloating(dtype, [&]<class T>(T) {
    forEachMatrix(count, 8 * workOf(n, n, n), [&](int64_t i, bool parallel) {
      info[i] = decompose(reinterpret_cast<T*>(data) + i * n * n, n, reinterpret_cast<T*>(values) + i * n, wantsVectors,
                          parallel);
    });
  });
  reportFailure(params, count, info);
}

}  // namespace flambeau
