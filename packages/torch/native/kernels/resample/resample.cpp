// Resampling: every element of the result is a weighted sum of neighbours in the input, dim by dim.
//
// A dim has a window of neighbours for each of its places. Planes, which are the dims that are resampled and what lies
// within them, are gone through one by one, with a pass for each dim: those that shrink the plane come first, and of
// others the innermost, whose neighbours cannot be read as vectors.
#include <algorithm>

#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int kMaxResampled = 3;
constexpr int64_t kResampleGrain = 16384;

// The windows of one dim: where each begins, how many neighbours it has, and their weights, first all first ones.
template <class T>
struct Windows {
  int64_t in, out, inner;  // sizes; inner is that of what lies within the dim when its pass comes
  const int32_t *starts, *counts;
  const T* weights;

  void read(Params& params) {
    in = params.integer();
    out = params.integer();
    starts = params.pointer<int32_t>();
    counts = params.pointer<int32_t>();
    weights = params.pointer<T>();
    for (int64_t i = 0; i < out; ++i) {
      if (starts[i] < 0 || counts[i] < 0 || starts[i] + counts[i] > in) refuse("a window reaches outside its dim");
    }
  }

  // out[i, :] = the sum of the window's weights times rows of the input.
  void passRows(const T* from, T* to) const {
    for (int64_t i = 0; i < out; ++i, to += inner) {
      const T *__restrict a = from + starts[i] * inner, *w = weights + i;
      const int64_t count = counts[i];
      T* __restrict row = to;
      if (count == 0) {
        std::fill_n(row, inner, T(0));
      } else if (count == 1) {
        const T w0 = w[0];
        for (int64_t j = 0; j < inner; ++j) row[j] = w0 * a[j];
      } else if (count == 2) {
        const T w0 = w[0], w1 = w[out];
        const T* __restrict b = a + inner;
        for (int64_t j = 0; j < inner; ++j) row[j] = w0 * a[j] + w1 * b[j];
      } else {
        const T w0 = w[0], w1 = w[out], w2 = w[2 * out];
        for (int64_t j = 0; j < inner; ++j) row[j] = w0 * a[j] + w1 * a[inner + j] + w2 * a[2 * inner + j];
        for (int64_t k = 3; k < count; ++k) {
          const T wk = w[k * out];
          const T* __restrict b = a + k * inner;
          for (int64_t j = 0; j < inner; ++j) row[j] += wk * b[j];
        }
      }
    }
  }

  // The same where nothing lies within the dim: runs of windows with the same number of neighbours.
  void passElements(const T* __restrict from, T* __restrict to) const {
    for (int64_t begin = 0, end; begin < out; begin = end) {
      const int32_t count = counts[begin];
      for (end = begin + 1; end < out && counts[end] == count;) ++end;
      const T* __restrict w = weights;
      const int32_t* __restrict s = starts;
      switch (count) {
        case 0:
          std::fill(to + begin, to + end, T(0));
          break;
        case 1:
          for (int64_t i = begin; i < end; ++i) to[i] = w[i] * from[s[i]];
          break;
        case 2:
          for (int64_t i = begin; i < end; ++i) to[i] = w[i] * from[s[i]] + w[out + i] * from[s[i] + 1];
          break;
        default:
          for (int64_t i = begin; i < end; ++i) to[i] = w[i] * from[s[i]];
          for (int32_t k = 1; k < count; ++k) {
            for (int64_t i = begin; i < end; ++i) to[i] += w[k * out + i] * from[s[i] + k];
          }
      }
    }
  }

  // One pass over `outer` blocks.
  void pass(const T* from, T* to, int64_t outer) const {
    for (int64_t i = 0; i < outer; ++i, from += in * inner, to += out * inner) {
      if (inner == 1) passElements(from, to);
      else passRows(from, to);
    }
  }

  bool shrinks() const { return out < in; }
};

template <class T>
struct Resampling {
  int ndim;
  int64_t planes, block;  // block: elements within the dims
  Windows<T> dims[kMaxResampled];
  int order[kMaxResampled];

  explicit Resampling(Params& params) : ndim(params.dims()), planes(params.integer()), block(params.integer()) {
    if (ndim > kMaxResampled) refuse("a kernel resamples three dims at most");
    for (int d = 0; d < ndim; ++d) dims[d].read(params);
    int at = 0;
    for (int d = 0; d < ndim; ++d) {
      if (dims[d].shrinks()) order[at++] = d;
    }
    for (int d = ndim - 1; d >= 0; --d) {
      if (!dims[d].shrinks()) order[at++] = d;
    }
  }

  void run(const T* in, T* out) const {
    int64_t inCount = block, outCount = block, most = 0, sizes[kMaxResampled];
    for (int d = 0; d < ndim; ++d) {
      sizes[d] = dims[d].in;
      inCount *= dims[d].in;
      outCount *= dims[d].out;
    }
    // Sizes as they are when the pass of each dim comes.
    Windows<T> passes[kMaxResampled];
    int64_t outers[kMaxResampled];
    for (int i = 0; i < ndim; ++i) {
      const int d = order[i];
      passes[i] = dims[d];
      passes[i].inner = block;
      outers[i] = 1;
      for (int e = 0; e < d; ++e) outers[i] *= sizes[e];
      for (int e = d + 1; e < ndim; ++e) passes[i].inner *= sizes[e];
      sizes[d] = dims[d].out;
      most = std::max(most, outers[i] * passes[i].inner * passes[i].out);
    }
    parallelFor(planes, 1 + kResampleGrain / std::max<int64_t>(1, outCount), [&](int64_t begin, int64_t end) {
      static thread_local ThreadScratch scratch;
      T* const buffers = scratch.reserve<T>(2 * most);
      for (int64_t plane = begin; plane < end; ++plane) {
        const T* from = in + plane * inCount;
        for (int i = 0; i < ndim; ++i) {
          T* const to = i == ndim - 1 ? out + plane * outCount : buffers + i % 2 * most;
          passes[i].pass(from, to, outers[i]);
          from = to;
        }
      }
    });
  }
};

}  // namespace

// (dtype, dims, planes, block; for each dim size of input, of output, starts, counts, weights; input, output)
FLAMBEAU_KERNEL(resample) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      const Resampling<T> resampling(params);
      const T* in = params.pointer<T>();
      resampling.run(in, params.pointer<T>());
    }
  });
}

}  // namespace flambeau
