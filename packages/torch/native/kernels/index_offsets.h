// The first half of advanced indexing: index tensors become offsets into the indexed tensor.
#pragma once
#include "kernels/index_common.h"

namespace flambeau {

// One index tensor. It walks `dims` with one flat index: a single dim, or all of them for take and put.
struct IndexOperand {
  FlatDims dims;
  StridedLoop<1> distinct;  // the index without the dims along which it is expanded
  StridedLoop<2> loop;      // offsets (row-major, the address filled in later), index

  explicit IndexOperand(Params& params) : dims(params), distinct(params, {8}), loop(params, {8, 8}) {}

  // offsets += where the index points; a negative index counts from the end.
  void addTo(int64_t* offsets, bool first) {
    loop.data[0] = reinterpret_cast<char*>(offsets);
    const int64_t size = dims.numel(), step = dims.ndim == 1 ? dims.strides[0] : 0;
    loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
      auto* out = reinterpret_cast<int64_t*>(p[0]);
      const auto* index = reinterpret_cast<const int64_t*>(p[1]);
      const int64_t so = elements<int64_t>(strides[0]), si = elements<int64_t>(strides[1]);
      if (dims.ndim == 1) {
        for (int64_t i = 0; i < n; ++i) {
          const int64_t flat = index[i * si] + (index[i * si] < 0 ? size : 0);
          out[i * so] = (first ? 0 : out[i * so]) + flat * step;
        }
      } else {
        for (int64_t i = 0; i < n; ++i) {
          const int64_t flat = index[i * si] + (index[i * si] < 0 ? size : 0);
          out[i * so] = (first ? 0 : out[i * so]) + dims.offsetOf(flat);
        }
      }
    }, 2);
  }
};

// Reads (number of operands, operands) and writes the sum of their offsets. On a bad index reports it, with the
// number of its operand as result 1, and returns false.
inline bool readOffsets(Params& params, int64_t* offsets) {
  const int count = static_cast<int>(params.integer());
  std::vector<IndexOperand> operands;
  operands.reserve(count);
  for (int k = 0; k < count; ++k) operands.emplace_back(params);
  for (int k = 0; k < count; ++k) {
    const int64_t size = operands[k].dims.numel();
    if (!checkIndices<int64_t>(params, operands[k].distinct, -size, size)) {
      params.result(1, k);
      return false;
    }
  }
  for (int k = 0; k < count; ++k) operands[k].addTo(offsets, k == 0);
  return true;
}

}  // namespace flambeau
