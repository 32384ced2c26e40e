// Turning a tensor into contiguous mask bytes, and visiting those that are set, in row-major order.
//
// Bytes are set where they are not 0. A mask may change between the passes over it (another thread may share its
// memory), so the pass that stores goes by the counts of the one before, and never beyond them.
#pragma once
#include "kernels/indexing/common.h"

namespace flambeau {

// Positions that one task scans.
constexpr int64_t kMaskBlock = 32768;

// A mask as contiguous bytes: the tensor's own where it is such a mask, else a copy.
class MaskBytes {
 public:
  // Reads (dtype, whether contiguous, loop over the bytes (row-major), the tensor).
  explicit MaskBytes(Params& params)
      : dtype_(params.dtype()), contiguous_(params.flag()), loop_(params, {1, itemSize(dtype_)}), size_(loop_.numel()),
        copy_(isOwn() ? 0 : size_) {
    if (!isOwn()) convert();
  }

  const uint8_t* bytes() const { return isOwn() ? reinterpret_cast<const uint8_t*>(loop_.data[1]) : copy_.get(); }
  int64_t size() const { return size_; }

 private:
  bool isOwn() const { return dtype_ == DType::Bool && contiguous_; }

  void convert() {
    loop_.data[0] = reinterpret_cast<char*>(copy_.get());
    dispatchStored(dtype_, [&]<class T>(T) {
      loop_.forEachRow([](char** p, const int64_t* s, int64_t n) {
        auto* out = reinterpret_cast<uint8_t*>(p[0]);
        const auto* in = reinterpret_cast<const T*>(p[1]);
        if (s[0] == 1 && s[1] == sizeof(T)) {
          for (int64_t i = 0; i < n; ++i) out[i] = in[i] != T{};
        } else {
          for (int64_t i = 0; i < n; ++i) out[i * s[0]] = in[i * elements<T>(s[1])] != T{};
        }
      });
    });
  }

  DType dtype_;
  bool contiguous_;
  StridedLoop<2> loop_;
  int64_t size_;
  Scratch<uint8_t> copy_;
};

inline int64_t countSet(const uint8_t* mask, int64_t n) {
  int64_t count = 0;
  for (int64_t begin = 0; begin < n; begin += 128) {
    // Byte sums stay in a narrow lane: 128 ones fit in 8 bits.
    uint8_t part = 0;
    for (int64_t i = begin; i < std::min(begin + 128, n); ++i) part += mask[i] != 0;
    count += part;
  }
  return count;
}

inline int64_t countSetInParallel(const uint8_t* mask, int64_t n) {
  Atomic<int64_t> total{0};
  parallelFor(n, kMaskBlock, [&](int64_t begin, int64_t end) { total += countSet(mask + begin, end - begin); });
  return total;
}

// The blocks of a mask, each with how many bytes are set before it.
class MaskBlocks {
 public:
  MaskBlocks(const uint8_t* mask, int64_t size)
      : size_(size), blocks_((size + kMaskBlock - 1) / kMaskBlock), first_(blocks_ + 1, 0) {
    parallelFor(blocks_, 1, [&](int64_t from, int64_t to) {
      for (int64_t b = from; b < to; ++b) first_[b + 1] = countSet(mask + b * kMaskBlock, endOf(b) - b * kMaskBlock);
    });
    for (int64_t b = 0; b < blocks_; ++b) first_[b + 1] += first_[b];
  }

  int64_t total() const { return first_[blocks_]; }

  // Calls body(begin, end, rank of the first set byte, how many are set) for each block, in parallel.
  template <class Body>
  void forEach(const Body& body) const {
    parallelFor(blocks_, 1, [&](int64_t from, int64_t to) {
      for (int64_t b = from; b < to; ++b) body(b * kMaskBlock, endOf(b), first_[b], first_[b + 1] - first_[b]);
    });
  }

 private:
  int64_t endOf(int64_t b) const { return std::min((b + 1) * kMaskBlock, size_); }

  int64_t size_, blocks_;
  std::vector<int64_t> first_;
};

// Calls step(rank, i) for the positions of a block up to its last set byte, where `rank` is that of the next set one: of
// the calls with a rank, the last has the position that is set. There is no branch on the bytes to mispredict, but for
// eight at a time of which none is set; and none on the ends where eight steps can pass neither.
template <class Step>
inline void walkSet(const uint8_t* mask, int64_t begin, int64_t end, int64_t rank, int64_t count, const Step& step) {
  const int64_t last = rank + count;
  int64_t i = begin;
  const auto next = [&](int64_t at) {
    step(rank, at);
    rank = rank + 1 - (mask[at] < 1);
  };
  for (; last - rank >= 8 && end - i >= 8; i += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, mask + i, 8);
    if (bytes == 0) continue;
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j) next(i + j);
  }
  for (; rank < last && i < end; ++i) next(i);
}

}  // namespace flambeau
