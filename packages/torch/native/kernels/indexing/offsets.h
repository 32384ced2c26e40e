// The first half of advanced indexing: index tensors become offsets into the indexed tensor.
#pragma once
#include <optional>

#include "kernels/indexing/common.h"

namespace flambeau {

// One index tensor. It walks `dims` with one flat index: a single dim, or all of them for take and put.
struct IndexOperand {
  FlatDims dims;
  StridedLoop<2> loop;  // offsets (row-major, the address filled in later), index

  explicit IndexOperand(Params& params) : dims(params), loop(params, {8, 8}) {}

  // Whether the index itself can stand for the offsets: contiguous, of one dim, all in range and none from the end.
  bool isPlain() const {
    if (dims.ndim != 1 || loop.ndim > 1) return false;
    if (loop.shape[0] > 1 && loop.strides[1][0] != 8) return false;
    const auto* indices = reinterpret_cast<const uint64_t*>(loop.data[1]);
    const auto last = static_cast<uint64_t>(dims.sizes[0] - 1);
    Atomic<uint64_t> outside{0};
    parallelFor(loop.numel(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
      uint64_t any = last;
      for (int64_t i = begin; i < end; ++i) any |= indices[i] | (last - indices[i]);
      outside |= any;
    });
    return outside >> 63 == 0;  // the sign bit is set for an index outside
  }

  // offsets += where the index points; a negative index counts from the end. Reports a bad index, and returns whether
  // there was none.
  bool addTo(Params& params, int64_t* offsets, bool first) {
    loop.data[0] = reinterpret_cast<char*>(offsets);
    const int64_t size = dims.numel();
    Atomic<bool> failed{false};
    const auto add = [&](const auto& offsetOf) {
      loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
        auto* out = reinterpret_cast<int64_t*>(p[0]);
        const auto* index = reinterpret_cast<const int64_t*>(p[1]);
        const int64_t so = elements<int64_t>(strides[0]), si = elements<int64_t>(strides[1]);
        for (int64_t i = 0; i < n; ++i) {
          const int64_t given = readOnce(index[i * si]), flat = given + (given < 0 ? size : 0);
          if (!inRange(flat, size)) {
            if (!failed.exchange(true)) params.fail(1, static_cast<double>(given));
            return;
          }
          out[i * so] = (first ? 0 : out[i * so]) + offsetOf(flat);
        }
      }, 2);
    };
    if (dims.ndim == 1) add([step = dims.strides[0]](int64_t flat) { return flat * step; });
    else add([this](int64_t flat) { return dims.offsetOf(flat); });
    return !failed;
  }
};

// The offsets to which all index tensors together lead: offset j is data[j] * step, where data[j] is in [0, size) unless
// another thread changes it.
class Offsets {
 public:
  // Reads (number of offsets, number of operands, operands). A bad index is reported, with the number of its operand
  // as result 1, and leaves `failed` set.
  explicit Offsets(Params& params) : count_(params.integer()) {
    const int operands = static_cast<int>(params.integer());
    operands_.reserve(operands);
    for (int k = 0; k < operands; ++k) operands_.emplace_back(params);
    if (operands == 1 && operands_[0].isPlain()) {
      data_ = reinterpret_cast<const int64_t*>(operands_[0].loop.data[1]);
      step_ = operands_[0].dims.strides[0];
      size_ = operands_[0].dims.sizes[0];
    } else {
      compute(params);
    }
  }

  bool failed() const { return failed_; }
  int64_t count() const { return count_; }
  int64_t step() const { return step_; }
  int64_t size() const { return size_; }
  char* data() const { return reinterpret_cast<char*>(const_cast<int64_t*>(data_)); }

 private:
  void compute(Params& params) {
    computed_.emplace(count_);
    for (size_t k = 0; k < operands_.size() && !failed_; ++k) {
      failed_ = !operands_[k].addTo(params, *computed_, k == 0);
      if (failed_) params.result(1, static_cast<double>(k));
    }
    data_ = *computed_;
  }

  int64_t count_, step_ = 1, size_ = std::numeric_limits<int64_t>::max();
  bool failed_ = false;
  std::vector<IndexOperand> operands_;
  std::optional<Scratch<int64_t>> computed_;
  const int64_t* data_ = nullptr;
};

}  // namespace flambeau
