// Reading at computed places: gather, indexSelect (gather with an expanded index), advanced indexing and take.
#include "kernels/indexing/offsets.h"

namespace flambeau {
namespace {

// out[i] = a[i][index[i] * step], where `a` walks the dims that are not indexed. Returns how many elements there are
// before the first bad index.
template <class T, class Index>
int64_t gatherRow(T* out, const Index* index, const T* a, int64_t so, int64_t si, int64_t sa, int64_t step, int64_t n,
                  int64_t size) {
  if (si == 0) {
    const int64_t at = readOnce(*index);
    if (!inRange(at, size)) return 0;
    a += at * step;
    if (so == 1 && sa == 1) {
      std::memcpy(out, a, n * sizeof(T));
    } else {
      for (int64_t i = 0; i < n; ++i) out[i * so] = a[i * sa];
    }
  } else if (so == 1 && si == 1 && sa == 0 && step == 1) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = readOnce(index[i]);
      if (!inRange(at, size)) return i;
      out[i] = a[at];
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = readOnce(index[i * si]);
      if (!inRange(at, size)) return i;
      out[i * so] = a[at * step + i * sa];
    }
  }
  return n;
}

template <class T, class Index>
void gatherRows(Params& params, const StridedLoop<3>& loop, int64_t step, int64_t size) {
  Atomic<bool> failed{false};
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) {
    const int64_t si = elements<Index>(s[1]);
    const auto* index = reinterpret_cast<const Index*>(p[1]);
    const int64_t done = gatherRow(reinterpret_cast<T*>(p[0]), index, reinterpret_cast<const T*>(p[2]),
                                   elements<T>(s[0]), si, elements<T>(s[2]), step, n, size);
    if (done < n && !failed.exchange(true)) params.fail(1, static_cast<double>(index[done * si]));
  }, 2);
}

template <class Index>
void gatherBy(Params& params, int itemSize, int64_t size, int64_t step) {
  const StridedLoop<3> loop(params, {itemSize, sizeof(Index), itemSize});
  dispatchSize(itemSize, [&]<class T>(T) { gatherRows<T, Index>(params, loop, step, size); });
}

}  // namespace

// (item size, index dtype, size and stride of the indexed dim, loop over out, index, a without the indexed dim)
FLAMBEAU_KERNEL(gather) {
  const int itemSize = static_cast<int>(params.integer());
  const DType indexType = params.dtype();
  const int64_t size = params.integer(), step = params.integer();
  if (indexType == DType::Int32) {
    gatherBy<int32_t>(params, itemSize, size, step);
  } else {
    gatherBy<int64_t>(params, itemSize, size, step);
  }
}

// (item size, number of offsets, index operands, loop over out, offsets, a without the indexed dims)
FLAMBEAU_KERNEL(indexGet) {
  const int itemSize = static_cast<int>(params.integer());
  const Offsets offsets(params);
  if (offsets.failed()) return;
  StridedLoop<3> loop(params, {itemSize, 8, itemSize});
  loop.data[1] = offsets.data();
  dispatchSize(itemSize, [&]<class T>(T) { gatherRows<T, int64_t>(params, loop, offsets.step(), offsets.size()); });
}

}  // namespace flambeau
