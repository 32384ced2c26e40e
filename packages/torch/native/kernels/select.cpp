// Selection by a mask: nonzero, maskedSelect, maskedScatter, maskedFill.
#include "kernels/select_mask.h"

namespace flambeau {
namespace {

// Writes the coordinates of set positions; they increase, so most stay in the row of the one before.
void writeCoordinates(const uint8_t* mask, int64_t begin, int64_t end, int64_t rank, const int64_t* sizes, int ndim,
                      int64_t* out, int64_t so, int64_t sd) {
  const int64_t inner = sizes[ndim - 1];
  int64_t rowBegin = -inner;
  int64_t outer[kMaxDims];
  for (int64_t i = begin; i < end; ++i) {
    if (!mask[i]) continue;
    if (i - rowBegin >= inner) {
      int64_t rest = i / inner;
      rowBegin = rest * inner;
      for (int d = ndim - 2; d >= 0; --d) {
        outer[d] = rest % sizes[d];
        rest /= sizes[d];
      }
    }
    int64_t* place = out + rank++ * so;
    for (int d = 0; d < ndim - 1; ++d) place[d * sd] = outer[d];
    place[(ndim - 1) * sd] = i - rowBegin;
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

}  // namespace

// (mask) -> the number of elements that are not zero
FLAMBEAU_KERNEL(countNonzeroElements) {
  const MaskBytes mask(params);
  params.result(0, static_cast<double>(countSet(mask)));
}

// (mask, ndim, sizes, address, rows and two strides of the output)
FLAMBEAU_KERNEL(nonzero) {
  const MaskBytes mask(params);
  const int ndim = static_cast<int>(params.integer());
  int64_t sizes[kMaxDims];
  for (int d = 0; d < ndim; ++d) sizes[d] = params.integer();
  auto* out = params.pointer<int64_t>();
  const int64_t rows = params.integer(), so = params.integer(), sd = params.integer();
  if (ndim == 0) return;
  forEachMaskBlock(mask, rows, [&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
    if (ndim == 1) {
      compress(mask.bytes(), begin, rank, count, [=](int64_t k, int64_t i) { out[k * so] = i; });
    } else {
      writeCoordinates(mask.bytes(), begin, end, rank, sizes, ndim, out, so, sd);
    }
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
    const bool flat = dims.ndim <= 1;
    const int64_t step = dims.ndim == 1 ? dims.strides[0] : 0;
    forEachMaskBlock(mask, capacity, [&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
      if (flat && step == 1 && so == 1) {
        compress(mask.bytes(), begin, rank, count, [=](int64_t k, int64_t i) { out[k] = in[i]; });
      } else if (flat) {
        compress(mask.bytes(), begin, rank, count, [=](int64_t k, int64_t i) { out[k * so] = in[i * step]; });
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
  const int64_t needed = countSet(mask);
  if (needed > available) return params.fail(1, static_cast<double>(needed));
  dispatchSize(bytes, [&]<class T>(T) {
    T* self = params.pointer<T>();
    const FlatDims dims(params);
    const T* source = params.pointer<T>();
    const FlatDims sourceDims(params);
    forEachMaskBlock(mask, available, [&](int64_t begin, int64_t end, int64_t rank, int64_t) {
      for (int64_t i = begin, k = rank; i < end; ++i) {
        if (mask.bytes()[i]) self[dims.offsetOf(i)] = source[sourceDims.offsetOf(k++)];
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
