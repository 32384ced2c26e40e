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
void writeCoordinates(const uint8_t* mask, int64_t begin, int64_t end, int64_t rank, const int64_t* sizes, int ndim,
                      const CoordinateTable& table) {
  const int64_t inner = sizes[ndim - 1], step = table.rowStep;
  for (int64_t i = begin; i < end;) {
    int64_t row = i / inner;
    const int64_t rowBegin = row * inner, rowEnd = std::min(rowBegin + inner, end);
    const int64_t count = countSet(mask + i, rowEnd - i);
    int64_t* last = table.at(0, ndim - 1);
    compress(mask, i, rank, count, [=](int64_t k, int64_t position) { last[k * step] = position - rowBegin; });
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

// The opposite of compress: set positions take the next source elements. Here too there is no branch to mispredict.
template <class T>
void expand(const uint8_t* mask, int64_t begin, int64_t rank, int64_t count, T* self, const T* source) {
  const int64_t end = rank + count;
  for (int64_t i = begin; rank < end; ++i) {
    const T set = static_cast<T>(-(mask[i] != 0));
    self[i] = (self[i] & ~set) | (source[rank] & set);
    rank += mask[i];
  }
}

}  // namespace

// (mask) -> the number of elements that are not zero
FLAMBEAU_KERNEL(countNonzeroElements) {
  const MaskBytes mask(params);
  params.result(0, static_cast<double>(countSetInParallel(mask.bytes(), mask.size())));
}

// (mask, ndim, sizes, address, rows and two strides of the output)
FLAMBEAU_KERNEL(nonzero) {
  const MaskBytes mask(params);
  const int ndim = params.dims();
  int64_t sizes[kMaxDims];
  for (int d = 0; d < ndim; ++d) sizes[d] = params.integer();
  auto* out = params.pointer<int64_t>();
  const int64_t rows = params.integer();
  const CoordinateTable table{out, params.integer(), params.integer()};
  if (ndim == 0) return;
  forEachMaskBlock(mask.bytes(), mask.size(), rows, [&](int64_t begin, int64_t end, int64_t rank, int64_t) {
    writeCoordinates(mask.bytes(), begin, end, rank, sizes, ndim, table);
  });
}

// (mask, item size, address, size and stride of the output, address and dims of the input)
FLAMBEAU_KERNEL(maskedSelect) {
  const MaskBytes mask(params);
  dispatchSize(static_cast<int>(params.integer()), [&]<class T>(T) {
    T* out = params.pointer<T>();
    const int64_t capacity = params.integer(), so = params.integer();
    const T* in = params.pointer<T>();
    const FlatDims dims(params);
    forEachMaskBlock(mask.bytes(), mask.size(), capacity, [&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
      if (dims.isFlat() && so == 1) {
        compress(mask.bytes(), begin, rank, count, [=](int64_t k, int64_t i) { out[k] = in[i]; });
      } else {
        for (int64_t i = begin, k = rank; i < end; ++i) {
          if (mask.bytes()[i]) out[k++ * so] = in[dims.offsetOf(i)];
        }
      }
    });
  });
}

// (mask, item size, number of source elements, address and dims of self, address and dims of the source)
FLAMBEAU_KERNEL(maskedScatter) {
  const MaskBytes mask(params);
  const int bytes = static_cast<int>(params.integer());
  const int64_t available = params.integer();
  const int64_t needed = countSetInParallel(mask.bytes(), mask.size());
  if (needed > available) return params.fail(1, static_cast<double>(needed));
  dispatchSize(bytes, [&]<class T>(T) {
    T* self = params.pointer<T>();
    const FlatDims dims(params);
    const T* source = params.pointer<T>();
    const FlatDims sourceDims(params);
    const bool flat = dims.isFlat() && sourceDims.isFlat();
    const uint8_t* set = mask.bytes();
    forEachMaskBlock(set, mask.size(), available, [&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
      if (flat) {
        expand(set, begin, rank, count, self, source);
      } else {
        for (int64_t i = begin, k = rank; i < end; ++i) {
          if (set[i]) self[dims.offsetOf(i)] = source[sourceDims.offsetOf(k++)];
        }
      }
    });
  });
}

// (dtype, value, loop over self, mask)
FLAMBEAU_KERNEL(maskedFill) {
  const DType dtype = params.dtype();
  dispatch(dtype, [&]<class T>(T) {
    const T value = params.scalar<T>();
    const StridedLoop<2> loop(params, {sizeof(T), 1});
    loop.forEachRow([value](char** p, const int64_t* s, int64_t n) {
      fillRow(reinterpret_cast<T*>(p[0]), reinterpret_cast<const uint8_t*>(p[1]), elements<T>(s[0]), s[1], n, value);
    });
  });
}

}  // namespace flambeau
