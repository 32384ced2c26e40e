// Selecting the smallest packed entries: bucket by bucket from the most significant digit, then by comparison.
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

// Finds the bucket of the digit at `shift` in which the k-th smallest entry lies.
template <class Entry>
int64_t bucketOf(const Entry* entries, int64_t n, int64_t k, int shift, int digitBits, int64_t chunks) {
  const int64_t buckets = int64_t{1} << digitBits;
  std::vector<int64_t> counts(chunks * buckets, 0);
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    int64_t* count = counts.data() + c * buckets;
    for (int64_t i = begin; i < end; ++i) ++count[static_cast<uint64_t>(entries[i] >> shift) & (buckets - 1)];
  });
  int64_t below = 0;
  for (int64_t b = 0;; ++b) {
    for (int64_t c = 0; c < chunks; ++c) below += counts[c * buckets + b];
    if (below >= k || b == buckets - 1) return b;
  }
}

// Gathers the k smallest entries in `spare`, in no order but that the greatest of them comes last.
template <class Entry>
void selectSmallest(Entry* entries, Entry* spare, int64_t n, int64_t k, const Encoding& encoding, int64_t maxChunks) {
  int64_t taken = 0;
  Entry prefix = 0;
  for (int bits = encoding.keyBits(); n > kPartitionLimit && bits > 0;) {
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

}  // namespace flambeau
