// Selecting the smallest packed entries: bucket by bucket from the most significant digit, then by comparison.
//
// Of a long slice no entries are made until a few of them are left to decide about: what comes before them is told by
// their leading digits, counted in a pass over the elements for each digit.
#pragma once
#include "kernels/sort/keys.h"

namespace flambeau {

constexpr int64_t kPartitionLimit = 192;

struct SplitCounts {
  int64_t lower, same;
};

// Moves the entries whose leading bits are less than `bucket` to `lower`, and those where they are equal to the front.
template <class Entry>
SplitCounts splitAt(Entry* entries, int64_t n, int shift, Entry bucket, Entry* lower) {
  SplitCounts counts{0, 0};
  for (int64_t i = 0; i < n; ++i) {
    const Entry entry = entries[i], leading = entry >> shift;
    lower[counts.lower] = entry;
    counts.lower += leading < bucket;
    entries[counts.same] = entry;
    counts.same += leading == bucket;
  }
  return counts;
}

// Finds the bucket in which the k-th smallest (from 1) lies from how many of each chunk lie in each; or the last one.
inline int64_t bucketOf(const std::vector<int64_t>& counts, int64_t buckets, int64_t k) {
  const int64_t total = static_cast<int64_t>(counts.size());
  int64_t below = 0;
  for (int64_t b = 0;; ++b) {
    for (int64_t i = b; i < total; i += buckets) below += counts[i];
    if (below >= k || b == buckets - 1) return b;
  }
}

// Finds the bucket of the digit at `shift` in which the k-th smallest entry lies.
template <class Entry>
int64_t bucketOf(const Entry* entries, int64_t n, int64_t k, int shift, int digitBits, int64_t chunks) {
  const int64_t buckets = int64_t{1} << digitBits;
  std::vector<int64_t> counts(chunks * buckets, 0);
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    int64_t* count = counts.data() + c * buckets;
    for (int64_t i = begin; i < end; ++i) ++count[static_cast<uint64_t>(entries[i] >> shift) & (buckets - 1)];
  });
  return bucketOf(counts, buckets, k);
}

// Gathers the k smallest entries in `spare`, in no order but that the greatest of them comes last. All share the leading
// digits `prefix`, after which `bits` of the key are left to look at.
template <class Entry>
void selectSmallest(Entry* entries, Entry* spare, int64_t n, int64_t k, Entry prefix, int bits,
                    const Encoding& encoding, int64_t maxChunks) {
  int64_t taken = 0;
  while (n > kPartitionLimit && bits > 0) {
    const int digitBits = std::min(bits, n < 4096 ? 8 : 11);
    bits -= digitBits;
    const int shift = encoding.indexBits + bits;
    const int64_t chunks = std::clamp<int64_t>(n / kSortGrain, 1, maxChunks);
    prefix = prefix << digitBits | static_cast<Entry>(bucketOf(entries, n, k - taken, shift, digitBits, chunks));
    std::vector<SplitCounts> counts(chunks);
    forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
      counts[c] = splitAt(entries + begin, end - begin, shift, prefix, spare + taken + begin);
    });
    SplitCounts total{0, 0};
    for (int64_t c = 0; c < chunks; ++c) {
      const int64_t begin = n * c / chunks;
      std::copy_n(spare + taken + begin, counts[c].lower, spare + taken + total.lower);
      std::copy_n(entries + begin, counts[c].same, entries + total.same);
      total.lower += counts[c].lower;
      total.same += counts[c].same;
    }
    taken += total.lower;
    n = total.same;
  }
  std::nth_element(entries, entries + (k - taken - 1), entries + n);
  std::copy_n(entries, k - taken, spare + taken);
}

// The entries that share the leading digits of the k-th smallest one, by what precedes their last `shift` bits.
template <class Entry>
struct Leading {
  Entry prefix;
  int shift;
  std::vector<SplitCounts> chunks;  // how many of each chunk come before them, and how many they are
  SplitCounts total;

  // What precedes the last `shift` bits of an entry.
  static Entry digits(Entry entry, int shift) { return shift == 8 * sizeof(Entry) ? Entry{0} : entry >> shift; }
};

// Finds the leading digits of the k-th smallest entry (from 1), as many as it takes until no more than `most` share them.
template <class Entry, class T>
Leading<Entry> findLeading(const T* data, int64_t n, int64_t k, const Encoding& encoding, int64_t most,
                           int64_t chunks) {
  constexpr int digitBits = 11;
  constexpr int64_t buckets = int64_t{1} << digitBits;
  Leading<Entry> leading{0, encoding.keyBits() + encoding.indexBits, std::vector<SplitCounts>(chunks), {0, n}};
  while (leading.total.same > most && leading.shift > 0) {
    const int bits = std::min(leading.shift, digitBits), shift = leading.shift - bits;
    std::vector<int64_t> counts(chunks * buckets, 0);
    forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
      const Encoding local = encoding;
      const Entry prefix = leading.prefix;
      const int before = leading.shift;
      int64_t* count = counts.data() + c * buckets;
      for (int64_t i = begin; i < end; ++i) {
        const Entry entry = local.entry<Entry>(keyOf(data[i]), i);
        if (leading.digits(entry, before) == prefix) ++count[static_cast<uint64_t>(entry >> shift) & ((uint64_t{1} << bits) - 1)];
      }
    });
    const int64_t bucket = bucketOf(counts, buckets, k - leading.total.lower);
    leading.total.same = 0;
    for (int64_t c = 0; c < chunks; ++c) {
      const int64_t* count = counts.data() + c * buckets;
      const int64_t lower = std::accumulate(count, count + bucket, int64_t{0});
      leading.chunks[c] = {leading.chunks[c].lower + lower, count[bucket]};
      leading.total.lower += lower;
      leading.total.same += count[bucket];
    }
    leading.prefix = leading.prefix << bits | static_cast<Entry>(bucket);
    leading.shift = shift;
  }
  return leading;
}

// Encodes the elements that share the leading digits, and, unless `lower` is null, those that come before.
template <class Entry, class T>
void gatherLeading(const T* data, int64_t n, const Encoding& encoding, const Leading<Entry>& leading, Entry* same,
                   Entry* lower) {
  const auto chunks = static_cast<int64_t>(leading.chunks.size());
  std::vector<SplitCounts> ends(leading.chunks);
  for (int64_t c = 1; c < chunks; ++c) {
    ends[c].lower += ends[c - 1].lower;
    ends[c].same += ends[c - 1].same;
  }
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    const Encoding local = encoding;
    const Entry prefix = leading.prefix;
    const int shift = leading.shift;
    int64_t nextSame = ends[c].same - leading.chunks[c].same, nextLower = ends[c].lower - leading.chunks[c].lower;
    for (int64_t i = begin; i < end; ++i) {
      const Entry entry = local.entry<Entry>(keyOf(data[i]), i), digits = leading.digits(entry, shift);
      if (digits == prefix && nextSame < ends[c].same) same[nextSame++] = entry;
      if (lower && digits < prefix && nextLower < ends[c].lower) lower[nextLower++] = entry;
    }
    // There are as many as were counted, unless elements changed meanwhile.
    std::fill(same + nextSame, same + ends[c].same, Entry{0});
    if (lower) std::fill(lower + nextLower, lower + ends[c].lower, Entry{0});
  });
}

}  // namespace flambeau
