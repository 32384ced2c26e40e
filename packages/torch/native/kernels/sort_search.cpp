// What is built on sorted input: binary search, and runs of equal elements (unique, uniqueConsecutive).
#include "kernels/sort_keys.h"

namespace flambeau {
namespace {

// A sorted sequence, walked through `sorter` where there is one.
template <class T>
struct Sequence {
  const T* data;
  const int64_t* sorter;
  int64_t n, dataStep, sorterStep;

  T at(int64_t i) const { return data[(sorter ? sorter[i * sorterStep] : i) * dataStep]; }

  // The first position whose element is not before `value` (after it, if right). A NaN goes to the end.
  int64_t find(T value, bool right) const {
    int64_t begin = 0, length = n;
    while (length > 0) {
      const int64_t half = length / 2;
      const T middle = at(begin + half);
      const bool before = right ? !(middle > value) : !(middle >= value);
      begin = before ? begin + half + 1 : begin;
      length = before ? length - half - 1 : half;
    }
    return begin;
  }
};

// Rows of m elements, one after the other.
template <class T>
struct Rows {
  const T* data;
  int64_t n, m;

  bool differs(int64_t i, int64_t j) const {
    bool any = false;
    for (int64_t k = 0; k < m; ++k) any |= data[i * m + k] != data[j * m + k];
    return any;
  }
  bool less(int64_t i, int64_t j) const {
    for (int64_t k = 0; k < m; ++k) {
      const auto a = keyOf(data[i * m + k]), b = keyOf(data[j * m + k]);
      if (a != b) return a < b;
    }
    return false;
  }
};

template <class T>
Rows<T> readRows(Params& params) {
  const T* data = params.pointer<T>();
  const int64_t n = params.integer();
  return {data, n, params.integer()};
}

template <class T, class Out>
void searchRows(const StridedLoop<4>& loop, const Sequence<T>& shape, bool hasSorter, bool right) {
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      Sequence<T> sequence = shape;
      sequence.data = reinterpret_cast<const T*>(p[2] + i * s[2]);
      sequence.sorter = hasSorter ? reinterpret_cast<const int64_t*>(p[3] + i * s[3]) : nullptr;
      const T value = *reinterpret_cast<const T*>(p[1] + i * s[1]);
      *reinterpret_cast<Out*>(p[0] + i * s[0]) = static_cast<Out>(sequence.find(value, right));
    }
  }, 16);
}

}  // namespace

// (dtype, output dtype, right, length of the sequences, step along them, whether there is a sorter, its step and its
// indices to check, loop over output, values, sequences, sorters)
FLAMBEAU_KERNEL(searchsorted) {
  const DType dtype = params.dtype(), outType = params.dtype();
  const bool right = params.flag();
  const int64_t n = params.integer(), dataStep = params.integer();
  const bool hasSorter = params.flag();
  int64_t sorterStep = 0;
  if (hasSorter) {
    sorterStep = params.integer();
    if (!checkIndices<int64_t>(params, StridedLoop<1>(params, {8}), 0, n)) return;
  }
  dispatch(dtype, [&]<class T>(T) {
    const StridedLoop<4> loop(params, {itemSize(outType), sizeof(T), sizeof(T), 8});
    const Sequence<T> shape{nullptr, nullptr, n, dataStep, sorterStep};
    if (outType == DType::Int32) {
      searchRows<T, int32_t>(loop, shape, hasSorter, right);
    } else {
      searchRows<T, int64_t>(loop, shape, hasSorter, right);
    }
  });
}

// (dtype, rows) -> the number of runs of equal rows
FLAMBEAU_KERNEL(countRuns) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    int64_t runs = rows.n > 0;
    if (rows.m == 1) {
      for (int64_t i = 1; i < rows.n; ++i) runs += rows.data[i] != rows.data[i - 1];
    } else {
      for (int64_t i = 1; i < rows.n; ++i) runs += rows.differs(i, i - 1);
    }
    params.result(0, static_cast<double>(runs));
  });
}

// (dtype, rows, number of runs, then addresses or 0: first rows of the runs, for each row its run, lengths of the
// runs, where the rows were before they were sorted)
FLAMBEAU_KERNEL(runs) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    const int64_t capacity = params.integer();
    T* values = params.pointer<T>();
    auto* inverse = params.pointer<int64_t>();
    auto* counts = params.pointer<int64_t>();
    const auto* order = params.pointer<int64_t>();
    if (order && !checkIndices<int64_t>(params, StridedLoop<1>(params, {8}), 0, rows.n)) return;
    int64_t run = -1;
    for (int64_t i = 0; i < rows.n; ++i) {
      if (i == 0 || rows.differs(i, i - 1)) {
        if (++run == capacity) return;
        if (values) std::copy_n(rows.data + i * rows.m, rows.m, values + run * rows.m);
        if (counts) counts[run] = 0;
      }
      if (counts) ++counts[run];
      if (inverse) inverse[order ? order[i] : i] = run;
    }
  });
}

// (dtype, rows, address of the output): the stable order that sorts rows lexicographically
FLAMBEAU_KERNEL(sortRows) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    auto* order = params.pointer<int64_t>();
    std::iota(order, order + rows.n, int64_t{0});
    std::stable_sort(order, order + rows.n, [&](int64_t i, int64_t j) { return rows.less(i, j); });
  });
}

}  // namespace flambeau
