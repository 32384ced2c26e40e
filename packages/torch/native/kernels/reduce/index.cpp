// The largest or smallest element along a dim, or of a whole tensor, and where it is.
//
// The first of equal elements wins, and a NaN wins over every number.
#include "kernels/reduce/fold.h"
#include "kernels/reduce/lanes.h"

namespace flambeau {
namespace {

// Elements in which the best is looked up before its place is.
constexpr int64_t kSearch = 1024;
// Elements from which on that pays.
constexpr int64_t kShort = 32;

// Other types are too rare to be worth vector code of their own.
template <class T>
constexpr bool kVectorised = std::is_floating_point_v<T> || sizeof(T) == 8;

template <class T>
struct Best {
  T value{};
  int64_t index = -1;  // none yet
};

// The largest or the smallest of one of those: one search for both, in which turned bits turn the order.
template <class T>
struct Either {
  using In = T;
  int64_t turned;
  bool better(T x, T best) const { return (int64_t(x) ^ turned) > (int64_t(best) ^ turned); }
};

// Whether x takes the place of the best so far; Op is Max, Min or Either.
template <class Op, class T>
inline bool beats(const Op& op, T x, T best) {
  if constexpr (!kVectorised<T>) return op.better(x, best);
  else return (std::is_same_v<Op, Max<T>> ? x > best : x < best) | ((x != x) & (best == best));
}

template <class T>
inline int64_t findFirst(const T* p, int64_t n, T value) {
  const bool isNan = value != value;
  const auto matches = [&](T x) { return (x == value) | (isNan & (x != x)); };
  int64_t i = 0;
  for (; i + 64 <= n; i += 64) {
    T any = 0;
    for (int64_t j = 0; j < 64; ++j) any = matches(p[i + j]) ? T(1) : any;
    if (any != 0) break;
  }
  while (i < n - 1 && !matches(p[i])) ++i;  // not beyond the end where another thread has changed it meanwhile
  return i;
}

// Takes in n elements `stride` bytes apart, the first of which has the index `first`.
template <class Op, class T>
inline void searchOneByOne(const Op& op, Best<T>& best, const char* p, int64_t stride, int64_t n, int64_t first) {
  const auto at = [&](int64_t i) { return *reinterpret_cast<const T*>(p + i * stride); };
  if (n > 0 && best.index < 0) best = {at(0), first};
  for (int64_t i = 0; i < n; ++i) {
    const T x = at(i);
    const bool better = beats(op, x, best.value);
    best.value = better ? x : best.value;
    best.index = better ? first + i : best.index;
  }
}

template <class Op, class T>
inline void search(const Op& op, Best<T>& best, const char* p, int64_t stride, int64_t n, int64_t first) {
  if (!kVectorised<T> || stride != sizeof(T) || n < kShort) return searchOneByOne(op, best, p, stride, n, first);
  if constexpr (kVectorised<T>) {
    const T* x = reinterpret_cast<const T*>(p);
    for (int64_t done = 0; done < n; done += kSearch) {
      const int64_t count = std::min(kSearch, n - done);
      T top = Op::identity;
      foldRow(op, top, x + done, count);
      if (best.index < 0 || beats(op, top, best.value)) best = {top, first + done + findFirst(x + done, count, top)};
    }
  }
}

template <class Op, class T>
void searchSideBySide(const Op& op, const T* p, int64_t stride, int64_t n, int64_t width, T* values, int64_t* indices) {
  std::copy_n(p, width, values);
  std::fill_n(indices, width, 0);
  for (int64_t r = 1; r < n; ++r) {
    p += stride;
    for (int64_t j = 0; j < width; ++j) {
      const bool better = beats(op, p[j], values[j]);
      values[j] = better ? p[j] : values[j];
      indices[j] = better ? r : indices[j];
    }
  }
}

template <class Op, class T>
void searchLanes(const Op& op, const LaneLoop<3>& lanes, bool withValues) {
  constexpr int64_t size = sizeof(T);
  const int64_t n = lanes.length;
  lanes.forEachBlock([&](char** p, const int64_t* s, int64_t width) {
    const auto store = [&](int64_t j, T value, int64_t index) {
      *reinterpret_cast<int64_t*>(p[0] + j * s[0]) = index;
      if (withValues) *reinterpret_cast<T*>(p[2] + j * s[2]) = value;
    };
    if (width > 1 && (s[1] == size || n <= kShortLane)) {
      T values[kLaneBlock];
      int64_t indices[kLaneBlock];
      LaneTile<T> tile;
      if (s[1] == size) {
        searchSideBySide(op, reinterpret_cast<const T*>(p[1]), lanes.strides[1] / size, n, width, values, indices);
      } else {
        tile.read(p[1], s[1], lanes.strides[1], n, width);
        searchSideBySide(op, tile.data, kLaneBlock, n, width, values, indices);
      }
      for (int64_t j = 0; j < width; ++j) store(j, values[j], indices[j]);
      return;
    }
    for (int64_t j = 0; j < width; ++j) {
      Best<T> best;
      search(op, best, p[1] + j * s[1], lanes.strides[1], n, 0);
      store(j, best.value, best.index);
    }
  }, 1);
}

template <class Op, class T>
int64_t searchAll(const Op& op, const ReductionPlan& plan) {
  const int64_t parts = std::clamp<int64_t>(plan.reducedCount / kReduceGrain, 1, threadCount());
  std::vector<Best<T>> best(parts);
  parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      int64_t first = plan.reducedCount * part / parts;
      const int64_t last = plan.reducedCount * (part + 1) / parts;
      forEachRun(plan, plan.in, first, last, [&](const char* p, int64_t stride, int64_t n) {
        search(op, best[part], p, stride, n, first);
        first += n;
      });
    }
  });
  for (int64_t part = 1; part < parts; ++part) {
    if (beats(op, best[part].value, best[0].value)) best[0] = best[part];
  }
  return best[0].index;
}

// Calls body with the operation as a value: Max or Min of the dtype, or Either.
template <class Body>
void dispatchExtreme(DType dtype, bool largest, const Body& body) {
  dispatch(dtype, [&]<class T>(T) {
    if constexpr (!kVectorised<T>) body(Either<T>{largest ? 0 : -1});
    else if (largest) body(Max<T>());
    else body(Min<T>());
  });
}

}  // namespace

// (dtype, whether the largest, whether there are values, lanes of indices, input, values)
FLAMBEAU_KERNEL(reduceIndex) {
  const DType dtype = params.dtype();
  const bool largest = params.flag(), withValues = params.flag();
  const LaneLoop<3> lanes(params, {itemSize(DType::Int64), itemSize(dtype), itemSize(dtype)});
  dispatchExtreme(dtype, largest, [&]<class Op>(Op op) { searchLanes<Op, typename Op::In>(op, lanes, withValues); });
}

// (dtype, whether the largest, plan), all dims reduced, to the index in row-major order
FLAMBEAU_KERNEL(reduceIndexAll) {
  const DType dtype = params.dtype();
  const bool largest = params.flag();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(DType::Int64), true);
  dispatchExtreme(dtype, largest, [&]<class Op>(Op op) {
    *reinterpret_cast<int64_t*>(plan.out) = searchAll<Op, typename Op::In>(op, plan);
  });
}

}  // namespace flambeau
