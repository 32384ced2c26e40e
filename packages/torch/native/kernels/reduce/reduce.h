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

// Bytes of the largest total.
constexpr int64_t kTotalBytes = 24;

// Outputs next to each other, and the first of the elements that they come from.
struct ReductionPlace {
  const char* in;
  char* out;
  char* extra;
  int64_t width;

  void step(const ReductionPlan::Axis& axis, int64_t count) {
    in += count * axis.in;
    out += count * axis.out;
    extra += count * axis.extra;
  }
};

// A body of any type, so that what walks through memory is compiled once for all of them.
class AnyBody {
 public:
  using Place = ReductionPlace;

  const Gather gather;
  const int64_t inSize, totalSize, cost;
  const bool asIs;  // elements can be read where they are

  virtual void init(char* totals, int64_t n) const = 0;
  virtual void row(char* total, const char* p, int64_t n) const = 0;
  virtual void columns(char* totals, const char* p, int64_t stride, int64_t n, int64_t width) const = 0;
  virtual void merge(char* totals, const char* others, int64_t n) const = 0;
  virtual void store(const Place& place, int64_t outStep, int64_t extraStep, const char* totals) const = 0;
  // Reduces so many rows of n neighbouring elements, one for each place along an axis.
  virtual void evenRows(Place place, const ReductionPlan::Axis& axis, int64_t rows, int64_t n) const = 0;

 protected:
  AnyBody(Gather gather, int64_t inSize, int64_t totalSize, int64_t cost, bool asIs)
      : gather(gather), inSize(inSize), totalSize(totalSize), cost(cost), asIs(asIs) {}
  ~AnyBody() = default;
};

template <class Body>
class BodyOf final : public AnyBody {
  using In = typename Body::In;
  using Total = typename Body::Total;
  static_assert(sizeof(In) <= kGatherBytes && sizeof(Total) <= kTotalBytes);

 public:
  BodyOf(const Body& body, DType inType)
      : AnyBody(gatherFrom<In>(inType), sizeof(In), sizeof(Total), body.cost, itemSize(inType) == sizeof(In)),
        body_(body) {}

  void init(char* totals, int64_t n) const override {
    for (int64_t j = 0; j < n; ++j) body_.init(of(totals)[j]);
  }
  void row(char* total, const char* p, int64_t n) const override {
    body_.row(*of(total), reinterpret_cast<const In*>(p), n);
  }
  void columns(char* totals, const char* p, int64_t stride, int64_t n, int64_t width) const override {
    body_.columns(of(totals), reinterpret_cast<const In*>(p), stride / static_cast<int64_t>(sizeof(In)), n, width);
  }
  void merge(char* totals, const char* others, int64_t n) const override {
    for (int64_t j = 0; j < n; ++j) body_.merge(of(totals)[j], of(others)[j]);
  }
  void store(const Place& place, int64_t outStep, int64_t extraStep, const char* totals) const override {
    if constexpr (requires { body_.storeRow(place.out, outStep, of(totals), place.width); }) {
      if (body_.storeRow(place.out, outStep, of(totals), place.width)) return;
    }
    for (int64_t j = 0; j < place.width; ++j) {
      body_.store(place.out + j * outStep, place.extra + j * extraStep, of(totals)[j]);
    }
  }
  void evenRows(Place place, const ReductionPlan::Axis& axis, int64_t rows, int64_t n) const override {
    for (; rows > 0; --rows, place.step(axis, 1)) {
      Total total;
      body_.init(total);
      row(reinterpret_cast<char*>(&total), place.in, n);
      body_.store(place.out, place.extra, total);
    }
  }

 private:
  static Total* of(char* totals) { return reinterpret_cast<Total*>(totals); }
  static const Total* of(const char* totals) { return reinterpret_cast<const Total*>(totals); }

  const Body& body_;
};

class Reduction {
  using Place = ReductionPlace;

 public:
  Reduction(const ReductionPlan& plan, const AnyBody& body) : plan_(plan), body_(body) {
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
      if (rowsInLine()) return body_.evenRows(placeOf(begin), plan_.keptAxes[0], end - begin, plan_.reducedCount);
      alignas(64) char totals[kColumns * kTotalBytes];
      for (int64_t unit = begin; unit < end; ++unit) {
        const Place place = placeOf(unit);
        accumulate(totals, place, 0, plan_.reducedCount);
        store(place, totals);
      }
    });
  }

 private:
  // Whether each unit is one row, and the rows are evenly spaced.
  bool rowsInLine() const {
    return body_.asIs && !plan_.columns && plan_.kept == 1 && plan_.reduced == 1 &&
           plan_.reducedAxes[0].in == body_.inSize;
  }

  void runInParts(int64_t units, int64_t parts) const {
    const int64_t size = width_ * body_.totalSize;
    std::vector<char> totals(parts * units * size);
    const auto at = [&](int64_t part, int64_t unit) { return totals.data() + (part * units + unit) * size; };
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        const int64_t from = plan_.reducedCount * part / parts, to = plan_.reducedCount * (part + 1) / parts;
        for (int64_t unit = 0; unit < units; ++unit) accumulate(at(part, unit), placeOf(unit), from, to);
      }
    });
    for (int64_t unit = 0; unit < units; ++unit) {
      const Place place = placeOf(unit);
      for (int64_t part = 1; part < parts; ++part) body_.merge(at(0, unit), at(part, unit), place.width);
      store(place, at(0, unit));
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
      place.step(plan_.keptAxes[d++], start);
    }
    for (; d < plan_.kept; ++d) {
      const auto& axis = plan_.keptAxes[d];
      const bool last = d + 1 == plan_.kept;
      place.step(axis, last ? rest : rest % axis.size);
      if (!last) rest /= axis.size;
    }
    return place;
  }

  void accumulate(char* totals, const Place& place, int64_t begin, int64_t end) const {
    body_.init(totals, place.width);
    forEachRun(plan_, place.in, begin, end, [&](const char* p, int64_t stride, int64_t n) {
      if (plan_.columns) columnRun(totals, p, stride, n, place.width);
      else rowRun(totals, p, stride, n);
    });
  }

  void rowRun(char* total, const char* p, int64_t stride, int64_t n) const {
    if (body_.asIs && stride == body_.inSize) return body_.row(total, p, n);
    alignas(64) char buffer[kGather * kGatherBytes];
    for (int64_t done = 0; done < n; done += kGather) {
      const int64_t count = std::min(kGather, n - done);
      body_.gather(buffer, p + done * stride, stride, count);
      body_.row(total, buffer, count);
    }
  }

  void columnRun(char* totals, const char* p, int64_t stride, int64_t n, int64_t width) const {
    const int64_t columnStride = plan_.keptAxes[0].in;
    if (body_.asIs && columnStride == body_.inSize) {
      if (stride == width * columnStride && width * 4 <= kColumns && n * width > kColumns) {
        return narrowColumns(totals, p, n, width);
      }
      return body_.columns(totals, p, stride, n, width);
    }
    alignas(64) char buffer[kGather * kGatherBytes];
    const int64_t rows = kGather / width, rowSize = width * body_.inSize;
    for (int64_t done = 0; done < n; done += rows) {
      const int64_t count = std::min(rows, n - done);
      for (int64_t r = 0; r < count; ++r) {
        body_.gather(buffer + r * rowSize, p + (done + r) * stride, columnStride, width);
      }
      body_.columns(totals, buffer, rowSize, count, width);
    }
  }

  // Few columns without gaps: several rows are taken as one wide one, so that there is something to vectorise.
  void narrowColumns(char* totals, const char* p, int64_t n, int64_t width) const {
    const int64_t group = kColumns / width, groups = n / group, rowSize = width * body_.inSize;
    alignas(64) char wide[kColumns * kTotalBytes];
    body_.init(wide, group * width);
    body_.columns(wide, p, group * rowSize, groups, group * width);
    for (int64_t r = 0; r < group; ++r) body_.merge(totals, wide + r * width * body_.totalSize, width);
    const int64_t done = groups * group;
    if (done < n) body_.columns(totals, p + done * rowSize, rowSize, n - done, width);
  }

  void store(const Place& place, const char* totals) const {
    const bool columns = plan_.columns;
    body_.store(place, columns ? plan_.keptAxes[0].out : 0, columns ? plan_.keptAxes[0].extra : 0, totals);
  }

  const ReductionPlan& plan_;
  const AnyBody& body_;
  int64_t inner_ = 1, width_ = 1, blocks_ = 1;
};

template <class Body>
void runReduction(const ReductionPlan& plan, const Body& body, DType inType) {
  Reduction(plan, BodyOf<Body>(body, inType)).run();
}

}  // namespace flambeau
