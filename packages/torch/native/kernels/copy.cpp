// Copies with conversion between dtypes, and filling with one value.
#include <cmath>
#include <type_traits>

#include "kernels/iterator.h"
#include "kernels/pointwise.h"

namespace flambeau {
namespace {

// C++ leaves a float out of an integer's range undefined. As PyTorch on common hardware: it becomes the
// smallest int64 or int32, and narrower types take the low bits of the latter.
template <class To, class From>
inline To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using Integer = std::conditional_t<sizeof(To) == 8, int64_t, int32_t>;
    constexpr From limit = sizeof(To) == 8 ? From(0x1p63) : From(0x1p31);
    const bool fits = value >= -limit && value < limit;
    const Integer whole = static_cast<Integer>(fits ? value : From(0));
    return static_cast<To>(fits ? whole : std::numeric_limits<Integer>::min());
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void convertRow(char* const* data, int64_t n, const void*) {
  To* out = reinterpret_cast<To*>(data[0]);
  const From* in = reinterpret_cast<const From*>(data[1]);
  for (int64_t i = 0; i < n; ++i) out[i] = convert<To>(in[i]);
}

template <class From>
RunFunction conversionFrom(DType to) {
  return dispatch(to, []<class To>(To) -> RunFunction { return convertRow<To, From>; });
}

// The side of the squares in which a transposing copy goes, so that both sides' cache lines are used up.
constexpr int64_t kTile = 32;

template <class Word>
void copyTile(char* out, const char* in, int64_t rows, int64_t columns, const int64_t (&outStrides)[2],
              const int64_t (&inStrides)[2]) {
  for (int64_t i = 0; i < rows; ++i) {
    char* to = out + i * outStrides[0];
    const char* from = in + i * inStrides[0];
    for (int64_t j = 0; j < columns; ++j) {
      *reinterpret_cast<Word*>(to + j * outStrides[1]) = *reinterpret_cast<const Word*>(from + j * inStrides[1]);
    }
  }
}

using TileFunction = decltype(&copyTile<uint8_t>);

TileFunction tileFunction(int size) {
  switch (size) {
    case 1: return copyTile<uint8_t>;
    case 2: return copyTile<uint16_t>;
    case 4: return copyTile<uint32_t>;
    default: return copyTile<uint64_t>;
  }
}

// The dim along which the input is walked in its smallest steps, where that is not the output's (dim 0).
int transposedDim(const StridedLoop<2>& loop) {
  int best = 0;
  for (int d = 1; d < loop.ndim; ++d) {
    const int64_t stride = loop.strides[1][d];
    if (stride > 0 && stride < loop.strides[1][best] && loop.shape[d] >= 4) best = d;
  }
  return best;
}

// Copies stripes of tiles, each kTile long in `rowDim` and as long as dim 0 across.
void copyTransposed(const StridedLoop<2>& loop, int size, int rowDim) {
  const int64_t stripes = (loop.shape[rowDim] + kTile - 1) / kTile, width = loop.shape[0];
  const int64_t outStrides[2] = {loop.strides[0][rowDim], loop.strides[0][0]};
  const int64_t inStrides[2] = {loop.strides[1][rowDim], loop.strides[1][0]};
  const TileFunction copy = tileFunction(size);
  const int64_t total = loop.numel() / (loop.shape[rowDim] * width) * stripes;
  parallelFor(total, std::max<int64_t>(1, kElementwiseGrain / (kTile * width)), [&](int64_t begin, int64_t end) {
    for (int64_t stripe = begin; stripe < end; ++stripe) {
      const int64_t row = stripe % stripes * kTile, rows = std::min(kTile, loop.shape[rowDim] - row);
      char* out = loop.data[0] + row * outStrides[0];
      const char* in = loop.data[1] + row * inStrides[0];
      int64_t rest = stripe / stripes;
      for (int d = 1; d < loop.ndim; ++d) {
        if (d == rowDim) continue;
        out += rest % loop.shape[d] * loop.strides[0][d];
        in += rest % loop.shape[d] * loop.strides[1][d];
        rest /= loop.shape[d];
      }
      for (int64_t column = 0; column < width; column += kTile) {
        copy(out + column * outStrides[1], in + column * inStrides[1], rows, std::min(kTile, width - column),
             outStrides, inStrides);
      }
    }
  });
}

void copySame(Params& params, int size) {
  const StridedLoop<2> loop(params, {size, size});
  if (loop.numel() == 0) return;
  if (const int dim = transposedDim(loop); dim != 0) return copyTransposed(loop, size, dim);
  loop.forEachRow([size](char** p, const int64_t* strides, int64_t n) {
    copyElements(size, p[0], strides[0], p[1], strides[1], n);
  });
}

}  // namespace

// (output dtype, input dtype, loop)
FLAMBEAU_KERNEL(copy) {
  const DType to = params.dtype(), from = params.dtype();
  if (to == from) return copySame(params, itemSize(to));
  const RunFunction run = dispatch(from, [to]<class From>(From) { return conversionFrom<From>(to); });
  runPointwise(params, {.run = run, .operands = 2, .itemSizes = {itemSize(to), itemSize(from)}});
}

// (dtype, value, loop)
FLAMBEAU_KERNEL(fill) {
  const DType dtype = params.dtype();
  dispatch(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    const StridedLoop<1> loop(params, {itemSize(dtype)});
    loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
      copyElements(sizeof(T), p[0], strides[0], reinterpret_cast<const char*>(&value), 0, n);
    });
  });
}

}  // namespace flambeau
