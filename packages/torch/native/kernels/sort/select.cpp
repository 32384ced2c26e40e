// Selection without sorting everything: topk, kthvalue and median.
#include "kernels/sort/partition.h"
#include "kernels/sort/slices.h"

namespace flambeau {
namespace {

// Gathers the k first entries of a slice in the order of an encoding, in one pass over the elements.
//
// A buffer holds the best entries so far and those that came since and beat the k-th of them; when it is full, it is
// cut to the k best. An element that ties with the k-th best comes later, so it loses.
template <class T, class Entry>
class TopCollector {
 public:
  TopCollector(const T* data, int64_t k, const Encoding& encoding)
      : data_(data), k_(k), capacity_(2 * k + kBlock), encoding_(encoding), buffer_(capacity_) {}

  void scan(int64_t begin, int64_t end) {
    for (; begin < end; begin += kBlock) {
      const int64_t blockEnd = std::min(begin + kBlock, end);
      if (full_ && !anyBetter(begin, blockEnd)) continue;
      for (int64_t i = begin; i < blockEnd; ++i) {
        const uint64_t key = keyOf(data_[i]);
        if (!full_ || encoding_.rank(key) < worst_) buffer_[size_++] = encoding_.entry<Entry>(key, i);
      }
      if (size_ > capacity_ - kBlock) cut();
    }
  }

  // The best entries, at most k.
  int64_t finish(Entry* out) {
    if (size_ > k_) cut();
    std::copy_n(buffer_.get(), size_, out);
    return size_;
  }

 private:
  static constexpr int64_t kBlock = 64;

  bool anyBetter(int64_t begin, int64_t end) const {
    using Key = KeyOf<T>;
    const Key worst = static_cast<Key>(worst_), flip = encoding_.descending ? static_cast<Key>(-1) : Key(0);
    Key any = 0;
    for (int64_t i = begin; i < end; ++i) any |= static_cast<Key>(keyOf(data_[i]) ^ flip) < worst;
    return any != 0;
  }

  void cut() {
    std::nth_element(buffer_.get(), buffer_ + (k_ - 1), buffer_ + size_);
    size_ = k_;
    worst_ = static_cast<uint64_t>(buffer_[k_ - 1] >> encoding_.indexBits);
    full_ = true;
  }

  const T* data_;
  int64_t k_, capacity_, size_ = 0;
  Encoding encoding_;
  Scratch<Entry> buffer_;
  uint64_t worst_ = 0;
  bool full_ = false;
};

template <class T, class Entry>
void storeTop(const Slice<T>& slice, const T* data, const Entry* entries, int64_t k, const Encoding& encoding) {
  for (int64_t i = 0; i < k; ++i) slice.store(i, encoding.element(entries[i], data), encoding.indexOf(entries[i]));
}

// For a k that is small beside n.
template <class T>
void fewOfSlice(const Slice<T>& slice, const T* data, int64_t k, bool largest, bool sorted, int64_t chunks) {
  using Entry = typename SliceSpace<T>::Widest;
  const Encoding encoding = fullEncoding<T>(slice.n, largest);
  const Scratch<Entry> best(k * chunks);
  std::vector<int64_t> sizes(chunks);
  forEachChunk(slice.n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    TopCollector<T, Entry> collector(data, k, encoding);
    collector.scan(begin, end);
    sizes[c] = collector.finish(best + c * k);
  });
  int64_t total = sizes[0];
  for (int64_t c = 1; c < chunks; ++c) {
    std::copy_n(best + c * k, sizes[c], best + total);
    total += sizes[c];
  }
  if (total > k) std::nth_element(best.get(), best + (k - 1), best + total);
  if (sorted) std::sort(best.get(), best + k);
  storeTop(slice, data, best.get(), k, encoding);
}

// Of a slice up to this length all entries are made, of a longer one those that are left when there are only a few.
constexpr int64_t kWholeSlice = 1 << 24, kFewEntries = 1 << 16;

// Calls body(entries, count) with the k first entries of a slice, the last of them at the end; or only with that one and
// some of those before it. Does nothing where elements changed meanwhile so that there are no such entries.
template <class T, class Body>
void withFirst(SliceSpace<T>& space, const T* data, int64_t n, int64_t k, bool onlyLast, const Encoding& encoding,
               int64_t chunks, const Body& body) {
  dispatchEntry<T>(encoding, [&]<class Entry>(Entry) {
    const auto leading = findLeading<Entry>(data, n, k, encoding, n <= kWholeSlice ? n : kFewEntries, chunks);
    const auto [before, same] = leading.total;
    const int64_t lower = onlyLast ? 0 : before, rest = k - before;
    if (rest < 1 || rest > same) return;
    Entry* entries = space.template entries<Entry>(lower + 2 * same);
    Entry* result = entries + same;
    if (same == n) encode(data, n, encoding, entries, chunks);
    else gatherLeading(data, n, encoding, leading, entries, onlyLast ? nullptr : result);
    const int bits = std::max(leading.shift - encoding.indexBits, 0);
    selectSmallest(entries, result + lower, same, rest, leading.prefix, bits, encoding, chunks);
    body(result, lower + rest);
  });
}

template <class T>
void topOfSlice(const Slice<T>& slice, SliceSpace<T>& space, int64_t k, bool largest, bool sorted, int64_t chunks) {
  const T* data = space.contiguous(slice);
  if (k <= slice.n / 16) return fewOfSlice(slice, data, k, largest, sorted, chunks);
  const Encoding encoding = measure(data, slice.n, largest, chunks);
  withFirst(space, data, slice.n, k, false, encoding, chunks, [&]<class Entry>(Entry* first, int64_t) {
    if (sorted) std::sort(first, first + k);
    storeTop(slice, data, first, k, encoding);
  });
}

// Stores the k-th smallest element (from 0).
template <class T>
void kthOfSlice(const Slice<T>& slice, SliceSpace<T>& space, const T* data, int64_t k, int64_t chunks) {
  const Encoding encoding = measure(data, slice.n, false, chunks);
  withFirst(space, data, slice.n, k + 1, true, encoding, chunks, [&](auto* entries, int64_t count) {
    const int64_t index = encoding.indexOf(entries[count - 1]);
    slice.store(0, data[index], index);
  });
}

template <class T>
int64_t countNans(const T* data, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) count += data[i] != data[i];
  return count;
}

// The lower of two middle elements. With a NaN in the slice, the first NaN, unless NaNs are left out.
template <class T>
void medianOfSlice(const Slice<T>& slice, SliceSpace<T>& space, bool ignoreNan, int64_t chunks) {
  const T* data = space.contiguous(slice);
  const int64_t nans = std::is_floating_point_v<T> ? countNans(data, slice.n) : 0;
  if (nans > 0 && !ignoreNan) {
    int64_t first = 0;
    while (first < slice.n - 1 && data[first] == data[first]) ++first;
    return slice.store(0, data[first], first);
  }
  kthOfSlice(slice, space, data, std::max<int64_t>(slice.n - nans - 1, 0) / 2, chunks);
}

}  // namespace

// (dtype, k, largest, sorted, slices)
FLAMBEAU_KERNEL(topk) {
  const DType dtype = params.dtype();
  const int64_t k = params.integer();
  const bool largest = params.flag(), sorted = params.flag();
  if (k == 0) return;
  dispatch(dtype, [&]<class T>(T) {
    forEachSlice<T>(params, [&](const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
      topOfSlice(slice, space, k, largest, sorted, chunks);
    });
  });
}

// (dtype, k from 0, slices)
FLAMBEAU_KERNEL(kthvalue) {
  const DType dtype = params.dtype();
  const int64_t k = params.integer();
  dispatch(dtype, [&]<class T>(T) {
    forEachSlice<T>(params, [&](const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
      kthOfSlice(slice, space, space.contiguous(slice), k, chunks);
    });
  });
}

// (dtype, whether NaNs are left out, slices)
FLAMBEAU_KERNEL(median) {
  const DType dtype = params.dtype();
  const bool ignoreNan = params.flag();
  dispatch(dtype, [&]<class T>(T) {
    forEachSlice<T>(params, [&](const Slice<T>& slice, SliceSpace<T>& space, int64_t chunks) {
      medianOfSlice(slice, space, ignoreNan, chunks);
    });
  });
}

}  // namespace flambeau
