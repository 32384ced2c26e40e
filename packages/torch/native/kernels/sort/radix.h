// Sorting packed entries: a radix sort from the least significant digit, comparisons for a few.
#pragma once
#include "kernels/sort/keys.h"

namespace flambeau {

constexpr int64_t kComparisonLimit = 96;

// Turns counts[chunk][bucket] into the place where each chunk's first element of a bucket goes. Returns false where all
// elements are in one bucket.
inline bool placeBuckets(int64_t* counts, int64_t buckets, int64_t chunks) {
  int64_t next = 0, used = 0;
  for (int64_t b = 0; b < buckets; ++b) {
    const int64_t before = next;
    for (int64_t c = 0; c < chunks; ++c) {
      const int64_t count = counts[c * buckets + b];
      counts[c * buckets + b] = next;
      next += count;
    }
    used += next > before;
  }
  return used > 1;
}

// One stable pass by the digit at `shift`. Returns false, with nothing moved, where all entries share the digit.
template <class Entry>
bool radixPass(const Entry* from, Entry* to, int64_t n, int shift, int bits, int64_t chunks) {
  const int64_t radix = int64_t{1} << bits;
  const Scratch<int64_t> counts(chunks * radix);
  const auto digit = [=](Entry entry) {
    return static_cast<int64_t>(static_cast<uint64_t>(entry >> shift) & static_cast<uint64_t>(radix - 1));
  };
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    int64_t* count = counts + c * radix;
    std::fill_n(count, radix, 0);
    for (int64_t i = begin; i < end; ++i) ++count[digit(from[i])];
  });
  if (!placeBuckets(counts.get(), radix, chunks)) return false;
  forEachChunk(n, chunks, [&](int64_t c, int64_t begin, int64_t end) {
    int64_t* place = counts + c * radix;
    for (int64_t i = begin; i < end; ++i) to[place[digit(from[i])]++] = from[i];
  });
  return true;
}

// Sorts n entries that stand in the order of their indices. Returns where the result is: `entries` or `spare`.
template <class Entry>
Entry* sortEntries(Entry* entries, Entry* spare, int64_t n, const Encoding& encoding, int64_t chunks) {
  if (n <= kComparisonLimit) {
    std::sort(entries, entries + n);
    return entries;
  }
  const int keyBits = encoding.keyBits();
  const int widest = n < 4096 ? 8 : 11;
  const int passes = (keyBits + widest - 1) / widest;
  for (int p = 0; p < passes; ++p) {
    const int begin = keyBits * p / passes, end = keyBits * (p + 1) / passes;
    if (radixPass(entries, spare, n, encoding.indexBits + begin, end - begin, chunks)) std::swap(entries, spare);
  }
  return entries;
}

}  // namespace flambeau
