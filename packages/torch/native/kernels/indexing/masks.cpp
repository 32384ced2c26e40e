// Selection by a mask: nonzero, maskedSelect, maskedScatter, maskedFill.
#include "kernels/indexing/mask.h"

namespace flambeau {
namespace {

// Where the coordinates of the k-th set position go.
struct CoordinateTable {
  int64_t* out;
  int64_t rowStep, columnStep;

  int64_t* at(int64_t k, int d) const { return out + k * rowStep + d * columnStep; }
};

// Writes the coordinates of the set positions of a block, row of the innermost dim by row.
void writeCoordinates(const uint8_t* mask, int64_t begin, int64_t end, int64_t rank, int64_t blockCount,
                      const int64_t* sizes, int ndim, const CoordinateTable& table) {
  const int64_t inner = sizes[ndim - 1], step = table.rowStep, last = rank + blockCount;
  for (int64_t i = begin; i < end;) {
    int64_t row = i / inner;
    const int64_t rowBegin = row * inner, rowEnd = std::min(rowBegin + inner, end);
    const int64_t count = std::min(countSet(mask + i, rowEnd - i), last - rank);
    int64_t* innermost = table.at(0, ndim - 1);
    walkSet(mask, i, rowEnd, rank, count, [=](int64_t k, int64_t at) { innermost[k * step] = at - rowBegin; });
    for (int d = ndim - 2; d >= 0; --d) {
      int64_t* column = table.at(rank, d);
      for (int64_t k = 0; k < count; ++k) column[k * step] = row % sizes[d];
      row /= sizes[d];
    }
    rank += count;
    i = rowEnd;
  }
}

template <class T>
void fillRow(T* self, const uint8_t* mask, int64_t ss, int64_t sm, int64_t n, T value) {
  if (ss == 1 && sm == 1) {
    for (int64_t i = 0; i < n; ++i) self[i] = mask[i] ? value : self[i];
  } else {
    for (int64_t i = 0; i < n; ++i) {
      if (mask[i * sm]) self[i * ss] = value;
    }
  }
}

// The error of a mask that has another number of elements set than its caller made room for (as another thread changed
// it), or more than there is source for.
constexpr int kBadCount = 1;

}  // namespace

// (mask) -> the number of elements that are not zero
FLAMBEAU_KERNEL(countNonzeroElements) {
  const MaskBytes mask(params);
  params.result(0, static_cast<double>(countSetInParallel(mask.bytes(), mask.size())));
}

// (mask, ndim, sizes, address, rows and two strides of the output); fails where the mask has another number set
FLAMBEAU_KERNEL(nonzero) {
  const MaskBytes mask(params);
  const int ndim = params.dims();
  int64_t sizes[kMaxDims];
  for (int d = 0; d < ndim; ++d) sizes[d] = params.integer();
  auto* out = params.pointer<int64_t>();
  const int64_t rows = params.integer();
  const CoordinateTable table{out, params.integer(), params.integer()};
  if (ndim == 0) return;
  const MaskBlocks blocks(mask.bytes(), mask.size());
  if (blocks.total() != rows) return params.fail(kBadCount, 0);
  blocks.forEach([&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
    writeCoordinates(mask.bytes(), begin, end, rank, count, sizes, ndim, table);
  });
}

// (mask, item size, address, size and stride of the output, address and dims of the input); fails where the mask has
// another number set
FLAMBEAU_KERNEL(maskedSelect) {
  const MaskBytes mask(params);
  dispatchSize(static_cast<int>(params.integer()), [&]<class T>(T) {
    T* out = params.pointer<T>();
    const int64_t capacity = params.integer(), so = params.integer();
    const T* in = params.pointer<T>();
    const FlatDims dims(params);
    const uint8_t* set = mask.bytes();
    const MaskBlocks blocks(set, mask.size());
    if (blocks.total() != capacity) return params.fail(kBadCount, 0);
    blocks.forEach([&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
      if (dims.isFlat() && so == 1) {
        walkSet(set, begin, end, rank, count, [=](int64_t k, int64_t i) { out[k] = in[i]; });
      } else {
        for (int64_t i = begin, k = rank; i < end && k < rank + count; ++i) {
          if (set[i] != 0) out[k++ * so] = in[dims.offsetOf(i)];
        }
      }
    });
  });
}

// (mask, item size, number of source elements, address and dims of self, address and dims of the source); fails, with
// nothing written, where the mask has more elements set
FLAMBEAU_KERNEL(maskedScatter) {
  const MaskBytes mask(params);
  const int bytes = static_cast<int>(params.integer());
  const int64_t available = params.integer();
  dispatchSize(bytes, [&]<class T>(T) {
    T* self = params.pointer<T>();
    const FlatDims dims(params);
    const T* source = params.pointer<T>();
    const FlatDims sourceDims(params);
    const bool flat = dims.isFlat() && sourceDims.isFlat();
    const uint8_t* set = mask.bytes();
    const MaskBlocks blocks(set, mask.size());
    if (blocks.total() > available) return params.fail(kBadCount, 0);
    blocks.forEach([&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
      if (flat) {
        walkSet(set, begin, end, rank, count, [=](int64_t k, int64_t i) {
          const T keep = static_cast<T>((set[i] != 0) - 1);
          self[i] = (self[i] & keep) | (source[k] & ~keep);
        });
      } else {
        for (int64_t i = begin, k = rank; i < end && k < rank + count; ++i) {
          if (set[i] != 0) self[dims.offsetOf(i)] = source[sourceDims.offsetOf(k++)];
        }
      }
    });
  });
}

// (dtype, value, loop over self, mask)
FLAMBEAU_KERNEL(maskedFill) {
  const DType dtype = params.dtype();
  dispatchStored(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    const StridedLoop<2> loop(params, {sizeof(T), 1});
    loop.forEachRow([value](char** p, const int64_t* s, int64_t n) {
      fillRow(reinterpret_cast<T*>(p[0]), reinterpret_cast<const uint8_t*>(p[1]), elements<T>(s[0]), s[1], n, value);
    });
  });
}

}  // namespace flambeau
