// What every reduction shares: how outputs are made from elements, and how the work is split between threads.
//
// When the innermost dim is reduced, each output folds contiguous runs ("rows"); when it is kept, a block of
// neighbouring outputs is accumulated side by side ("columns"). A reduction to few outputs is cut into one part
// for each thread, and the parts are merged in order.
//
// A body says what is computed:
//   In, Total                       what elements are read as, and what is accumulated for one output
//   cost                            the work of one element relative to an addition
//   init(total)                     the total of no element
//   row(total, p, n)                takes in n neighbouring elements
//   columns(totals, p, stride, n, width)   takes in n rows of `width` elements, `stride` elements apart
//   merge(total, other)             takes in the total of a later part
//   store(out, extra, total)        writes a result (and a second one, where there is one)
//   storeRow(out, step, totals, n)  optional: writes results that are `step` bytes apart, or tells that it does not
#pragma once
#include <algorithm>
#include <vector>

#include "kernels/reduce/plan.h"
#include "runtime/threads.h"

namespace flambeau {

// Outputs that are accumulated side by side.
constexpr int64_t kColumns = 512;
// Elements gathered at a time where they are not neighbours in memory.
constexpr int64_t kGather = 4096;
// Elements that are worth another thread, for an addition each.
constexpr int64_t kReduceGrain = 65536;

template <class Body>
class Reduction {
  using In = typename Body::In;
  using Total = typename Body::Total;

 public:
  Reduction(const ReductionPlan& plan, const Body& body, DType inType)
      : plan_(plan), body_(body), gather_(gatherFrom<In>(inType)), asIs_(itemSize(inType) == sizeof(In)) {
    if (plan.columns) {
      inner_ = plan.keptAxes[0].size;
      width_ = std::min(inner_, kColumns);
      blocks_ = (inner_ + width_ - 1) / std::max<int64_t>(width_, 1);
    }
  }

  void run() const {
    if (plan_.keptCount == 0) return;
    const int64_t units = plan_.keptCount / inner_ * blocks_;
    const int64_t work = std::max<int64_t>(1, plan_.reducedCount * width_ * body_.cost);
    const int64_t parts = std::min<int64_t>(threadCount(), units * work / kReduceGrain);
    if (parts > 1 && units < 4 * parts && plan_.reducedCount >= parts) return runInParts(units, parts);
    parallelFor(units, std::max<int64_t>(1, kReduceGrain / work), [&](int64_t begin, int64_t end) {
      if (rowsInLine()) return evenRows(begin, end);
      Total totals[kColumns];
      for (int64_t unit = begin; unit < end; ++unit) {
        const Place place = placeOf(unit);
        accumulate(totals, place, 0, plan_.reducedCount);
        store(totals, place);
      }
    });
  }

 private:
  // Where the outputs of one unit of work are, and the elements that they come from.
  struct Place {
    const char* in;
    char* out;
    char* extra;
    int64_t width;
  };

  // Whether each unit is one row, and the rows are evenly spaced.
  bool rowsInLine() const {
    return asIs_ && !plan_.columns && plan_.kept == 1 && plan_.reduced == 1 && plan_.reducedAxes[0].in == sizeof(In);
  }

  // The common case without what the general one costs for each row.
  void evenRows(int64_t begin, int64_t end) const {
    const auto& axis = plan_.keptAxes[0];
    Place place = placeOf(begin);
    for (int64_t unit = begin; unit < end; ++unit, step(place, axis, 1)) {
      Total total;
      body_.init(total);
      body_.row(total, reinterpret_cast<const In*>(place.in), plan_.reducedCount);
      body_.store(place.out, place.extra, total);
    }
  }

  void runInParts(int64_t units, int64_t parts) const {
    std::vector<Total> totals(parts * units * width_);
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        const int64_t from = plan_.reducedCount * part / parts, to = plan_.reducedCount * (part + 1) / parts;
        for (int64_t unit = 0; unit < units; ++unit) {
          accumulate(&totals[(part * units + unit) * width_], placeOf(unit), from, to);
        }
      }
    });
    for (int64_t unit = 0; unit < units; ++unit) {
      Total* first = &totals[unit * width_];
      const Place place = placeOf(unit);
      for (int64_t part = 1; part < parts; ++part) {
        for (int64_t j = 0; j < place.width; ++j) body_.merge(first[j], first[part * units * width_ + j]);
      }
      store(first, place);
    }
  }

  Place placeOf(int64_t unit) const {
    Place place{plan_.in, plan_.out, plan_.extra, 1};
    int64_t rest = unit;
    int d = 0;
    if (plan_.columns) {
      const int64_t start = unit % blocks_ * width_;
      rest = unit / blocks_;
      place.width = std::min(width_, inner_ - start);
      step(place, plan_.keptAxes[d++], start);
    }
    for (; d < plan_.kept; ++d) {
      const auto& axis = plan_.keptAxes[d];
      const bool last = d + 1 == plan_.kept;
      step(place, axis, last ? rest : rest % axis.size);
      if (!last) rest /= axis.size;
    }
    return place;
  }

  static void step(Place& place, const ReductionPlan::Axis& axis, int64_t count) {
    place.in += count * axis.in;
    place.out += count * axis.out;
    place.extra += count * axis.extra;
  }

  void accumulate(Total* totals, const Place& place, int64_t begin, int64_t end) const {
    for (int64_t j = 0; j < place.width; ++j) body_.init(totals[j]);
    forEachRun(plan_, place.in, begin, end, [&](const char* p, int64_t stride, int64_t n) {
      if (plan_.columns) columnRun(totals, p, stride, n, place.width);
      else rowRun(totals[0], p, stride, n);
    });
  }

  void rowRun(Total& total, const char* p, int64_t stride, int64_t n) const {
    if (asIs_ && stride == sizeof(In)) return body_.row(total, reinterpret_cast<const In*>(p), n);
    In buffer[kGather];
    for (int64_t done = 0; done < n; done += kGather) {
      const int64_t count = std::min(kGather, n - done);
      gather_(buffer, p + done * stride, stride, count);
      body_.row(total, buffer, count);
    }
  }

  void columnRun(Total* totals, const char* p, int64_t stride, int64_t n, int64_t width) const {
    const int64_t columnStride = plan_.keptAxes[0].in;
    if (asIs_ && columnStride == sizeof(In)) {
      if (stride == width * columnStride && width * 4 <= kColumns && n * width > kColumns) {
        return narrowColumns(totals, reinterpret_cast<const In*>(p), n, width);
      }
      return body_.columns(totals, reinterpret_cast<const In*>(p), stride / static_cast<int64_t>(sizeof(In)), n, width);
    }
    In buffer[kGather];
    const int64_t rows = kGather / width;
    for (int64_t done = 0; done < n; done += rows) {
      const int64_t count = std::min(rows, n - done);
      for (int64_t r = 0; r < count; ++r) gather_(buffer + r * width, p + (done + r) * stride, columnStride, width);
      body_.columns(totals, buffer, width, count, width);
    }
  }

  // Few columns without gaps: several rows are taken as one wide one, so that there is something to vectorise.
  void narrowColumns(Total* totals, const In* p, int64_t n, int64_t width) const {
    const int64_t group = kColumns / width, groups = n / group;
    Total wide[kColumns];
    for (int64_t j = 0; j < group * width; ++j) body_.init(wide[j]);
    body_.columns(wide, p, group * width, groups, group * width);
    for (int64_t r = 0; r < group; ++r) {
      for (int64_t j = 0; j < width; ++j) body_.merge(totals[j], wide[r * width + j]);
    }
    const int64_t done = groups * group;
    if (done < n) body_.columns(totals, p + done * width, width, n - done, width);
  }

  void store(const Total* totals, const Place& place) const {
    const int64_t out = plan_.columns ? plan_.keptAxes[0].out : 0, extra = plan_.columns ? plan_.keptAxes[0].extra : 0;
    if constexpr (requires { body_.storeRow(place.out, out, totals, place.width); }) {
      if (body_.storeRow(place.out, out, totals, place.width)) return;
    }
    for (int64_t j = 0; j < place.width; ++j) body_.store(place.out + j * out, place.extra + j * extra, totals[j]);
  }

  const ReductionPlan& plan_;
  const Body& body_;
  const Gather<In> gather_;
  const bool asIs_;  // elements can be read where they are
  int64_t inner_ = 1, width_ = 1, blocks_ = 1;
};

template <class Body>
void runReduction(const ReductionPlan& plan, const Body& body, DType inType) {
  Reduction<Body>(plan, body, inType).run();
}

}  // namespace flambeau
