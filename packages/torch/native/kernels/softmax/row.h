// Softmax of one row of neighbouring elements, and its gradient.
#pragma once
#include "kernels/reduce/fold.h"
#include "kernels/softmax/math.h"

namespace flambeau {

// Elements that are worked on while they are in the nearest cache.
constexpr int64_t kSoftmaxBlock = 1024;

// The largest of the elements that are not NaN: a NaN comes through in its own exponential.
template <class T>
struct NumberMax : Max<T> {
  template <class V> V combine(V a, V b) const { return b > a ? b : a; }
};

template <class T>
inline T rowMax(const T* in, int64_t n) {
  T top = NumberMax<T>::identity;
  foldRow(NumberMax<T>(), top, in, n);
  return top;
}

// out = exp(in - shift), of which the sum is returned.
template <class T>
inline double expRow(T* out, const T* in, int64_t n, T shift) {
  double sum = 0;
  for (int64_t done = 0; done < n; done += kSoftmaxBlock) {
    const int64_t count = std::min(kSoftmaxBlock, n - done);
    for (int64_t i = 0; i < count; ++i) out[done + i] = fastExp(in[done + i] - shift);
    foldRow(Sum<T>(), sum, out + done, count);
  }
  return sum;
}

// The sum of exp(in - shift).
template <class T>
inline double expSumRow(const T* in, int64_t n, T shift) {
  T buffer[kSoftmaxBlock];
  double sum = 0;
  for (int64_t done = 0; done < n; done += kSoftmaxBlock) {
    sum += expRow(buffer, in + done, std::min(kSoftmaxBlock, n - done), shift);
  }
  return sum;
}

template <class T>
inline void softmaxRow(T* out, const T* in, int64_t n) {
  const T scale = static_cast<T>(1 / expRow(out, in, n, rowMax(in, n)));
  for (int64_t i = 0; i < n; ++i) out[i] *= scale;
}

// The shift and the logarithm of the sum are subtracted one after the other, as their sum would be less exact.
template <class T>
inline void logSoftmaxRow(T* out, const T* in, int64_t n) {
  const T shift = rowMax(in, n), logSum = std::log(static_cast<T>(expSumRow(in, n, shift)));
  for (int64_t i = 0; i < n; ++i) out[i] = in[i] - shift - logSum;
}

template <class T>
inline void softmaxBackwardRow(T* gradInput, const T* grad, const T* output, int64_t n) {
  double total = 0;
  T product[kSoftmaxBlock];
  for (int64_t done = 0; done < n; done += kSoftmaxBlock) {
    const int64_t count = std::min(kSoftmaxBlock, n - done);
    for (int64_t i = 0; i < count; ++i) product[i] = grad[done + i] * output[done + i];
    foldRow(Sum<T>(), total, product, count);
  }
  const T sum = static_cast<T>(total);
  for (int64_t i = 0; i < n; ++i) gradInput[i] = (grad[i] - sum) * output[i];
}

template <class T>
inline void logSoftmaxBackwardRow(T* gradInput, const T* grad, const T* output, int64_t n) {
  double total = 0;
  foldRow(Sum<T>(), total, grad, n);
  const T sum = static_cast<T>(total);
  for (int64_t i = 0; i < n; ++i) gradInput[i] = grad[i] - fastExp(output[i]) * sum;
}

}  // namespace flambeau
