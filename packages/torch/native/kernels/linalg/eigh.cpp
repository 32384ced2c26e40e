#include "kernels/linalg/eigh.h"

#include <numeric>

#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace {

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
      auto* const rotations = columns.reserve(m - l);
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
        if (rotations != nullptr) rotations[m - 1 - i] = {c, -s, static_cast<int32_t>(i)};
      }
      columns.take(m - 1 - i);
      if (r == T(0) && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return true;
}

}  // namespace

template <class T>
bool tridiagonalEigen(int64_t n, T* diagonal, T* beside, T* values, T* vectors, bool parallel) {
  RotatedColumns<T> rotated(n, vectors != nullptr, parallel);
  if (!diagonalize(n, diagonal, beside, rotated)) return false;
  const Scratch<int64_t> places(n);
  int64_t* const order = places.get();
  std::iota(order, order + n, 0);
  std::stable_sort(order, order + n, [&](int64_t i, int64_t j) { return diagonal[i] < diagonal[j]; });
  for (int64_t i = 0; i < n; ++i) values[i] = diagonal[order[i]];
  if (vectors != nullptr) rotated.write(columns(vectors, n), order, nullptr);
  return true;
}

template bool tridiagonalEigen(int64_t, float*, float*, float*, float*, bool);
template bool tridiagonalEigen(int64_t, double*, double*, double*, double*, bool);

static const KernelRegistration eighKernels[] = {{"symmetricEigen", symmetricEigen<Reals>}};

}  // namespace flambeau
