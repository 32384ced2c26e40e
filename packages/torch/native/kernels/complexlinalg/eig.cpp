// Eigenvalues and eigenvectors of complex matrices of any kind: reflections make the matrix a Hessenberg one, steps with one
// shift each make that triangular, and substitution gives the vectors.
#include "kernels/linalg/hessenberg.h"

namespace flambeau {
namespace {

template <class R>
class ComplexSchur {
 public:
  using T = Complex<R>;

  ComplexSchur(const Matrix<T>& h, int64_t n, const Matrix<T>& q, bool wantsVectors)
      : h_(h), n_(n), q_(q), wantsVectors_(wantsVectors) {}

  // Makes the Hessenberg matrix triangular; false if the steps do not end.
  bool run() {
    R norm = 0;
    for (int64_t j = 0; j < n_; ++j) {
      for (int64_t i = 0; i <= std::min(j + 1, n_ - 1); ++i) norm += quickMagnitude(at(i, j));
    }
    int tries = 0;
    for (int64_t last = n_ - 1; last > 0;) {
      int64_t first = last;
      for (; first > 0; --first) {
        R size = quickMagnitude(at(first - 1, first - 1)) + quickMagnitude(at(first, first));
        if (size == 0) size = norm;
        if (quickMagnitude(at(first, first - 1)) <= std::numeric_limits<R>::epsilon() * size) {
          at(first, first - 1) = T(0);
          break;
        }
      }
      if (first == last) {
        --last, tries = 0;
        continue;
      }
      if (++tries > 60) return false;
      step(first, last, shiftOf(last, tries));
    }
    return true;
  }

 private:
  T& at(int64_t i, int64_t j) const { return *h_.at(i, j); }

  // The eigenvalue of the last block of two that is nearer to its last element, or another shift where that has not helped.
  T shiftOf(int64_t last, int tries) const {
    const T a = at(last - 1, last - 1), b = at(last - 1, last), c = at(last, last - 1), d = at(last, last);
    if (tries % 10 == 0) return d + T(R(0.75) * quickMagnitude(c));
    const T half = (a - d) / T(2), product = b * c;
    T root = rootOf(half * half + product);
    if (half.re * root.re + half.im * root.im < 0) root = -root;
    const T divisor = half + root;
    return divisor == T(0) ? d : d - product / divisor;
  }

  static T rootOf(T x) {
    const R size = magnitude(x);
    if (size == 0) return T(0);
    const R large = std::sqrt((size + std::abs(x.re)) / 2), small = x.im / (2 * large);
    if (x.re >= 0) return {large, small};
    return {std::abs(small), std::copysign(large, x.im)};
  }

  // A rotation [c s; -conj(s) c] that takes (x, y) to (r, 0).
  struct Rotation {
    R c;
    T s;

    Rotation(T x, T y, T& r) {
      const R first = magnitude(x), second = magnitude(y), length = std::hypot(first, second);
      if (second == 0) {
        c = 1, s = T(0), r = x;
      } else if (first == 0) {
        c = 0, s = T(1), r = y;
      } else {
        const T direction = x / T(first);
        c = first / length, s = direction * conjugate(y) / T(length), r = direction * T(length);
      }
    }
    void turn(T& x, T& y) const {
      const T old = x;
      x = T(c) * old + s * y;
      y = T(c) * y - conjugate(s) * old;
    }
    void turnColumns(int64_t rows, T* x, T* y) const {
      for (int64_t i = 0; i < rows; ++i) {
        const T old = x[i];
        x[i] = T(c) * old + conjugate(s) * y[i];
        y[i] = T(c) * y[i] - s * old;
      }
    }
  };

  void step(int64_t first, int64_t last, T shift) {
    T x = at(first, first) - shift, y = at(first + 1, first);
    for (int64_t k = first; k < last; ++k) {
      T r;
      const Rotation rotation(x, y, r);
      if (k > first) at(k, k - 1) = r, at(k + 1, k - 1) = T(0);
      for (int64_t j = k; j < n_; ++j) rotation.turn(at(k, j), at(k + 1, j));
      rotation.turnColumns(std::min(k + 2, last) + 1, h_.at(0, k), h_.at(0, k + 1));
      if (wantsVectors_) rotation.turnColumns(n_, q_.at(0, k), q_.at(0, k + 1));
      if (k + 1 < last) x = at(k + 1, k), y = at(k + 2, k);
    }
  }

  const Matrix<T> h_;
  const int64_t n_;
  const Matrix<T> q_;
  const bool wantsVectors_;
};

// The vector x of eigenvalue k of a triangle, by substitution upwards.
template <class T>
void substitute(const Matrix<T>& t, int64_t n, int64_t k, RealOf<T> small, T* x) {
  const T value = *t.at(k, k);
  std::fill(x, x + n, T(0));
  x[k] = T(1);
  addScaled(k, T(-1), t.at(0, k), x);
  for (int64_t i = k - 1; i >= 0; --i) {
    T divisor = *t.at(i, i) - value;
    if (magnitude(divisor) < small) divisor = T(small);
    x[i] /= divisor;
    const RealOf<T> size = magnitude(x[i]);
    if (size > 1 / (small * n)) scaleParts(n, 1 / size, x);
    addScaled(i, -x[i], t.at(0, i), x);
  }
}

// Makes a vector of length 1 whose largest element is real, as LAPACK does.
template <class T>
void normalize(int64_t n, T* x) {
  const RealOf<T> size = normOf(n, x);
  if (!(size > 0)) return;
  int64_t largest = 0;
  for (int64_t i = 1; i < n; ++i) {
    if (magnitude(x[i]) > magnitude(x[largest])) largest = i;
  }
  scale(n, conjugate(x[largest]) / T(magnitude(x[largest])) / T(size), x);
  x[largest].im = 0;
}

template <class T>
int32_t decompose(T* data, int64_t n, T* values, T* vectors, bool parallel) {
  using R = RealOf<T>;
  const Matrix<T> a = columns(data, n);
  const R factor = safeScale(data, n * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != R(1)) scaleParts(n * n, factor, data);
  const bool wantsVectors = vectors != nullptr;
  const Scratch<T> memory(wantsVectors ? 2 * n * n : 0);
  const Scratch<R> scales(n);
  const Matrix<T> q = columns(memory.get(), n);
  balance(a, n, scales.get());
  makeHessenberg(a, n, q, wantsVectors, parallel);
  if (!ComplexSchur<R>(a, n, q, wantsVectors).run()) return 1;
  for (int64_t i = 0; i < n; ++i) values[i] = *a.at(i, i) / T(factor);
  if (!wantsVectors) return 0;
  R norm = 0;
  for (int64_t i = 0; i < n * n; ++i) norm = std::max(norm, quickMagnitude(data[i]));
  const R small = std::max(std::numeric_limits<R>::epsilon() * norm, std::numeric_limits<R>::min() * 16);
  T* const inner = memory.get() + n * n;
  for (int64_t k = 0; k < n; ++k) substitute(a, n, k, small, inner + k * n);
  addProduct<T>(n, n, n, 1, constant(q), columns<const T>(inner, n), 0, columns(vectors, n), parallel);
  for (int64_t k = 0; k < n; ++k) {
    T* const x = vectors + k * n;
    for (int64_t i = 0; i < n; ++i) x[i] *= T(scales.get()[i]);
    normalize(n, x);
  }
  return 0;
}

}  // namespace

// (dtype, count, n, matrices, eigenvalues, eigenvectors or 0, info): the matrices are lost
static void generalEigen(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  char *const data = params.pointer(), *const values = params.pointer(), *const vectors = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  Complexes::dispatch(dtype, [&]<class T>(T) {
    forEachMatrix(count, 64 * workOf(n, n, n), [&](int64_t i, bool parallel) {
      info[i] = decompose(reinterpret_cast<T*>(data) + i * n * n, n, reinterpret_cast<T*>(values) + i * n,
                          vectors == nullptr ? nullptr : reinterpret_cast<T*>(vectors) + i * n * n, parallel);
    });
  });
  reportFailure(params, count, info);
}

static const KernelRegistration registration("complex.generalEigen", generalEigen);

}  // namespace flambeau
