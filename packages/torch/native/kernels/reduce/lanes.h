// A loop over the lanes of tensors: the elements along one dim, for every index of the other dims.
#pragma once
#include "kernels/iterator.h"

namespace flambeau {

// Lanes that are worked on side by side where they are neighbours in memory.
constexpr int64_t kLaneBlock = 128;

// Lanes up to this length are worth transposing, so that they can be worked on side by side too.
constexpr int64_t kShortLane = 32;

// Short lanes that were transposed: neighbours in a lane are kLaneBlock elements apart.
template <class T>
struct LaneTile {
  T data[kShortLane * kLaneBlock];

  void read(const char* p, int64_t laneStride, int64_t stride, int64_t n, int64_t width) {
    for (int64_t j = 0; j < width; ++j, p += laneStride) {
      for (int64_t i = 0; i < n; ++i) data[i * kLaneBlock + j] = *reinterpret_cast<const T*>(p + i * stride);
    }
  }
  void write(char* p, int64_t laneStride, int64_t stride, int64_t n, int64_t width) const {
    for (int64_t j = 0; j < width; ++j, p += laneStride) {
      for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(p + i * stride) = data[i * kLaneBlock + j];
    }
  }
};

template <int N>
struct LaneLoop {
  StridedLoop<N> outer;  // over the other dims
  int64_t length;
  int64_t strides[N];  // bytes between neighbours in a lane

  // Reads a loop over the other dims, then the size of the dim and its stride in each operand.
  LaneLoop(Params& params, const int (&itemSizes)[N]) : outer(params, itemSizes), length(params.integer()) {
    for (int k = 0; k < N; ++k) strides[k] = params.integer() * itemSizes[k];
  }

  // Calls block(pointers, strides between lanes, lanes) until all lanes are done, `cost` the work of an element.
  // Short lanes, and those that stand side by side in memory, come in blocks of several.
  template <class Block>
  void forEachBlock(const Block& block, int64_t cost) const {
    if (length == 0) return;
    const int64_t most = sideBySide() || length <= kShortLane ? kLaneBlock : 1;
    outer.forEachRow(
        [&](char** p, const int64_t* laneStrides, int64_t n) {
          for (int64_t done = 0; done < n; done += most) {
            block(p, laneStrides, std::min(most, n - done));
            for (int k = 0; k < N; ++k) p[k] += most * laneStrides[k];
          }
        },
        std::max<int64_t>(1, length * cost));
  }

 private:
  // Whether in the input, which is operand 1, neighbouring lanes are closer than neighbours in a lane.
  bool sideBySide() const {
    return outer.ndim > 0 && outer.shape[0] > 1 && (length == 1 || outer.strides[1][0] < strides[1]);
  }
};

}  // namespace flambeau
