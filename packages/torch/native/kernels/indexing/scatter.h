// Writing at computed places: the loops behind scatter, indexAdd, indexPut and their relatives.
//
// The dims of the index along which places are computed are serial, in order, so that duplicates combine
// deterministically; the dims that only come along are split between threads.
//
// Indices were checked before anything is written, but another thread may change them meanwhile. So each is read once
// more and checked again, and writes nothing where it has become a bad one.
#pragma once
#include <limits>
#include <type_traits>

#include "kernels/indexing/common.h"
#include "kernels/pointwise/integer.h"

namespace flambeau {

// Codes are part of the contract with src/backend/cpu/indexing.ts.
enum class ScatterMode { Assign, Sum, Prod, Mean, Amax, Amin, SumScaled };

// How one serial step j of `count` moves through the operands (in elements).
struct ScatterSteps {
  int64_t count;
  int64_t size;      // of the indexed dim of self, above every index
  int64_t self;      // what one index is worth
  int64_t index;
  int64_t src;
  const int64_t* srcTable = nullptr;  // offsets that replace j * src

  int64_t srcOffset(int64_t j) const { return srcTable ? srcTable[j] : j * src; }
};

struct Assign {
  template <class T> T operator()(T, T b) const { return b; }
};
struct Sum {
  template <class T> T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) return a + b;
    else return integer::add(a, b);
  }
};
struct Prod {
  template <class T> T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) return a * b;
    else return integer::mul(a, b);
  }
};
// NaN wins.
struct Amax {
  template <class T> T operator()(T a, T b) const { return a > b || a != a ? a : b; }
};
struct Amin {
  template <class T> T operator()(T a, T b) const { return a < b || a != a ? a : b; }
};
template <class T>
struct SumScaled {
  T alpha;
  T operator()(T a, T b) const { return Sum()(a, Prod()(alpha, b)); }
};

template <class T>
T identityOf(ScatterMode mode) {
  using Limits = std::numeric_limits<T>;
  switch (mode) {
    case ScatterMode::Prod: return T(1);
    case ScatterMode::Amax: return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    case ScatterMode::Amin: return Limits::has_infinity ? Limits::infinity() : Limits::max();
    default: return T(0);
  }
}

// One row of places that come along: strides ss, si, sx of self, index and src.
template <class T>
struct ScatterRow {
  T* self;
  const int64_t* index;
  const T* src;
  int64_t ss, si, sx, n;

  ScatterRow(char** p, const int64_t* s, int64_t n)
      : self(reinterpret_cast<T*>(p[0])), index(reinterpret_cast<const int64_t*>(p[1])),
        src(reinterpret_cast<const T*>(p[2])), ss(elements<T>(s[0])), si(elements<int64_t>(s[1])),
        sx(elements<T>(s[2])), n(n) {}
};

// self[i] = op(self[i], src[i]) for the row that one index names.
template <class T, class Op>
void combineRow(T* self, const T* src, int64_t ss, int64_t sx, int64_t n, const Op& op) {
  if (ss == 1 && sx == 1) {
    for (int64_t i = 0; i < n; ++i) self[i] = op(self[i], src[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) self[i * ss] = op(self[i * ss], src[i * sx]);
  }
}

// self[index[j]] = op(self[index[j]], src[j]) for the serial places of one element that comes along.
template <class T, class Op>
void combineAlong(T* self, const int64_t* index, const T* src, const ScatterSteps& step, const Op& op) {
  const auto [count, size, selfStep, indexStep, srcStep, table] = step;
  if (table) {
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = readOnce(index[j * indexStep]);
      if (!inRange(at, size)) continue;
      T& place = self[at * selfStep];
      place = op(place, src[table[j]]);
    }
  } else if (selfStep == 1 && indexStep == 1 && srcStep == 1) {
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = readOnce(index[j]);
      if (inRange(at, size)) self[at] = op(self[at], src[j]);
    }
  } else {
    for (int64_t j = 0; j < count; ++j) {
      const int64_t at = readOnce(index[j * indexStep]);
      if (!inRange(at, size)) continue;
      T& place = self[at * selfStep];
      place = op(place, src[j * srcStep]);
    }
  }
}

template <class T, class Op>
void scatterRow(const ScatterRow<T>& row, const ScatterSteps& steps, const Op& op) {
  // Copies, so that the compiler knows that no write through `self` changes them.
  const auto [self, index, src, ss, si, sx, n] = row;
  const ScatterSteps step = steps;
  if (n > 1 && si == 0) {
    for (int64_t j = 0; j < step.count; ++j) {
      const int64_t at = readOnce(index[j * step.index]);
      if (inRange(at, step.size)) combineRow(self + at * step.self, src + step.srcOffset(j), ss, sx, n, op);
    }
  } else if (n > 1 && si < step.index) {
    for (int64_t j = 0; j < step.count; ++j) {
      const int64_t* rowIndex = index + j * step.index;
      const T* from = src + step.srcOffset(j);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t at = readOnce(rowIndex[i * si]);
        if (!inRange(at, step.size)) continue;
        T& place = self[at * step.self + i * ss];
        place = op(place, from[i * sx]);
      }
    }
  } else {
    for (int64_t i = 0; i < n; ++i) combineAlong(self + i * ss, index + i * si, src + i * sx, step, op);
  }
}

template <class T, class Op>
void scatterRows(const StridedLoop<3>& loop, const ScatterSteps& step, const Op& op) {
  loop.forEachRow([&](char** p, const int64_t* s, int64_t n) { scatterRow(ScatterRow<T>(p, s, n), step, op); },
                  2 * std::max<int64_t>(step.count, 1));
}

}  // namespace flambeau
