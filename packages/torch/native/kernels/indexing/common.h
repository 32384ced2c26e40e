// What the indexing and sorting kernels share: chunks, and the check of indices.
#pragma once
#include <numeric>
#include <vector>

#include "kernels/iterator.h"
#include "runtime/atomic.h"
#include "runtime/scratch.h"

namespace flambeau {

// Runs body(chunk, begin, end) over a fixed number of chunks.
template <class Body>
void forEachChunk(int64_t n, int64_t chunks, const Body& body) {
  if (chunks == 1) return body(int64_t{0}, int64_t{0}, n);
  parallelFor(chunks, 1, [&](int64_t from, int64_t to) {
    for (int64_t c = from; c < to; ++c) body(c, n * c / chunks, n * (c + 1) / chunks);
  });
}

// Strides in elements of one row of a StridedLoop.
template <class T>
int64_t elements(int64_t stride) {
  return stride / static_cast<int64_t>(sizeof(T));
}

// Reads an index that another thread may be changing: once, so that what is checked is what is used.
template <class Index>
inline Index readOnce(const Index& place) {
  return __atomic_load_n(&place, __ATOMIC_RELAXED);
}

inline bool inRange(int64_t at, int64_t size) { return static_cast<uint64_t>(at) < static_cast<uint64_t>(size); }

// Whether all indices of a loop lie in [low, high), where low is not positive. Reports one that does not.
template <class Index>
bool checkIndices(Params& params, const StridedLoop<1>& loop, int64_t low, int64_t high) {
  // The sign bit is set for an index outside; differences wrap.
  const auto outside = [low, last = static_cast<uint64_t>(high - 1)](Index index) {
    const auto value = static_cast<uint64_t>(static_cast<int64_t>(index));
    return static_cast<int64_t>((value - static_cast<uint64_t>(low)) | (last - value));
  };
  Atomic<bool> failed{false};
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    const auto* index = reinterpret_cast<const Index*>(p[0]);
    const int64_t stride = elements<Index>(strides[0]);
    int64_t any = 0;
    if (stride == 1) {
      for (int64_t i = 0; i < n; ++i) any |= outside(index[i]);
    } else {
      for (int64_t i = 0; i < n; ++i) any |= outside(index[i * stride]);
    }
    if (any >= 0 || failed.exchange(true)) return;
    for (int64_t i = 0; i < n; ++i) {
      const Index bad = readOnce(index[i * stride]);
      if (outside(bad) < 0) return params.fail(1, static_cast<double>(bad));
    }
    params.fail(1, static_cast<double>(low) - 1);  // it was changed since
  });
  return !failed;
}

// Dims in row-major order that one flat logical index walks.
struct FlatDims {
  int ndim;
  int64_t sizes[kMaxDims], strides[kMaxDims];  // strides in elements

  // Reads ndim, the sizes and the strides.
  explicit FlatDims(Params& params) : ndim(params.dims()) {
    for (int d = 0; d < ndim; ++d) sizes[d] = params.integer();
    for (int d = 0; d < ndim; ++d) strides[d] = params.integer();
  }

  int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; ++d) n *= sizes[d];
    return n;
  }

  // Whether a flat index is the offset.
  bool isFlat() const { return ndim == 0 || (ndim == 1 && strides[0] == 1); }

  int64_t offsetOf(int64_t flat) const {
    if (ndim == 0) return 0;
    int64_t offset = 0;
    for (int d = ndim - 1; d > 0; --d) {
      offset += flat % sizes[d] * strides[d];
      flat /= sizes[d];
    }
    return offset + flat * strides[0];
  }

  // Writes the offsets of the first n elements.
  void enumerate(int64_t* offsets, int64_t n) const {
    std::iota(offsets, offsets + n, int64_t{0});
    locate(offsets, n);
  }

  // Replaces flat indices by offsets.
  void locate(int64_t* flat, int64_t n) const {
    if (isFlat()) return;
    parallelFor(n, kElementwiseGrain / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) flat[i] = offsetOf(flat[i]);
    });
  }
};

}  // namespace flambeau
