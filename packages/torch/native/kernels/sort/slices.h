// Visiting the slices along one dim, as the kernels that sort or select do, with scratch memory for each thread.
#pragma once
#include <optional>

#include "kernels/sort/radix.h"

namespace flambeau {

// A slice of the input and where its results go; strides are in elements along the dim.
template <class T>
struct Slice {
  T* values;
  int64_t* indices;
  const T* data;
  int64_t n, valueStep, indexStep, dataStep;

  void store(int64_t i, T value, int64_t index) const {
    values[i * valueStep] = value;
    indices[i * indexStep] = index;
  }
};

// Scratch memory for the entries of one slice, and for its elements where they are not contiguous.
template <class T>
class SliceSpace {
 public:
  using Widest = std::conditional_t<sizeof(T) == 8, WideEntry, uint64_t>;

  SliceSpace(int64_t n, bool copies) : n_(n), copy_(copies ? n : 0) {}

  // The elements of a slice side by side.
  const T* contiguous(const Slice<T>& slice) {
    if (slice.dataStep == 1) return slice.data;
    for (int64_t i = 0; i < n_; ++i) copy_[i] = slice.data[i * slice.dataStep];
    return copy_;
  }

  // Room for a number of entries, kept for the next slice.
  template <class Entry>
  Entry* entries(int64_t count) {
    if (count > room_) entries_.emplace(room_ = count);
    return reinterpret_cast<Entry*>(entries_->get());
  }

 private:
  int64_t n_, room_ = -1;
  Scratch<T> copy_;
  std::optional<Scratch<Widest>> entries_;
};

// Calls body with a value of the narrowest type of entries that an encoding of T fits.
template <class T, class Body>
void dispatchEntry(const Encoding& encoding, const Body& body) {
  if (sizeof(T) < 8 || encoding.fitsNarrow()) body(uint64_t{});
  else if constexpr (sizeof(T) == 8) body(WideEntry{});
}

// Encodes the elements and calls body(entries, room for as many).
template <class T, class Body>
void withEntries(SliceSpace<T>& space, const T* data, int64_t n, const Encoding& encoding, int64_t chunks,
                 const Body& body) {
  dispatchEntry<T>(encoding, [&]<class Entry>(Entry) {
    Entry* entries = space.template entries<Entry>(2 * n);
    encode(data, n, encoding, entries, chunks);
    body(entries, entries + n);
  });
}

// Reads (size along the dim, at most 2^32, steps of values, indices and input along it, loop over the three without it)
// and calls body(slice, scratch space, chunks): many slices are split between threads, a few run one by one in `chunks`
// parts.
template <class T, class Body>
void forEachSlice(Params& params, const Body& body) {
  const int64_t n = params.integer(), valueStep = params.integer(), indexStep = params.integer();
  const int64_t dataStep = params.integer();
  const StridedLoop<3> loop(params, {sizeof(T), 8, sizeof(T)});
  const bool parallelInside = loop.numel() < threadCount();
  const int64_t chunks = parallelInside ? std::clamp<int64_t>(n / kSortGrain, 1, threadCount()) : 1;
  loop.forEachRow([&](char** p, const int64_t* s, int64_t slices) {
    SliceSpace<T> space(n, dataStep != 1);
    for (int64_t i = 0; i < slices; ++i) {
      body(Slice<T>{reinterpret_cast<T*>(p[0] + i * s[0]), reinterpret_cast<int64_t*>(p[1] + i * s[1]),
                    reinterpret_cast<const T*>(p[2] + i * s[2]), n, valueStep, indexStep, dataStep},
           space, chunks);
    }
  }, parallelInside ? 1 : 16 * std::max<int64_t>(n, 1));
}

}  // namespace flambeau
