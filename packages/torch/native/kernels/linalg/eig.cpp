// Eigenvalues and eigenvectors of real matrices of any kind, which are complex numbers: reflections make the matrix a
// Hessenberg one, Francis' double steps make that nearly triangular, and substitution gives the vectors.
#include <complex>

#include "kernels/linalg/hessenberg.h"
#include "kernels/linalg/rotations.h"

namespace flambeau {
namespace {

// The real Schur form of a Hessenberg matrix: triangular but for blocks of two, which are pairs of complex eigenvalues.
template <class T>
class RealSchur {
 public:
  RealSchur(const Matrix<T>& h, int64_t n, const Matrix<T>& q, bool wantsVectors, T* real, T* imaginary)
      : h_(h), n_(n), q_(q), wantsVectors_(wantsVectors), real_(real), imaginary_(imaginary) {}

  // False if the steps do not end.
  bool run() {
    T norm = 0;
    for (int64_t j = 0; j < n_; ++j) {
      for (int64_t i = 0; i <= std::min(j + 1, n_ - 1); ++i) norm += std::abs(at(i, j));
    }
    int tries = 0;
    for (int64_t last = n_ - 1; last >= 0;) {
      int64_t first = last;
      for (; first > 0; --first) {
        T size = std::abs(at(first - 1, first - 1)) + std::abs(at(first, first));
        if (size == T(0)) size = norm;
        if (std::abs(at(first, first - 1)) <= kEps * size) {
          at(first, first - 1) = 0;
          break;
        }
      }
      if (first == last) {
        real_[last] = at(last, last);
        imaginary_[last] = 0;
        last -= 1, tries = 0;
      } else if (first == last - 1) {
        split(last);
        last -= 2, tries = 0;
      } else {
        if (++tries > 60) return false;
        step(first, last, tries);
      }
    }
    return true;
  }

 private:
  static constexpr T kEps = std::numeric_limits<T>::epsilon();
  T& at(int64_t i, int64_t j) const { return *h_.at(i, j); }

  // A block of two: its eigenvalues, and a rotation that makes it triangular if they are real.
  void split(int64_t last) {
    const int64_t i = last - 1;
    const T a = at(i, i), b = at(i, last), c = at(last, i), d = at(last, last);
    const T half = (a - d) / 2, square = half * half + b * c;
    if (square < T(0)) {
      real_[i] = real_[last] = d + half;
      imaginary_[i] = std::sqrt(-square);
      imaginary_[last] = -imaginary_[i];
      return;
    }
    const T root = half + std::copysign(std::sqrt(square), half);
    T cosine, sine;
    makeRotation(root, c, cosine, sine);
    for (int64_t j = i; j < n_; ++j) turn(at(i, j), at(last, j), cosine, sine);
    for (int64_t r = 0; r <= last; ++r) turn(at(r, i), at(r, last), cosine, sine);
    if (wantsVectors_) {
      for (int64_t r = 0; r < n_; ++r) turn(*q_.at(r, i), *q_.at(r, last), cosine, sine);
    }
    at(last, i) = 0;
    real_[i] = at(i, i);
    real_[last] = at(last, last);
    imaginary_[i] = imaginary_[last] = 0;
  }

  static void turn(T& x, T& y, T c, T s) {
    const T old = x;
    x = c * old + s * y;
    y = c * y - s * old;
  }

  // A double step with the eigenvalues of the last block of two as shifts, or others where those have not helped.
  void step(int64_t first, int64_t last, int tries) {
    T sum = at(last, last) + at(last - 1, last - 1);
    T product = at(last, last) * at(last - 1, last - 1) - at(last, last - 1) * at(last - 1, last);
    if (tries % 10 == 0) {
      const T size = std::abs(at(last, last - 1)) + std::abs(at(last - 1, last - 2));
      const T shift = at(last, last) + T(0.75) * size;
      sum = 2 * shift;
      product = shift * shift + T(0.4375) * size * size;
    }
    // The first column of (H - s₁)(H - s₂), from where two neighbours below the diagonal are small together.
    T p = 0, q = 0, r = 0;
    int64_t m = last - 2;
    for (;; --m) {
      const T below = at(m + 1, m), own = at(m, m);
      p = at(m, m + 1) + (own * own - sum * own + product) / below;
      q = own + at(m + 1, m + 1) - sum;
      r = at(m + 2, m + 1);
      const T size = std::abs(p) + std::abs(q) + std::abs(r);
      if (size > T(0)) p /= size, q /= size, r /= size;
      if (m == first) break;
      const T beside = std::abs(at(m - 1, m - 1)) + std::abs(own) + std::abs(at(m + 1, m + 1));
      if (std::abs(at(m, m - 1)) * (std::abs(q) + std::abs(r)) <= kEps * std::abs(p) * beside) break;
    }
    for (int64_t k = m; k < last; ++k) {
      const int64_t count = std::min<int64_t>(3, last - k + 1);
      T v[3] = {p, q, r};
      if (k > m) {
        for (int64_t i = 0; i < count; ++i) v[i] = at(k + i, k - 1);
      }
      if (count < 3) v[2] = 0;
      T head = v[0];
      const T tau = makeReflection(count, head, v + 1);
      v[0] = 1;
      if (k > m) {
        at(k, k - 1) = head;
        for (int64_t i = 1; i < count; ++i) at(k + i, k - 1) = 0;
      } else if (m > first) {
        at(k, k - 1) *= 1 - tau;
      }
      if (tau == T(0)) continue;
      for (int64_t j = k; j < n_; ++j) {
        T* const x = h_.at(k, j);
        T product = x[0] + v[1] * x[1];
        if (count == 3) product += v[2] * x[2];
        product *= tau;
        x[0] -= product;
        x[1] -= product * v[1];
        if (count == 3) x[2] -= product * v[2];
      }
      reflectColumns(h_, std::min(last, k + 3) + 1, k, count, v, tau);
      if (wantsVectors_) reflectColumns(q_, n_, k, count, v, tau);
    }
  }

  static void reflectColumns(const Matrix<T>& a, int64_t rows, int64_t k, int64_t count, const T* v, T tau) {
    T *const __restrict x = a.at(0, k), *const __restrict y = a.at(0, k + 1);
    T* const __restrict z = count == 3 ? a.at(0, k + 2) : nullptr;
    const T second = v[1], third = v[2];
    if (z == nullptr) {
      for (int64_t i = 0; i < rows; ++i) {
        const T product = tau * (x[i] + second * y[i]);
        x[i] -= product;
        y[i] -= product * second;
      }
      return;
    }
    for (int64_t i = 0; i < rows; ++i) {
      const T product = tau * (x[i] + second * y[i] + third * z[i]);
      x[i] -= product;
      y[i] -= product * second;
      z[i] -= product * third;
    }
  }

  const Matrix<T> h_;
  const int64_t n_;
  const Matrix<T> q_;
  const bool wantsVectors_;
  T *const real_, *const imaginary_;
};

// The vector x of one eigenvalue of the Schur form, by substitution upwards; its parts have n elements each.
template <class T>
void substitute(const Matrix<T>& t, int64_t n, int64_t k, std::complex<T> value, T small, T* re, T* im) {
  using Number = std::complex<T>;
  std::fill(re, re + n, T(0));
  std::fill(im, im + n, T(0));
  const auto set = [&](int64_t j, Number x) {
    re[j] = x.real();
    im[j] = x.imag();
  };
  // Takes what element j, which is known, adds to the rows above off their right-hand sides.
  const auto takeOff = [&](int64_t j, int64_t rows) {
    addScaled(rows, -re[j], t.at(0, j), re);
    addScaled(rows, -im[j], t.at(0, j), im);
  };
  int64_t i = k;
  if (value.imag() != T(0)) {
    const T b = *t.at(k, k + 1), c = *t.at(k + 1, k);
    if (std::abs(b) >= std::abs(c)) set(k, 1), set(k + 1, (value - *t.at(k, k)) / b);
    else set(k + 1, 1), set(k, (value - *t.at(k + 1, k + 1)) / c);
    takeOff(k + 1, k);
  } else {
    set(k, 1);
  }
  takeOff(k, k);
  for (i = k - 1; i >= 0; --i) {
    const bool isPair = i > 0 && *t.at(i, i - 1) != T(0);
    if (!isPair) {
      Number divisor = *t.at(i, i) - value;
      if (std::abs(divisor) < small) divisor = small;
      set(i, Number(re[i], im[i]) / divisor);
    } else {
      const Number a = *t.at(i - 1, i - 1) - value, d = *t.at(i, i) - value, first(re[i - 1], im[i - 1]), second(re[i], im[i]);
      const T b = *t.at(i - 1, i), c = *t.at(i, i - 1);
      Number determinant = a * d - b * c;
      if (std::abs(determinant) < small * small) determinant = small * small;
      set(i - 1, (d * first - b * second) / determinant);
      set(i, (a * second - c * first) / determinant);
    }
    const int64_t top = isPair ? i - 1 : i;
    const T size = std::max(std::hypot(re[i], im[i]), std::hypot(re[top], im[top]));
    if (size > 1 / (small * n)) {
      scale(n, 1 / size, re);
      scale(n, 1 / size, im);
    }
    takeOff(i, top);
    if (isPair) takeOff(i - 1, top);
    i = top;
  }
}

// Makes vectors of length 1 whose largest element is real, as LAPACK does.
template <class T>
void normalize(int64_t n, T* re, T* im, bool isReal) {
  const T size = std::hypot(normOf(n, re), isReal ? T(0) : normOf(n, im));
  if (!(size > T(0))) return;
  std::complex<T> factor = 1 / size;
  if (!isReal) {
    int64_t largest = 0;
    for (int64_t i = 1; i < n; ++i) {
      if (std::hypot(re[i], im[i]) > std::hypot(re[largest], im[largest])) largest = i;
    }
    const T most = std::hypot(re[largest], im[largest]);
    factor *= std::complex<T>(re[largest] / most, -im[largest] / most);
  }
  for (int64_t i = 0; i < n; ++i) {
    const std::complex<T> x = std::complex<T>(re[i], im[i]) * factor;
    re[i] = x.real();
    im[i] = x.imag();
  }
}

template <class T>
int32_t decompose(T* data, int64_t n, std::complex<T>* values, std::complex<T>* vectors, bool parallel) {
  const Matrix<T> a = columns(data, n);
  const T factor = safeScale(data, n * n);
  if (std::isnan(factor)) return kNotFinite;
  if (factor != T(1)) scale(n * n, factor, data);
  const bool wantsVectors = vectors != nullptr;
  const Scratch<T> memory(3 * n + (wantsVectors ? 5 * n * n : 0));
  T *const scales = memory.get(), *const real = scales + n, *const imaginary = real + n, *const basis = imaginary + n;
  const Matrix<T> q = columns(basis, n);
  balance(a, n, scales);
  makeHessenberg(a, n, q, wantsVectors, parallel);
  if (!RealSchur<T>(a, n, q, wantsVectors, real, imaginary).run()) return 1;
  for (int64_t i = 0; i < n; ++i) values[i] = std::complex<T>(real[i] / factor, imaginary[i] / factor);
  if (!wantsVectors) return 0;
  T norm = 0;
  for (int64_t i = 0; i < n * n; ++i) norm = std::max(norm, std::abs(data[i]));
  const T small = std::max(std::numeric_limits<T>::epsilon() * norm, std::numeric_limits<T>::min() * 16);
  // Four matrices: parts of the vectors in the basis, and parts of the vectors.
  T *const re = basis + n * n, *const im = re + n * n, *const outRe = im + n * n, *const outIm = outRe + n * n;
  for (int64_t k = 0; k < n; ++k) {
    if (imaginary[k] < T(0)) continue;
    substitute<T>(a, n, k, std::complex<T>(real[k], imaginary[k]), small, re + k * n, im + k * n);
    if (imaginary[k] == T(0)) continue;
    std::fill(re + (k + 1) * n, re + (k + 2) * n, T(0));
    std::fill(im + (k + 1) * n, im + (k + 2) * n, T(0));
    ++k;
  }
  addProduct<T>(n, n, n, 1, constant(q), columns<const T>(re, n), 0, columns(outRe, n), parallel);
  addProduct<T>(n, n, n, 1, constant(q), columns<const T>(im, n), 0, columns(outIm, n), parallel);
  for (int64_t k = 0; k < n; ++k) {
    T *const x = outRe + k * n, *const y = outIm + k * n;
    if (imaginary[k] < T(0)) {
      for (int64_t i = 0; i < n; ++i) vectors[k * n + i] = std::conj(vectors[(k - 1) * n + i]);
      continue;
    }
    for (int64_t i = 0; i < n; ++i) x[i] *= scales[i], y[i] *= scales[i];
    normalize(n, x, y, imaginary[k] == T(0));
    for (int64_t i = 0; i < n; ++i) vectors[k * n + i] = std::complex<T>(x[i], y[i]);
  }
  return 0;
}

}  // namespace

// (dtype, count, n, matrices, eigenvalues, eigenvectors or 0, info): the matrices are lost; the results are complex
FLAMBEAU_KERNEL(generalEigen) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), n = params.integer();
  char *const data = params.pointer(), *const values = params.pointer(), *const vectors = params.pointer();
  int32_t* const info = params.pointer<int32_t>();
  dispatchFloating(dtype, [&]<class T>(T) {
    using Number = std::complex<T>;
    forEachMatrix(count, 32 * workOf(n, n, n), [&](int64_t i, bool parallel) {
      info[i] = decompose(reinterpret_cast<T*>(data) + i * n * n, n, reinterpret_cast<Number*>(values) + i * n,
                          vectors == nullptr ? nullptr : reinterpret_cast<Number*>(vectors) + i * n * n, parallel);
    });
  });
  reportFailure(params, count, info);
}

}  // namespace flambeau
