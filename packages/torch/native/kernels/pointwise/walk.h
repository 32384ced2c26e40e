// How an elementwise loop covers a range of its elements: with calls of a function of contiguous elements, for
// which what is not contiguous is staged in buffers that stay in the first-level cache.
#pragma once
#include "kernels/iterator.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/pointwise/stream.h"

namespace flambeau {

// Elements in a staging buffer: all buffers of a loop together fit into the first-level cache.
constexpr int kChunk = 512;
constexpr int kLargestItem = 16;
// Rows at least this long are worked on one by one.
constexpr int64_t kLongRow = 64;

// Writes an element over and over, a little further than asked for: by less than a cache line.
template <class Word>
void spreadElement(char* to, const char* element, int64_t n) {
  typedef uint64_t Line __attribute__((vector_size(kCacheLine)));
  Line line;
  if constexpr (sizeof(Word) == sizeof(DoubleWord)) {
    const Word word = *reinterpret_cast<const Word*>(element);
    for (int i = 0; i < 8; i += 2) line[i] = word.low, line[i + 1] = word.high;
  } else {
    typedef Word Words __attribute__((vector_size(kCacheLine)));
    line = reinterpret_cast<Line>(Words{} + *reinterpret_cast<const Word*>(element));
  }
  const int64_t bytes = n * static_cast<int64_t>(sizeof(Word));
  for (int64_t i = 0; i < bytes; i += kCacheLine) std::memcpy(to + i, &line, kCacheLine);
}

inline void spreadElement(int size, char* to, const char* element, int64_t n) {
  dispatchSize(size, [=]<class Word>(Word) { spreadElement<Word>(to, element, n); });
}

// What the ways of walking a loop have in common.
template <int N>
struct Walk {
  const StridedLoop<N>& loop;
  const PointwiseLoop& pointwise;
  bool streamed[N] = {};  // outputs that are written around the caches

  Walk(const StridedLoop<N>& loop, const PointwiseLoop& pointwise, int64_t numel) : loop(loop), pointwise(pointwise) {
    // Arithmetic hides the waiting for memory, unless there is hardly any.
    if (!kCanStream || pointwise.cost >= kHeavy) return;
    for (int k = 0; k < pointwise.outputs; ++k) {
      streamed[k] = numel * size(k) >= kStreamed && isContiguous(k) && !isInput(k);
    }
  }

  bool anyStreamed() const { return std::find(streamed, streamed + N, true) != streamed + N; }
  int size(int k) const { return pointwise.itemSizes[k]; }
  bool isOutput(int k) const { return k < pointwise.outputs; }
  // Contiguous along the innermost dim.
  bool isContiguous(int k) const { return loop.strides[k][0] == size(k); }
  // Whether rows are handed to the function where they are.
  bool isInPlace(int k) const { return isContiguous(k) && !streamed[k]; }

  // Copies a row of an input to a buffer, which has room for a cache line more.
  void stage(int k, char* buffer, const char* from, int64_t n) const {
    const int64_t stride = loop.strides[k][0];
    if (stride == 0) spreadElement(size(k), buffer, from, n);
    else copyElements(size(k), buffer, size(k), from, stride, n);
  }

  // Writes what was staged for an output.
  void store(int k, char* to, int64_t stride, const char* buffer, int64_t n) const {
    if (streamed[k]) streamCopy(to, buffer, n * size(k));
    else copyElements(size(k), to, stride, buffer, size(k), n);
  }

 private:
  // An output in place of an input is in the cache by then.
  bool isInput(int output) const {
    for (int k = pointwise.outputs; k < N; ++k) {
      if (loop.data[k] == loop.data[output]) return true;
    }
    return false;
  }
};

// Row by row.
template <int N>
class RowWalker {
 public:
  explicit RowWalker(const Walk<N>& walk) : walk_(walk), loop_(walk.loop) {
    for (int k = 0; k < N; ++k) {
      inPlace_[k] = walk.isInPlace(k);
      staging_ |= !inPlace_[k];
    }
  }

  void walk(int64_t begin, int64_t end) const {
    int64_t index = begin % loop_.shape[0];
    for (int64_t row = begin / loop_.shape[0], i = begin; i < end; ++row) {
      const int64_t n = std::min(loop_.shape[0] - index, end - i);
      walkRow(row, index, n);
      i += n;
      index = 0;
    }
  }

 private:
  void walkRow(int64_t row, int64_t index, int64_t n) const {
    char* p[N];
    for (int k = 0; k < N; ++k) p[k] = loop_.data[k] + index * loop_.strides[k][0];
    for (int d = 1; d < loop_.ndim; ++d) {
      const bool last = d + 1 == loop_.ndim;  // of two dims, none costs a division
      const int64_t at = last ? row : row % loop_.shape[d];
      if (!last) row /= loop_.shape[d];
      for (int k = 0; k < N; ++k) p[k] += at * loop_.strides[k][d];
    }
    if (staging_) walkStaged(p, n);
    else walk_.pointwise.run(p, n, walk_.pointwise.context);
  }

  void walkStaged(char* const (&row)[N], int64_t length) const {
    alignas(kCacheLine) char buffers[N][kChunk * kLargestItem + kCacheLine];
    for (int64_t done = 0; done < length; done += kChunk) {
      const int64_t n = std::min<int64_t>(kChunk, length - done);
      char *data[N], *p[N];
      for (int k = 0; k < N; ++k) {
        const int64_t stride = loop_.strides[k][0];
        p[k] = row[k] + done * stride;
        data[k] = inPlace_[k] ? p[k] : buffers[k];
        // An operand that does not change along the row needs to be staged only once.
        if (inPlace_[k] || walk_.isOutput(k) || (stride == 0 && done > 0)) continue;
        walk_.stage(k, buffers[k], p[k], n);
      }
      walk_.pointwise.run(data, n, walk_.pointwise.context);
      for (int k = 0; k < walk_.pointwise.outputs; ++k) {
        if (!inPlace_[k]) walk_.store(k, p[k], loop_.strides[k][0], buffers[k], n);
      }
    }
  }

  const Walk<N>& walk_;
  const StridedLoop<N>& loop_;
  bool inPlace_[N];
  bool staging_ = false;
};

// In chunks of several short rows. The chunks are whole rows long, so that an operand which is the same for every row
// (or a single element) is staged once for all of them.
template <int N>
class ChunkWalker {
 public:
  explicit ChunkWalker(const Walk<N>& walk) : walk_(walk), loop_(walk.loop) {
    for (int k = 0; k < N; ++k) {
      packed_[k] = true;
      repeating_[k] = !walk.isOutput(k);
      int64_t step = walk.size(k);
      for (int d = 0; d < loop_.ndim; ++d) {
        packed_[k] &= loop_.strides[k][d] == step;
        repeating_[k] &= d == 0 || loop_.strides[k][d] == 0;
        step *= loop_.shape[d];
      }
    }
  }

  void walk(int64_t begin, int64_t end) const {
    alignas(kCacheLine) char buffers[N][kChunk * kLargestItem + kCacheLine];
    Position position = positionOf(begin);
    const int64_t chunk = kChunk / loop_.shape[0] * loop_.shape[0];
    for (int64_t i = begin; i < end; i += chunk) {
      const int64_t n = std::min(chunk, end - i);
      char* data[N];
      for (int k = 0; k < N; ++k) {
        data[k] = packed_[k] && !walk_.streamed[k] ? loop_.data[k] + i * walk_.size(k) : buffers[k];
        if (data[k] != buffers[k] || walk_.isOutput(k) || (repeating_[k] && i > begin)) continue;
        load(k, position, n, buffers[k]);
      }
      walk_.pointwise.run(data, n, walk_.pointwise.context);
      for (int k = 0; k < walk_.pointwise.outputs; ++k) {
        if (data[k] == buffers[k]) store(k, i, position, n, buffers[k]);
      }
      advance(position, n);
    }
  }

 private:
  struct Position {
    int64_t index[kMaxDims];
  };

  void load(int k, const Position& position, int64_t n, char* buffer) const {
    eachRow(k, position, n, [&](char* element, int64_t offset, int64_t length) {
      walk_.stage(k, buffer + offset, element, length);
    });
  }

  void store(int k, int64_t i, const Position& position, int64_t n, const char* buffer) const {
    if (packed_[k]) return walk_.store(k, loop_.data[k] + i * walk_.size(k), walk_.size(k), buffer, n);
    eachRow(k, position, n, [&](char* element, int64_t offset, int64_t length) {
      walk_.store(k, element, loop_.strides[k][0], buffer + offset, length);
    });
  }

  // Calls body(address of the first element, bytes before it in the chunk, length) for the rows of a chunk.
  template <class Body>
  void eachRow(int k, Position position, int64_t n, const Body& body) const {
    for (int64_t done = 0; done < n;) {
      const int64_t length = std::min(n - done, loop_.shape[0] - position.index[0]);
      char* element = loop_.data[k];
      for (int d = 0; d < loop_.ndim; ++d) element += position.index[d] * loop_.strides[k][d];
      body(element, done * walk_.size(k), length);
      done += length;
      advance(position, length);
    }
  }

  Position positionOf(int64_t element) const {
    Position position;
    for (int d = 0; d < loop_.ndim; ++d) {
      position.index[d] = element % loop_.shape[d];
      element /= loop_.shape[d];
    }
    return position;
  }

  void advance(Position& position, int64_t n) const {
    position.index[0] += n;
    for (int d = 0; d + 1 < loop_.ndim && position.index[d] >= loop_.shape[d]; ++d) {
      // A division takes longer than a short row.
      const int64_t rows = position.index[d] < 2 * loop_.shape[d] ? 1 : position.index[d] / loop_.shape[d];
      position.index[d + 1] += rows;
      position.index[d] -= rows * loop_.shape[d];
    }
  }

  const Walk<N>& walk_;
  const StridedLoop<N>& loop_;
  bool packed_[N];     // contiguous in the order of the loop
  bool repeating_[N];  // an input that is the same for every row
};

}  // namespace flambeau
