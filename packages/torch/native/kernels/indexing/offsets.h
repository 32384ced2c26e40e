// The first half of advanced indexing: index tensors become offsets into the indexed tensor.
#pragma once
#include <optional>

#include "kernels/indexing/common.h"

namespace flambeau {

// One index tensor. It walks `dims` with one flat index: a single dim, or all of them for take and put.
struct IndexOperand {
  FlatDims dims;
  StridedLoop<1> distinct;  // the index without the dims along which it is expanded
  StridedLoop<2> loop;      // offsets (row-major, the address filled in later), index

  explicit IndexOperand(Params& params) : dims(params), distinct(params, {8}), loop(params, {8, 8}) {}

  // Whether the index itself can stand for the offsets: contiguous, of one dim, and nothing counts from the end.
  bool isPlain() const {
    if (dims.ndim != 1 || loop.ndim > 1) return false;
    if (loop.ndim == 1 && loop.shape[0] > 1 && loop.strides[1][0] != 8) return false;
    const auto* index = reinterpret_cast<const int64_t*>(loop.data[1]);
    std::atomic<int64_t> bits{0};
    parallelFor(loop.numel(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
      int64_t any = 0;
      for (int64_t i = begin; i < end; ++i) any |= index[i];
      bits |= any;
    });
    return bits >= 0;
  }

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

// The offsets to which all index tensors together lead: offset j is data[j] * step.
class Offsets {
 public:
  // Reads (number of offsets, number of operands, operands). A bad index is reported, with the number of its operand
  // as result 1, and leaves `failed` set.
  explicit Offsets(Params& params) : count_(params.integer()) {
    const int operands = static_cast<int>(params.integer());
    operands_.reserve(operands);
    for (int k = 0; k < operands; ++k) operands_.emplace_back(params);
    failed_ = !check(params);
    if (!failed_) compute();
  }

  bool failed() const { return failed_; }
  int64_t count() const { return count_; }
  int64_t step() const { return step_; }
  char* data() const { return reinterpret_cast<char*>(const_cast<int64_t*>(data_)); }

 private:
  bool check(Params& params) {
    for (size_t k = 0; k < operands_.size(); ++k) {
      const int64_t size = operands_[k].dims.numel();
      if (!checkIndices<int64_t>(params, operands_[k].distinct, -size, size)) {
        params.result(1, static_cast<double>(k));
        return false;
      }
    }
    return true;
  }

  void compute() {
    if (operands_.size() == 1 && operands_[0].isPlain()) {
      data_ = reinterpret_cast<const int64_t*>(operands_[0].loop.data[1]);
      step_ = operands_[0].dims.strides[0];
      return;
    }
    computed_.emplace(count_);
    for (size_t k = 0; k < operands_.size(); ++k) operands_[k].addTo(*computed_, k == 0);
    data_ = *computed_;
  }

  int64_t count_, step_ = 1;
  bool failed_ = false;
  std::vector<IndexOperand> operands_;
  std::optional<Scratch<int64_t>> computed_;
  const int64_t* data_ = nullptr;
};

}  // namespace flambeau
