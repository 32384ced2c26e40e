// A loop over the lanes of tensors: the elements along one dim, for every index of the other dims.
#pragma once
#include "kernels/iterator.h"

namespace flambeau {

// Lanes that are worked on side by side where they are neighbours in memory.
constexpr int64_t kLaneBlock = 128;

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
  template <class Block>
  void forEachBlock(const Block& block, int64_t cost) const {
    if (length == 0) return;
    const int64_t most = sideBySide() ? kLaneBlock : 1;
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
