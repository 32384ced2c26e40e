#include "kernels/pointwise.h"

#include "kernels/iterator.h"

namespace flambeau {
namespace {

// Elements in a staging buffer: all buffers of a loop together fit into the first-level cache.
constexpr int kChunk = 512;
// Rows at least this long are worked on one by one where that lets an operand be used in place.
constexpr int64_t kLongRow = 64;

template <class Word>
void copyWords(char* to, int64_t toStride, const char* from, int64_t fromStride, int64_t n) {
  constexpr int64_t size = sizeof(Word);
  if (toStride == size && fromStride == size) {
    std::memcpy(to, from, n * size);
  } else if (toStride == size && fromStride == 0) {
    std::fill_n(reinterpret_cast<Word*>(to), n, *reinterpret_cast<const Word*>(from));
  } else {
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<Word*>(to + i * toStride) = *reinterpret_cast<const Word*>(from + i * fromStride);
    }
  }
}

}  // namespace

void copyElements(int size, char* to, int64_t toStride, const char* from, int64_t fromStride, int64_t n) {
  switch (size) {
    case 1: return copyWords<uint8_t>(to, toStride, from, fromStride, n);
    case 2: return copyWords<uint16_t>(to, toStride, from, fromStride, n);
    case 4: return copyWords<uint32_t>(to, toStride, from, fromStride, n);
    default: return copyWords<uint64_t>(to, toStride, from, fromStride, n);
  }
}

namespace {

// Walks a range of a strided loop in chunks, handing contiguous elements to the loop's function.
template <int N>
class ChunkWalker {
 public:
  ChunkWalker(const StridedLoop<N>& loop, const PointwiseLoop& pointwise) : loop_(loop), pointwise_(pointwise) {
    for (int k = 0; k < N; ++k) {
      packed_[k] = constant_[k] = true;
      int64_t step = pointwise.itemSizes[k];
      for (int d = 0; d < loop.ndim; ++d) {
        packed_[k] &= loop.strides[k][d] == step;
        constant_[k] &= loop.strides[k][d] == 0;
        step *= loop.shape[d];
      }
      constant_[k] &= k >= pointwise.outputs;
      allPacked_ &= packed_[k];
      rowNeedsStaging_ |= loop.strides[k][0] != pointwise.itemSizes[k];
    }
  }

  void walk(int64_t begin, int64_t end) const {
    if (!allPacked_) return walkChunks(begin, end);
    char* data[N];
    for (int k = 0; k < N; ++k) data[k] = loop_.data[k] + begin * pointwise_.itemSizes[k];
    pointwise_.run(data, end - begin, pointwise_.context);
  }

 private:
  struct Position {
    int64_t index[kMaxDims];
  };

  void walkChunks(int64_t begin, int64_t end) const {
    alignas(64) char buffers[N][kChunk * 8];
    Position position = positionOf(begin);
    for (int k = 0; k < N; ++k) {
      if (constant_[k]) {
        copyElements(pointwise_.itemSizes[k], buffers[k], pointwise_.itemSizes[k], loop_.data[k], 0,
                     std::min<int64_t>(kChunk, end - begin));
      }
    }
    for (int64_t i = begin; i < end;) {
      const int64_t n = std::min(chunkLength(position), end - i);
      const bool oneRow = position.index[0] + n <= loop_.shape[0];
      char* data[N];
      for (int k = 0; k < N; ++k) {
        data[k] = inPlace(k, i, position, oneRow);
        if (data[k] != nullptr) continue;
        data[k] = buffers[k];
        if (k >= pointwise_.outputs && !constant_[k]) transfer<false>(k, position, n, buffers[k]);
      }
      pointwise_.run(data, n, pointwise_.context);
      for (int k = 0; k < pointwise_.outputs; ++k) {
        if (data[k] == buffers[k]) transfer<true>(k, position, n, buffers[k]);
      }
      advance(position, n);
      i += n;
    }
  }

  int64_t chunkLength(const Position& position) const {
    if (loop_.shape[0] < kLongRow) return kChunk;
    const int64_t rest = loop_.shape[0] - position.index[0];
    return rowNeedsStaging_ ? std::min<int64_t>(rest, kChunk) : rest;
  }

  // Where the chunk's elements of an operand stand contiguously in its own memory, or null.
  char* inPlace(int k, int64_t i, const Position& position, bool oneRow) const {
    if (packed_[k]) return loop_.data[k] + i * pointwise_.itemSizes[k];
    if (oneRow && loop_.strides[k][0] == pointwise_.itemSizes[k]) return address(k, position);
    return nullptr;
  }

  // Copies n elements from the position on between an operand and a contiguous buffer.
  template <bool Out>
  void transfer(int k, Position position, int64_t n, char* buffer) const {
    const int size = pointwise_.itemSizes[k];
    const int64_t stride = loop_.strides[k][0];
    while (n > 0) {
      const int64_t length = std::min(n, loop_.shape[0] - position.index[0]);
      char* element = address(k, position);
      if constexpr (Out) {
        copyElements(size, element, stride, buffer, size, length);
      } else {
        copyElements(size, buffer, size, element, stride, length);
      }
      buffer += length * size;
      n -= length;
      advance(position, length);
    }
  }

  char* address(int k, const Position& position) const {
    char* p = loop_.data[k];
    for (int d = 0; d < loop_.ndim; ++d) p += position.index[d] * loop_.strides[k][d];
    return p;
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
      position.index[d + 1] += position.index[d] / loop_.shape[d];
      position.index[d] %= loop_.shape[d];
    }
  }

  const StridedLoop<N>& loop_;
  const PointwiseLoop& pointwise_;
  bool packed_[N];    // contiguous in the order of the loop
  bool constant_[N];  // an input of one single element
  bool allPacked_ = true;
  bool rowNeedsStaging_ = false;
};

template <int N>
void runOperands(Params& params, const PointwiseLoop& pointwise) {
  int itemSizes[N];
  std::copy_n(pointwise.itemSizes, N, itemSizes);
  const StridedLoop<N> loop(params, itemSizes);
  const int64_t n = loop.numel();
  if (n == 0) return;
  const ChunkWalker<N> walker(loop, pointwise);
  parallelFor(n, std::max(1, static_cast<int>(kElementwiseGrain) / pointwise.cost),
              [&](int64_t begin, int64_t end) { walker.walk(begin, end); });
}

}  // namespace

void runPointwise(Params& params, const PointwiseLoop& loop) {
  switch (loop.operands) {
    case 1: return runOperands<1>(params, loop);
    case 2: return runOperands<2>(params, loop);
    case 3: return runOperands<3>(params, loop);
    default: return runOperands<4>(params, loop);
  }
}

void runPointwiseKernel(Params& params, const RunTable& table, const PointwiseTraits& traits) {
  const DType dtype = params.dtype();
  const RunFunction run = table[static_cast<int>(dtype)];
  if (run == nullptr) return params.fail(kUnsupportedDType, static_cast<int>(dtype));
  const int size = itemSize(dtype);
  alignas(8) char scalars[4][8];
  dispatch(dtype, [&]<class T>(T) {
    for (int i = 0; i < traits.scalars; ++i) {
      const T value = params.scalar<T>();
      std::memcpy(scalars[0] + i * sizeof(T), &value, sizeof(T));
    }
  });
  runPointwise(params, {.run = run,
                        .context = scalars,
                        .operands = traits.arity + 1,
                        .itemSizes = {traits.resultSize ? traits.resultSize : size, size, size, size},
                        .cost = traits.cost});
}

}  // namespace flambeau
