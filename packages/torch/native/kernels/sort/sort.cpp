// Sorting along a dim, and the mode, which is found by sorting.
#include "kernels/sort/slices.h"

namespace flambeau {
namespace {

constexpr int kCountingBits = 11;

// Sorts elements of few different keys by counting: no entries are made.
template <class T>
void countingSort(const Slice<T>& slice, const T* data, const Encoding& encoding, int64_t chunks) {
  const int64_t buckets = int64_t{1} << encoding.keyBits();
  std::vector<int64_t> places(chunks * buckets, 0);
  forEachChunk(slice.n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    const Encoding local = encoding;
    int64_t* count = places.data() + c * buckets;
    for (int64_t i = begin; i < end; ++i) ++count[local.rank(keyOf(data[i]))];
  });
  placeBuckets(places.data(), buckets, chunks);
  forEachChunk(slice.n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    const Encoding local = encoding;
    const Slice<T> out = slice;
    int64_t* place = places.data() + c * buckets;
    for (int64_t i = begin; i < end; ++i) {
      const T value = data[i];
      const int64_t at = place[local.rank(keyOf(value))]++;
      if (at < out.n) out.store(at, value, i);  // but for elements that were changed since they were counted
    }
  });
}

template <class T>
void sortSlice(const Slice<T>& slice, SliceSpace<T>& space, bool descending, int64_t chunks) {
  const T* data = space.contiguous(slice);
  const Encoding encoding = measure(data, slice.n, descending, chunks);
  if (slice.n > kComparisonLimit && encoding.keyBits() <= kCountingBits) {
    return countingSort(slice, data, encoding, chunks);
  }
  withEntries(space, data, slice.n, encoding, chunks, [&]<class Entry>(Entry* entries, Entry* spare) {
    const Entry* sorted = sortEntries(entries, spare, slice.n, encoding, chunks);
    forEachChunk(slice.n, chunks, [&](int64_t, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        slice.store(i, encoding.element(sorted[i], data), encoding.indexOf(sorted[i]));
      }
    });
  });
}

// The element that occurs most often, the smallest of several, with the index of its last occurrence. NaN equals
// nothing, so each occurs once.
template <class T>
void modeOfSlice(const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
  const T* data = space.contiguous(slice);
  const Encoding encoding = measure(data, slice.n, false, chunks);
  withEntries(space, data, slice.n, encoding, chunks, [&]<class Entry>(Entry* entries, Entry* spare) {
    const Entry* sorted = sortEntries(entries, spare, slice.n, encoding, chunks);
    int64_t best = 0, bestLength = 0;
    for (int64_t i = 0, runBegin = 0; i < slice.n; ++i) {
      const T value = data[encoding.indexOf(sorted[i])];
      if (i + 1 < slice.n && value == data[encoding.indexOf(sorted[i + 1])]) continue;
      if (i + 1 - runBegin > bestLength) {
        best = i;
        bestLength = i + 1 - runBegin;
      }
      runBegin = i + 1;
    }
    const int64_t index = encoding.indexOf(sorted[best]);
    slice.store(0, data[index], index);
  });
}

}  // namespace

// (dtype, descending, slices)
FLAMBEAU_KERNEL(sort) {
  const DType dtype = params.dtype();
  const bool descending = params.flag();
  dispatch(dtype, [&]<class T>(T) {
    forEachSlice<T>(params, [&](const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
      sortSlice(slice, space, descending, chunks);
    });
  });
}

// (dtype, slices)
FLAMBEAU_KERNEL(mode) {
  dispatch(params.dtype(), [&]<class T>(T) {
    forEachSlice<T>(params, [&](const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
      modeOfSlice(slice, space, chunks);
    });
  });
}

}  // namespace flambeau
