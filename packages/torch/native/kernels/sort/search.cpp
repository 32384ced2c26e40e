// What is built on sorted input: binary search, and runs of equal elements (unique, uniqueConsecutive).
#include "kernels/indexing/mask.h"
#include "kernels/sort/keys.h"

namespace flambeau {
namespace {

// The first of n positions whose element is not before `value` (after it, if right). A NaN goes to the end. There is no
// branch on the elements, so searches for several values overlap.
template <class T, class At>
int64_t search(int64_t n, T value, bool right, const At& at) {
  const auto before = [=](T element) { return static_cast<int64_t>(right ? !(element > value) : !(element >= value)); };
  int64_t begin = 0;
  while (n > 1) {
    const int64_t half = n / 2;
    begin += half & -before(at(begin + half - 1));
    n -= half;
  }
  return n == 1 ? begin + before(at(begin)) : begin;
}

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
};

template <class T>
Rows<T> readRows(Params& params) {
  const T* data = params.pointer<T>();
  const int64_t n = params.integer();
  return {data, n, params.integer()};
}

// What all sequences have in common.
struct SequenceShape {
  int64_t n, step;
  bool hasSorter;
  int64_t sorterStep;
};

template <class T, class Out>
void searchRows(const StridedLoop<4>& loop, const SequenceShape& shape, bool right) {
  loop.forEachRow([=](char** p, const int64_t* s, int64_t rowLength) {
    const int64_t n = shape.n, step = shape.step, sorterStep = shape.sorterStep;
    for (int64_t i = 0; i < rowLength; ++i) {
      auto& out = *reinterpret_cast<Out*>(p[0] + i * s[0]);
      const T value = *reinterpret_cast<const T*>(p[1] + i * s[1]);
      const auto* data = reinterpret_cast<const T*>(p[2] + i * s[2]);
      if (shape.hasSorter) {
        const auto* sorter = reinterpret_cast<const int64_t*>(p[3] + i * s[3]);
        out = static_cast<Out>(search(n, value, right, [=, n = n](int64_t k) {
          const int64_t at = readOnce(sorter[k * sorterStep]);  // all were checked, but may have been changed since
          return data[inRange(at, n) ? at * step : 0];
        }));
      } else if (step == 1) {
        out = static_cast<Out>(search(n, value, right, [=](int64_t k) { return data[k]; }));
      } else {
        out = static_cast<Out>(search(n, value, right, [=](int64_t k) { return data[k * step]; }));
      }
    }
  }, 16);
}

// Bytes that are 1 where a row begins a run: it differs from the one before.
template <class T>
void markRuns(const Rows<T>& rows, uint8_t* begins) {
  parallelFor(rows.n, kElementwiseGrain, [&](int64_t begin, int64_t end) {
    if (begin == 0) begins[0] = 1;
    const T* data = rows.data;
    if (rows.m == 1) {
      for (int64_t i = std::max<int64_t>(begin, 1); i < end; ++i) begins[i] = data[i] != data[i - 1];
    } else {
      for (int64_t i = std::max<int64_t>(begin, 1); i < end; ++i) begins[i] = rows.differs(i, i - 1);
    }
  });
}

struct RunOutputs {
  char* values;
  int64_t *inverse, *counts;
  const int64_t* order;
};

// The runs that begin in a block, the first of which is number `rank`.
template <class T>
void describeBlock(const Rows<T>& rows, const uint8_t* marks, int64_t begin, int64_t end, int64_t rank, int64_t count,
                   const RunOutputs& out) {
  const auto [data, n, m] = rows;
  T* values = reinterpret_cast<T*>(out.values);
  if (values && m == 1) {
    walkSet(marks, begin, end, rank, count, [=, data = data](int64_t k, int64_t i) { values[k] = data[i]; });
  } else if (values) {
    for (int64_t i = begin, k = rank; i < end; ++i) {
      if (marks[i] != 0) std::copy_n(data + i * m, m, values + k++ * m);
    }
  }
  if (int64_t* starts = out.counts) {
    walkSet(marks, begin, end, rank, count, [=](int64_t k, int64_t i) { starts[k] = i; });
  }
  if (int64_t* inverse = out.inverse) {
    const int64_t* order = out.order;
    int64_t run = rank - 1;
    for (int64_t i = begin; i < end; ++i) {
      run += marks[i];
      const int64_t place = order ? readOnce(order[i]) : i;
      if (static_cast<uint64_t>(place) < static_cast<uint64_t>(n)) inverse[place] = run;
    }
  }
}

// Returns false, and describes nothing, where there is another number of runs.
template <class T>
bool describeRuns(const Rows<T>& rows, int64_t runs, const RunOutputs& out) {
  const Scratch<uint8_t> marks(rows.n);
  markRuns(rows, marks);
  const MaskBlocks blocks(marks, rows.n);
  if (blocks.total() != runs) return false;
  blocks.forEach([&](int64_t begin, int64_t end, int64_t rank, int64_t count) {
    describeBlock(rows, marks, begin, end, rank, count, out);
  });
  if (int64_t* counts = out.counts) {  // from starts to lengths
    for (int64_t k = 0; k + 1 < runs; ++k) counts[k] = counts[k + 1] - counts[k];
    if (runs > 0) counts[runs - 1] = rows.n - counts[runs - 1];
  }
  return true;
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
    const SequenceShape shape{n, dataStep, hasSorter, sorterStep};
    if (outType == DType::Int32) {
      searchRows<T, int32_t>(loop, shape, right);
    } else {
      searchRows<T, int64_t>(loop, shape, right);
    }
  });
}

// (dtype, rows) -> the number of runs of equal rows
FLAMBEAU_KERNEL(countRuns) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    const Scratch<uint8_t> begins(rows.n);
    markRuns(rows, begins);
    params.result(0, static_cast<double>(countSetInParallel(begins, rows.n)));
  });
}

// (dtype, rows, number of runs, then addresses or 0: first rows of the runs, for each row its run, lengths of the
// runs, where the rows were before they were sorted, and then these places to check)
FLAMBEAU_KERNEL(runs) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    const int64_t runs = params.integer();
    const RunOutputs out{params.pointer(), params.pointer<int64_t>(), params.pointer<int64_t>(),
                         params.pointer<int64_t>()};
    if (out.order && !checkIndices<int64_t>(params, StridedLoop<1>(params, {8}), 0, rows.n)) return;
    if (!describeRuns(rows, runs, out)) params.fail(2, static_cast<double>(runs));
  });
}

// (dtype, rows, address of the output): the stable order that sorts rows lexicographically
FLAMBEAU_KERNEL(sortRows) {
  dispatch(params.dtype(), [&]<class T>(T) {
    const auto rows = readRows<T>(params);
    auto* order = params.pointer<int64_t>();
    // Keys of our own: a sort goes astray where what it compares changes.
    const Scratch<KeyOf<T>> keys(rows.n * rows.m);
    for (int64_t i = 0; i < rows.n * rows.m; ++i) keys[i] = keyOf(rows.data[i]);
    std::iota(order, order + rows.n, int64_t{0});
    std::stable_sort(order, order + rows.n, [&, m = rows.m](int64_t i, int64_t j) {
      const auto *a = keys + i * m, *b = keys + j * m;
      return std::lexicographical_compare(a, a + m, b, b + m);
    });
  });
}

}  // namespace flambeau
