#include "kernels/pointwise/pointwise.h"

#include "kernels/pointwise/half.h"
#include "kernels/pointwise/tiles.h"

namespace flambeau {
namespace {

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
  dispatchSize(size, [=]<class Word>(Word) { copyWords<Word>(to, toStride, from, fromStride, n); });
}

namespace {

template <int N>
void runOperands(Params& params, const PointwiseLoop& pointwise) {
  int itemSizes[N];
  std::copy_n(pointwise.itemSizes, N, itemSizes);
  const StridedLoop<N> loop(params, itemSizes);
  const int64_t n = loop.numel(), grain = std::max<int64_t>(1, kElementwiseGrain / pointwise.cost);
  if (n == 0) return;
  const Walk<N> walk(loop, pointwise, n);
  const auto cover = [&](int64_t count, int64_t least, const auto& walker) {
    parallelFor(count, least, [&](int64_t begin, int64_t end) {
      walker.walk(begin, end);
      if (walk.anyStreamed()) streamEnd();
    });
  };
  if (const int dim = transposedDim(loop, pointwise.outputs); dim != 0) {
    const TileWalker<N> tiles(walk, dim);
    cover(tiles.count(), std::max<int64_t>(1, grain / tiles.area()), tiles);
  } else if (loop.ndim == 1 || loop.shape[0] >= kLongRow) {
    cover(n, grain, RowWalker<N>(walk));
  } else {
    cover(n, grain, ChunkWalker<N>(walk));
  }
}

}  // namespace

void runPointwise(Params& params, const PointwiseLoop& loop) {
  switch (loop.operands) {
    case 1: return runOperands<1>(params, loop);
    case 2: return runOperands<2>(params, loop);
    case 3: return runOperands<3>(params, loop);
    case 4: return runOperands<4>(params, loop);
  }
}

void runPointwiseKernel(Params& params, const RunTable& table, const PointwiseTraits& traits) {
  const DType dtype = params.dtype();
  const auto runIn = [&](DType type) { return table[static_cast<int>(type)]; };
  const DType computed = runIn(dtype) == nullptr ? computedIn(dtype) : dtype;
  const RunFunction run = runIn(computed);
  if (run == nullptr) return params.fail(kUnsupportedDType, static_cast<int>(dtype));
  const int size = itemSize(dtype);
  alignas(8) char scalars[4][kLargestItem];
  dispatchStored(computed, [&]<class T>(T) {
    for (int i = 0; i < traits.scalars; ++i) {
      const T value = params.scalar<T>();
      std::memcpy(scalars[0] + i * sizeof(T), &value, sizeof(T));
    }
  });
  PointwiseLoop loop{.run = run,
                     .context = scalars,
                     .operands = traits.arity + 1,
                     .itemSizes = {traits.resultSize ? traits.resultSize : size, size, size, size},
                     .cost = traits.cost};
  if (computed == dtype) return runPointwise(params, loop);
  runPointwiseInFloat(params, loop, {traits.resultSize ? DType::Bool : dtype, dtype, dtype, dtype});
}

}  // namespace flambeau
