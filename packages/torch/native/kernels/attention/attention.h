// Scaled dot-product attention: softmax(scale q kᵀ + mask) v, for many heads, a block of scores at a time.
#pragma once
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/kernel.h"
#include "kernels/softmax/row.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

// Rows and columns of the scores that are worked on while they are in a cache.
constexpr int64_t kQueryBlock = 64, kKeyBlock = 256;

// A matrix for each head of each sample, whose rows have no gaps. Sizes are those that the caller checked it with.
template <class T>
struct Heads {
  T* data;
  int64_t batchStride, headStride, rowStride;

  explicit Heads(Params& params) {
    for (int d = 0; d < 3; ++d) params.integer();
    data = params.pointer<T>();
    batchStride = params.integer();
    headStride = params.integer();
    rowStride = params.integer();
  }
  Matrix<T> at(int64_t batch, int64_t head) const {
    return {data + batch * batchStride + head * headStride, rowStride, 1};
  }
};

// What is added to scores, or tells which of them count; it may repeat along any dim.
struct Mask {
  enum class Kind { None, Added, Chosen } kind;
  const char* data;
  int64_t strides[4];

  explicit Mask(Params& params) : kind(static_cast<Kind>(params.integer())) {
    for (int d = 0; d < 4; ++d) params.integer();
    data = params.pointer();
    for (int64_t& stride : strides) stride = params.integer();
  }

  template <class T>
  void apply(T* scores, int64_t batch, int64_t head, int64_t row, int64_t key, int64_t count) const {
    const int64_t at = batch * strides[0] + head * strides[1] + row * strides[2] + key * strides[3], step = strides[3];
    if (kind == Kind::Added) {
      const T* added = reinterpret_cast<const T*>(data) + at;
      for (int64_t j = 0; j < count; ++j) scores[j] += added[j * step];
    } else if (kind == Kind::Chosen) {
      const Bool* chosen = reinterpret_cast<const Bool*>(data) + at;
      for (int64_t j = 0; j < count; ++j) {
        if (!chosen[j * step]) scores[j] = -std::numeric_limits<T>::infinity();
      }
    }
  }
};

// The problem, and what goes with every score.
template <class T>
struct Attention {
  int64_t batches, heads, queries, keys, size, valueSize;
  T scale;
  bool causal;       // a query sees the keys up to its own place
  T keptScale;       // what is kept of the weights by `kept` is multiplied by this
  Mask mask;
  const Bool* kept;  // null, or whether each weight is kept

  explicit Attention(Params& params)
      : batches(params.integer()), heads(params.integer()), queries(params.integer()), keys(params.integer()),
        size(params.integer()), valueSize(params.integer()), scale(static_cast<T>(params.number())),
        causal(params.flag()), keptScale(static_cast<T>(params.number())), mask(params),
        kept(params.pointer<Bool>()) {}

  // The number of keys that queries up to `last` see.
  int64_t seen(int64_t last) const { return causal ? std::min(keys, last) : keys; }

  // scores = scale q kᵀ + mask, for queries and keys from given ones on.
  void score(const Matrix<const T>& q, const Matrix<const T>& k, int64_t batch, int64_t head, int64_t row, int64_t rows,
             int64_t key, int64_t count, T* scores, int64_t stride) const {
    Gemm<T> g = {};
    g.m = rows, g.n = count, g.k = size;
    g.a = q.from(row, 0);
    g.b = k.from(key, 0).transposed();
    g.out = {scores, stride, 1};
    g.alpha = scale;
    gemm(g, false);
    for (int64_t i = 0; i < rows; ++i) {
      T* const line = scores + i * stride;
      mask.apply(line, batch, head, row + i, key, count);
      if (!causal) continue;
      const int64_t first = std::clamp<int64_t>(row + i + 1 - key, 0, count);
      std::fill(line + first, line + count, -std::numeric_limits<T>::infinity());
    }
  }

  // Multiplies weights, or gradients of kept weights, by what was drawn for them.
  void drop(T* line, int64_t batch, int64_t head, int64_t row, int64_t key, int64_t count) const {
    if (kept == nullptr) return;
    const Bool* chosen = kept + ((batch * heads + head) * queries + row) * keys + key;
    for (int64_t j = 0; j < count; ++j) line[j] = chosen[j] ? line[j] * keptScale : T(0);
  }
};

// out[m, n] = alpha a[m, k] b[k, n] + beta out
template <class T>
inline void multiply(int64_t m, int64_t n, int64_t k, const Matrix<const T>& a, const Matrix<const T>& b,
                     const Matrix<T>& out, T alpha, T beta) {
  Gemm<T> g = {};
  g.m = m, g.n = n, g.k = k;
  g.a = a, g.b = b, g.out = out;
  g.alpha = alpha, g.beta = beta;
  gemm(g, false);
}

}  // namespace flambeau
