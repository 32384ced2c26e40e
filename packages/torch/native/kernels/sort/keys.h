// Sort keys: unsigned integers that order as the elements do, packed with the element's index into one integer.
//
// Comparing packed entries compares (element, index), so every algorithm that sorts or selects entries is stable
// whatever it does inside. NaN is the greatest number and -0 equals 0.
//
// Elements may change while they are sorted (another thread may share their memory). Entries are memory of our own: made
// from whatever is read, their keys fit the encoding and their indices the slice, so nothing is led astray.
#pragma once
#include <bit>
#include <type_traits>

#include "kernels/indexing/common.h"

namespace flambeau {

using WideEntry = unsigned __int128;

template <class T>
using KeyOf = std::conditional_t<sizeof(T) == 1, uint8_t,
              std::conditional_t<sizeof(T) == 2, uint16_t,
              std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

template <class T>
inline KeyOf<T> keyOf(T value) {
  using Key = KeyOf<T>;
  constexpr Key sign = Key(1) << (8 * sizeof(T) - 1);
  if constexpr (std::is_floating_point_v<T>) {
    const Key bits = std::bit_cast<Key>(value + T(0));
    const Key key = bits ^ (bits & sign ? ~Key(0) : sign);
    return value != value ? ~Key(0) : key;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(static_cast<Key>(value) ^ sign);
  } else {
    return value;
  }
}

template <class T>
inline T valueOf(KeyOf<T> key) {
  using Key = KeyOf<T>;
  constexpr Key sign = Key(1) << (8 * sizeof(T) - 1);
  if constexpr (std::is_floating_point_v<T>) {
    return std::bit_cast<T>(key & sign ? key ^ sign : ~key);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<T>(static_cast<Key>(key ^ sign));
  } else {
    return key;
  }
}

// Whether the key does not tell the element: zeros of either sign have one key, and so have all NaNs.
template <class T>
inline bool isAmbiguous(KeyOf<T> key) {
  if constexpr (std::is_floating_point_v<T>) return key == keyOf(T(0)) || key == static_cast<KeyOf<T>>(-1);
  return false;
}

// How the elements of a slice become entries: the distance of the key from the end at which the order begins, above
// `indexBits` bits of index.
struct Encoding {
  uint64_t low, high;
  bool descending;
  int indexBits;
  uint64_t rankMask;  // the bits of a rank

  Encoding(uint64_t low, uint64_t high, bool descending, int64_t n)
      : low(low), high(high), descending(descending),
        indexBits(static_cast<int>(std::bit_width(static_cast<uint64_t>(n - 1)))),
        rankMask(high == low ? 0 : ~uint64_t{0} >> std::countl_zero(high - low)) {}

  int keyBits() const { return static_cast<int>(std::bit_width(high - low)); }
  bool fitsNarrow() const { return keyBits() + indexBits <= 64; }

  // Of a key beyond `low` and `high`, which has come up since, what fits into the bits.
  uint64_t rank(uint64_t key) const { return (descending ? high - key : key - low) & rankMask; }

  template <class Entry>
  Entry entry(uint64_t key, int64_t index) const {
    return static_cast<Entry>(rank(key)) << indexBits | static_cast<Entry>(index);
  }
  template <class Entry>
  int64_t indexOf(Entry entry) const {
    return static_cast<int64_t>(static_cast<uint64_t>(entry) & ((uint64_t{1} << indexBits) - 1));
  }
  template <class Entry>
  uint64_t keyIn(Entry entry) const {
    const auto rank = static_cast<uint64_t>(entry >> indexBits);
    return descending ? high - rank : rank + low;
  }
  // The element of an entry, of a slice that begins at `data`.
  template <class T, class Entry>
  T element(Entry entry, const T* data) const {
    const auto key = static_cast<KeyOf<T>>(keyIn(entry));
    return isAmbiguous<T>(key) ? data[indexOf(entry)] : valueOf<T>(key);
  }
};

// An encoding for any elements of the type.
template <class T>
Encoding fullEncoding(int64_t n, bool descending) {
  return {0, static_cast<KeyOf<T>>(-1), descending, n};
}

// Elements that are worth a thread of their own within one slice.
constexpr int64_t kSortGrain = 16384;

// The tightest encoding of these elements: the fewer bits, the fewer passes a radix sort makes.
template <class T>
Encoding measure(const T* data, int64_t n, bool descending, int64_t chunks) {
  std::vector<KeyOf<T>> lows(chunks), highs(chunks);
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    KeyOf<T> low = static_cast<KeyOf<T>>(-1), high = 0;
    for (int64_t i = begin; i < end; ++i) {
      const KeyOf<T> key = keyOf(data[i]);
      low = std::min(low, key);
      high = std::max(high, key);
    }
    lows[c] = low;
    highs[c] = high;
  });
  return {*std::min_element(lows.begin(), lows.end()), *std::max_element(highs.begin(), highs.end()), descending, n};
}

template <class T, class Entry>
void encode(const T* data, int64_t n, const Encoding& encoding, Entry* entries, int64_t chunks) {
  forEachChunk(n, chunks, [&](int64_t, int64_t begin, int64_t end) {
    const Encoding local = encoding;
    for (int64_t i = begin; i < end; ++i) entries[i] = local.entry<Entry>(keyOf(data[i]), i);
  });
}

}  // namespace flambeau
