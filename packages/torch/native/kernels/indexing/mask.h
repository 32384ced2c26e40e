// Turning a tensor into contiguous mask bytes, and visiting those that are set, in row-major order.
#pragma once
#include <stdexcept>

#include "kernels/indexing/common.h"

namespace flambeau {

// Positions that one task scans.
constexpr int64_t kMaskBlock = 32768;

// A mask as contiguous bytes of 0 and 1: the tensor's own where it is such a mask, else a copy.
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
    dispatch(dtype_, [&]<class T>(T) {
      loop_.forEachRow([](char** p, const int64_t* s, int64_t n) {
        auto* out = reinterpret_cast<uint8_t*>(p[0]);
        const auto* in = reinterpret_cast<const T*>(p[1]);
        if (s[0] == 1 && s[1] == sizeof(T)) {
          for (int64_t i = 0; i < n; ++i) out[i] = in[i] != T(0);
        } else {
          for (int64_t i = 0; i < n; ++i) out[i * s[0]] = in[i * elements<T>(s[1])] != T(0);
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
    for (int64_t i = begin; i < std::min(begin + 128, n); ++i) part += mask[i];
    count += part;
  }
  return count;
}

inline int64_t countSetInParallel(const uint8_t* mask, int64_t n) {
  std::atomic<int64_t> total{0};
  parallelFor(n, kMaskBlock, [&](int64_t begin, int64_t end) { total += countSet(mask + begin, end - begin); });
  return total;
}

// Calls body(begin, end, rank of the first set byte, how many are set) for each block, in parallel. `capacity` is
// what the caller made room for, in case that the mask changed since it was counted.
template <class Body>
void forEachMaskBlock(const uint8_t* mask, int64_t size, int64_t capacity, const Body& body) {
  const int64_t blocks = (size + kMaskBlock - 1) / kMaskBlock;
  std::vector<int64_t> first(blocks + 1, 0);
  parallelFor(blocks, 1, [&](int64_t from, int64_t to) {
    for (int64_t b = from; b < to; ++b) {
      const int64_t begin = b * kMaskBlock;
      first[b + 1] = countSet(mask + begin, std::min(kMaskBlock, size - begin));
    }
  });
  for (int64_t b = 0; b < blocks; ++b) first[b + 1] += first[b];
  if (first[blocks] > capacity) throw std::length_error("the mask has more elements than the tensor that goes with it");
  parallelFor(blocks, 1, [&](int64_t from, int64_t to) {
    for (int64_t b = from; b < to; ++b) {
      const int64_t begin = b * kMaskBlock;
      body(begin, std::min(begin + kMaskBlock, size), first[b], first[b + 1] - first[b]);
    }
  });
}

// Calls store(k, position) for the set bytes, and more often, but the last call with a k has the k-th set position:
// every position is stored at the current rank, which moves on only past a set byte, so that there is no branch to
// mispredict. Stops at the last set one, so never stores past the count.
template <class Store>
inline void compress(const uint8_t* mask, int64_t begin, int64_t rank, int64_t count, const Store& store) {
  const int64_t end = rank + count;
  int64_t i = begin;
  while (rank < end) {
    store(rank, i);
    rank += mask[i++];
  }
}

}  // namespace flambeau
