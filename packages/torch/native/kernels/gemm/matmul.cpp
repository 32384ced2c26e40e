// The matrix product as the rest of the library calls it: batches of problems of any dtype.
#include "kernels/gemm/gemm.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

template <class T>
struct Operand {
  T* data;
  int64_t strides[kMaxDims];

  Operand(Params& params, int ndim) : data(reinterpret_cast<T*>(params.pointer())) {
    for (int d = 0; d < ndim; ++d) strides[d] = params.integer();
  }
};

// Reads (batch dims, batch shape, m, n, k, alpha, beta, relu, whether b is turned), then address and strides of out, a, b
// and bias.
template <class T>
struct Batch {
  int dims;
  int64_t shape[kMaxDims];
  Gemm<T> first;
  Operand<T> out;
  Operand<const T> a, b, bias;

  explicit Batch(Params& params)
      : dims(readShape(params)), first(readProblem(params)), out(params, dims + 2), a(params, dims + 2),
        b(params, dims + 2), bias(params, dims + 2) {
    first.out = matrixOf(out);
    first.a = matrixOf(a);
    first.b = matrixOf(b);
    first.bias = matrixOf(bias);
    if (first.alpha == 0) first.k = 0;  // infinities in a and b have no say then
    fold();
  }

  int64_t count() const {
    int64_t n = 1;
    for (int d = 0; d < dims; ++d) n *= shape[d];
    return n;
  }

  Gemm<T> at(int64_t index) const {
    Gemm<T> g = first;
    for (int d = dims - 1; d >= 0; --d) {
      const int64_t i = index % shape[d];
      index /= shape[d];
      g.out.data += i * out.strides[d];
      g.a.data += i * a.strides[d];
      g.b.data += i * b.strides[d];
      if (g.bias.data != nullptr) g.bias.data += i * bias.strides[d];
    }
    return g;
  }

 private:
  int readShape(Params& params) {
    const int ndim = params.dims();
    for (int d = 0; d < ndim; ++d) shape[d] = params.integer();
    return ndim;
  }

  static Gemm<T> readProblem(Params& params) {
    Gemm<T> g = {};
    g.m = params.integer();
    g.n = params.integer();
    g.k = params.integer();
    g.alpha = params.scalar<SumOf<T>>();
    g.beta = params.scalar<SumOf<T>>();
    g.relu = params.flag();
    g.turnsB = params.flag() && std::is_floating_point_v<T> && !isHalf<T>;
    return g;
  }

  template <class U>
  Matrix<U> matrixOf(const Operand<U>& operand) const {
    return {operand.data, operand.strides[dims], operand.strides[dims + 1]};
  }

  // Problems that share `b` and whose rows follow each other are one problem with more rows.
  void fold() {
    for (; dims > 0; --dims) {
      const int64_t size = shape[dims - 1];
      if (size == 1) continue;
      if (b.strides[dims - 1] != 0 || !foldable(first.out, out) || !foldable(first.a, a) ||
          (bias.data != nullptr && !foldable(first.bias, bias))) {
        return;
      }
      if (first.m == 1) {
        first.out.rowStride = out.strides[dims - 1];
        first.a.rowStride = a.strides[dims - 1];
        first.bias.rowStride = bias.strides[dims - 1];
      }
      first.m *= size;
    }
  }

  template <class U>
  bool foldable(const Matrix<U>& matrix, const Operand<U>& operand) const {
    return first.m == 1 || operand.strides[dims - 1] == first.m * matrix.rowStride;
  }
};

template <class T>
void run(Params& params) {
  const Batch<T> batch(params);
  const int64_t count = batch.count(), work = batch.first.m * batch.first.n * batch.first.k;
  if (count == 0 || batch.first.m == 0 || batch.first.n == 0) return;
  // Many problems are shared out whole; of few, each is shared out in parts.
  const bool whole = count >= 4 * threadCount() || work < kGemmGrain;
  if (count == 1 || !whole) {
    for (int64_t i = 0; i < count; ++i) multiply(batch.at(i), true);
    return;
  }
  parallelFor(count, std::max<int64_t>(1, kGemmGrain / std::max<int64_t>(work, 1)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) multiply(batch.at(i), false);
  });
}

}  // namespace

// (dtype, batch)
FLAMBEAU_KERNEL(matmul) {
  dispatchStored(params.dtype(), [&]<class T>(T) {
    if constexpr (isComplex<T>) refuse("a product of complex matrices is one of real ones");
    else if constexpr (!std::is_same_v<T, Bool>) run<T>(params);
  });
}

}  // namespace flambeau
