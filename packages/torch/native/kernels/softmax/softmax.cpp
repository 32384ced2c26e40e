// Softmax and log-softmax along a dim, and their gradients.
//
// A lane whose elements are neighbours is a row; lanes that are neighbours of each other are worked on side by
// side; any other lane is copied to a row and back.
#include "kernels/reduce/lanes.h"
#include "kernels/softmax/row.h"
#include "runtime/scratch.h"

namespace flambeau {
namespace {

constexpr int64_t kSoftmaxCost = 8;

// A lane as a row: where it stands if it is one, otherwise in a buffer.
template <class T>
T* gatherRow(ThreadScratch& buffer, char* p, int64_t stride, int64_t n) {
  if (stride == sizeof(T)) return reinterpret_cast<T*>(p);
  T* row = buffer.reserve<T>(n);
  for (int64_t i = 0; i < n; ++i) row[i] = *reinterpret_cast<const T*>(p + i * stride);
  return row;
}

template <class T>
void scatterRow(const T* row, char* p, int64_t stride, int64_t n) {
  if (reinterpret_cast<const char*>(row) == p) return;
  for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(p + i * stride) = row[i];
}

template <class T>
struct Lanes {
  T* first;
  int64_t stride;  // elements between neighbours in a lane
  T* at(int64_t i) const { return first + i * stride; }
};

template <class T, int N>
Lanes<T> lanesOf(const LaneLoop<N>& loop, char** p, int k) {
  return {reinterpret_cast<T*>(p[k]), loop.strides[k] / static_cast<int64_t>(sizeof(T))};
}

template <bool kLog, class T>
void softmaxSideBySide(Lanes<T> out, Lanes<T> in, int64_t n, int64_t width) {
  T top[kLaneBlock], sum[kLaneBlock];
  std::fill_n(top, width, NumberMax<T>::identity);
  std::fill_n(sum, width, T(0));
  const NumberMax<T> max;
  for (int64_t i = 0; i < n; ++i) {
    const T* x = in.at(i);
    for (int64_t j = 0; j < width; ++j) top[j] = max.combine(top[j], x[j]);
  }
  for (int64_t i = 0; i < n; ++i) {
    const T* x = in.at(i);
    T* y = out.at(i);
    for (int64_t j = 0; j < width; ++j) {
      const T e = fastExp(x[j] - top[j]);
      sum[j] += e;
      if (!kLog) y[j] = e;
    }
  }
  for (int64_t j = 0; j < width; ++j) sum[j] = kLog ? std::log(sum[j]) : 1 / sum[j];
  for (int64_t i = 0; i < n; ++i) {
    const T* x = in.at(i);
    T* y = out.at(i);
    for (int64_t j = 0; j < width; ++j) y[j] = kLog ? x[j] - top[j] - sum[j] : y[j] * sum[j];
  }
}

template <bool kLog, class T>
void softmaxBackwardSideBySide(Lanes<T> gradInput, Lanes<T> grad, Lanes<T> output, int64_t n, int64_t width) {
  T sum[kLaneBlock];
  std::fill_n(sum, width, T(0));
  for (int64_t i = 0; i < n; ++i) {
    const T *g = grad.at(i), *y = output.at(i);
    for (int64_t j = 0; j < width; ++j) sum[j] += kLog ? g[j] : g[j] * y[j];
  }
  for (int64_t i = 0; i < n; ++i) {
    const T *g = grad.at(i), *y = output.at(i);
    T* d = gradInput.at(i);
    for (int64_t j = 0; j < width; ++j) d[j] = kLog ? g[j] - fastExp(y[j]) * sum[j] : (g[j] - sum[j]) * y[j];
  }
}

template <bool kLog, class T>
void softmaxLanes(const LaneLoop<2>& loop) {
  constexpr int64_t size = sizeof(T);
  const int64_t n = loop.length;
  loop.forEachBlock([&](char** p, const int64_t* s, int64_t width) {
    if (width > 1 && s[0] == size && s[1] == size) {
      return softmaxSideBySide<kLog, T>(lanesOf<T>(loop, p, 0), lanesOf<T>(loop, p, 1), n, width);
    }
    if (n <= kShortLane) {
      LaneTile<T> tile;
      const Lanes<T> lanes{tile.data, kLaneBlock};
      tile.read(p[1], s[1], loop.strides[1], n, width);
      softmaxSideBySide<kLog, T>(lanes, lanes, n, width);
      return tile.write(p[0], s[0], loop.strides[0], n, width);
    }
    static thread_local ThreadScratch outBuffer, inBuffer;
    for (int64_t j = 0; j < width; ++j) {
      char* lane = p[0] + j * s[0];
      const T* in = gatherRow<T>(inBuffer, p[1] + j * s[1], loop.strides[1], n);
      T* out = reinterpret_cast<T*>(lane);
      if (loop.strides[0] != size) out = outBuffer.reserve<T>(n);
      if (kLog) logSoftmaxRow(out, in, n);
      else softmaxRow(out, in, n);
      scatterRow(out, lane, loop.strides[0], n);
    }
  }, kSoftmaxCost);
}

template <bool kLog, class T>
void softmaxBackwardLanes(const LaneLoop<3>& loop) {
  constexpr int64_t size = sizeof(T);
  const int64_t n = loop.length;
  loop.forEachBlock([&](char** p, const int64_t* s, int64_t width) {
    if (width > 1 && s[0] == size && s[1] == size && s[2] == size) {
      const Lanes<T> out = lanesOf<T>(loop, p, 0), grad = lanesOf<T>(loop, p, 1), output = lanesOf<T>(loop, p, 2);
      return softmaxBackwardSideBySide<kLog, T>(out, grad, output, n, width);
    }
    if (n <= kShortLane) {
      LaneTile<T> gradTile, outputTile;
      const Lanes<T> grad{gradTile.data, kLaneBlock}, output{outputTile.data, kLaneBlock};
      gradTile.read(p[1], s[1], loop.strides[1], n, width);
      outputTile.read(p[2], s[2], loop.strides[2], n, width);
      softmaxBackwardSideBySide<kLog, T>(grad, grad, output, n, width);
      return gradTile.write(p[0], s[0], loop.strides[0], n, width);
    }
    static thread_local ThreadScratch outBuffer, gradBuffer, outputBuffer;
    for (int64_t j = 0; j < width; ++j) {
      char* lane = p[0] + j * s[0];
      const T* grad = gatherRow<T>(gradBuffer, p[1] + j * s[1], loop.strides[1], n);
      const T* output = gatherRow<T>(outputBuffer, p[2] + j * s[2], loop.strides[2], n);
      T* out = reinterpret_cast<T*>(lane);
      if (loop.strides[0] != size) out = outBuffer.reserve<T>(n);
      if (kLog) logSoftmaxBackwardRow(out, grad, output, n);
      else softmaxBackwardRow(out, grad, output, n);
      scatterRow(out, lane, loop.strides[0], n);
    }
  }, kSoftmaxCost);
}

}  // namespace

// (dtype, whether the logarithm, lanes of output, input)
FLAMBEAU_KERNEL(softmax) {
  const DType dtype = params.dtype();
  const bool log = params.flag();
  const LaneLoop<2> loop(params, {itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) { log ? softmaxLanes<true, T>(loop) : softmaxLanes<false, T>(loop); });
}

// (dtype, whether the logarithm, lanes of gradient of input, gradient, output)
FLAMBEAU_KERNEL(softmaxBackward) {
  const DType dtype = params.dtype();
  const bool log = params.flag();
  const LaneLoop<3> loop(params, {itemSize(dtype), itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    log ? softmaxBackwardLanes<true, T>(loop) : softmaxBackwardLanes<false, T>(loop);
  });
}

}  // namespace flambeau
