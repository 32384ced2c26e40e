// What becomes of the sums of a convolution, while they are in the cache: batch norm, a shortcut, an activation.
#include <algorithm>

#include "kernels/conv/convolution.h"
#include "kernels/gemm/simd.h"

namespace flambeau {
namespace {

template <class T>
using Vector = typename Simd<T>::Vector;

template <class T>
inline Vector<T> activated(const Epilogue<T>& e, Vector<T> v) {
  Vector<T> gate = v + e.offset;
  // The comparisons are such that NaN stays.
  gate = gate < e.low ? Vector<T>{} + e.low : gate;
  gate = (gate > e.high ? Vector<T>{} + e.high : gate) * e.factor;
  return e.multiplies ? v * gate : gate;
}

template <class T>
T finished(const Epilogue<T>& e, int64_t r, T sum, const T* out) {
  if (e.scale != nullptr) sum = sum * e.scale[r] + e.shift[r];
  if (e.added != nullptr) sum += e.added[out - e.out];
  return activated<T>(e, Vector<T>{} + sum)[0];
}

// Elements beside each other: those of one result if `step` is 0, else each of another one.
template <class T>
void finishRun(const Epilogue<T>& epilogue, int64_t r, int64_t step, T* out, int64_t count) {
  using S = Simd<T>;
  // A copy, which no store can change, stays in registers.
  const Epilogue<T> e = epilogue;
  const T* added = e.added == nullptr ? nullptr : e.added + (out - e.out);
  const T scale = e.scale == nullptr ? T(1) : e.scale[r], shift = e.scale == nullptr ? T(0) : e.shift[r];
  for (int64_t i = 0; i < count; i += S::width) {
    const int64_t left = std::min<int64_t>(S::width, count - i);
    Vector<T> v = S::load(out + i, left);
    if (e.scale != nullptr && step == 0) {
      v = v * scale + shift;
    } else if (e.scale != nullptr) {
      v = v * S::load(e.scale + r + i, left) + S::load(e.shift + r + i, left);
    }
    if (added != nullptr) v += S::load(added + i, left);
    S::store(out + i, activated(e, v), left);
  }
}

}  // namespace

template <class T>
void finishSums(const Epilogue<T>& e, const ResultRange& results, T* out, int64_t count, int64_t step) {
  if (step != 1 && results.step == 1) {
    for (int64_t i = 0; i < count; ++i) finishRun(e, results.first, 1, out + i * step, results.count);
    return;
  }
  for (int64_t i = 0; i < results.count; ++i, out += results.step) {
    const int64_t r = results.first + i;
    if (step == 1) {
      finishRun(e, r, 0, out, count);
    } else {
      for (int64_t j = 0; j < count; ++j) out[j * step] = finished(e, r, out[j * step], out + j * step);
    }
  }
}

template void finishSums(const Epilogue<float>&, const ResultRange&, float*, int64_t, int64_t);
template void finishSums(const Epilogue<double>&, const ResultRange&, double*, int64_t, int64_t);

}  // namespace flambeau
