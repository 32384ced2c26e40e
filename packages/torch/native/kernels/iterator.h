// A loop over N operands of one shape, each with its own strides.
//
// The dims are reordered so that the innermost one is the smallest stride of the first operand (the output),
// and neighbours that every operand walks evenly are merged, so that most loops become one flat run.
#pragma once
#include <algorithm>
#include <cstdlib>

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {

// Elements that are worth waking another thread for, for an operation of a few cycles each.
constexpr int64_t kElementwiseGrain = 32768;

template <int N>
struct StridedLoop {
  int ndim;                 // at least 1: a single number is one dim of size 1
  int64_t shape[kMaxDims];  // innermost first after `simplify`
  char* data[N];
  int64_t strides[N][kMaxDims];  // bytes

  // Reads ndim, the shape, then for each operand its address and strides (elements), outermost dim first.
  StridedLoop(Params& params, const int (&itemSizes)[N]) {
    const int dims = params.dims();
    ndim = std::max(dims, 1);
    shape[0] = 1;
    for (int d = dims - 1; d >= 0; --d) shape[d] = params.integer();
    for (int k = 0; k < N; ++k) {
      data[k] = params.pointer();
      strides[k][0] = itemSizes[k];
      for (int d = dims - 1; d >= 0; --d) strides[k][d] = params.integer() * itemSizes[k];
    }
    if (ndim > 1) simplify();
  }

  int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; ++d) n *= shape[d];
    return n;
  }

  // Calls row(pointers, strides of the inner dim, length) until every element has been visited; `cost` is
  // the work of one element relative to an addition. The row is compiled in one place, and the walk for each N.
  template <class Row>
  void forEachRow(const Row& row, int64_t cost = 1) const {
    const auto call = [](const void* context, char** p, const int64_t* innerStrides, int64_t n) {
      (*static_cast<const Row*>(context))(p, innerStrides, n);
    };
    walk({call, &row}, cost);
  }

 private:
  struct RowCall {
    void (*call)(const void* context, char** p, const int64_t* innerStrides, int64_t n);
    const void* context;

    void operator()(char** p, const int64_t* innerStrides, int64_t n) const { call(context, p, innerStrides, n); }
  };

  void walk(const RowCall& row, int64_t cost) const {
    const int64_t inner = shape[0];
    int64_t outer = 1;
    for (int d = 1; d < ndim; ++d) outer *= shape[d];
    if (inner == 0 || outer == 0) return;
    int64_t innerStrides[N];
    for (int k = 0; k < N; ++k) innerStrides[k] = strides[k][0];
    const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / cost);
    if (outer == 1) {
      parallelFor(inner, grain, [&](int64_t begin, int64_t end) {
        char* p[N];
        for (int k = 0; k < N; ++k) p[k] = data[k] + begin * innerStrides[k];
        row(p, innerStrides, end - begin);
      });
      return;
    }
    parallelFor(outer, std::max<int64_t>(1, grain / inner), [&](int64_t begin, int64_t end) {
      walkRows(begin, end, innerStrides, inner, row);
    });
  }

  void walkRows(int64_t begin, int64_t end, const int64_t* innerStrides, int64_t inner, const RowCall& row) const {
    int64_t index[kMaxDims];
    char* p[N];
    std::copy(data, data + N, p);
    int64_t rest = begin;
    for (int d = 1; d < ndim; ++d) {
      index[d] = rest % shape[d];
      rest /= shape[d];
      for (int k = 0; k < N; ++k) p[k] += index[d] * strides[k][d];
    }
    for (int64_t i = begin; i < end; ++i) {
      char* start[N];
      std::copy(p, p + N, start);
      row(start, innerStrides, inner);
      for (int d = 1; d < ndim; ++d) {
        for (int k = 0; k < N; ++k) p[k] += strides[k][d];
        if (++index[d] < shape[d]) break;
        for (int k = 0; k < N; ++k) p[k] -= shape[d] * strides[k][d];
        index[d] = 0;
      }
    }
  }

  void simplify() {
    sortByOutputStride();
    int kept = 0;
    for (int d = 1; d < ndim; ++d) {
      if (mergeable(kept, d)) {
        if (shape[kept] == 1) takeStrides(kept, d);
        shape[kept] *= shape[d];
      } else {
        ++kept;
        shape[kept] = shape[d];
        takeStrides(kept, d);
      }
    }
    ndim = kept + 1;
  }

  void takeStrides(int to, int from) {
    for (int k = 0; k < N; ++k) strides[k][to] = strides[k][from];
  }

  bool mergeable(int inner, int outer) const {
    if (shape[inner] == 1 || shape[outer] == 1) return true;
    for (int k = 0; k < N; ++k) {
      if (strides[k][outer] != strides[k][inner] * shape[inner]) return false;
    }
    return true;
  }

  // An insertion sort: dims are few and mostly in order. A dim of size 1 or that the output does not walk
  // (stride 0) stays where it is relative to its neighbours.
  void sortByOutputStride() {
    for (int d = 1; d < ndim; ++d) {
      for (int e = d; e > 0 && shape[e] > 1 && strides[0][e] != 0 &&
                      std::llabs(strides[0][e]) < std::llabs(strides[0][e - 1]);
           --e) {
        std::swap(shape[e], shape[e - 1]);
        for (int k = 0; k < N; ++k) std::swap(strides[k][e], strides[k][e - 1]);
      }
    }
  }
};

}  // namespace flambeau
