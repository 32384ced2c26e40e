// Average pooling and its gradient. Rows that a window sees are added up first, then the elements beside each other.
#include <type_traits>

#include "kernels/pool/windows.h"

namespace flambeau {
namespace {

// By what the sum of a window is divided.
struct Divisor {
  int64_t fixed;  // 0 for the number of elements
  bool countPadding;

  int64_t alongOne(const PoolAxis& axis, const Window& w) const {
    return countPadding || axis.isAdaptive() ? w.count : w.end - w.begin;
  }
};

template <class T>
class AveragePool {
  using S = Simd<T>;

 public:
  AveragePool(const PoolGeometry& g, Divisor divisor)
      : g_(g), divisor_(divisor), rows_(g.axes[2]), isSplit_(isWorthSplitting(g.axes[2])), row_(g.axes[2].in),
        phased_(fullVectors<T>(isSplit_ ? rows_.size() : row_) + S::width), width_(fullVectors<T>(g.axes[2].out)) {}

  void forward(const T* plane, T* out) const {
    const Room room = reserve();
    const auto& [z, y, x] = g_.axes;
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy, out += x.out) {
        const Window wy = y.at(oy);
        sumRows(plane, wz, wy, room.row);
        if (isSplit_) rows_.split(room.row, T(0), room.phased);
        sumAlong(room, room.result);
        divide(room.result, room.counts, divisor_.alongOne(z, wz) * divisor_.alongOne(y, wy), room.result);
        std::copy(room.result, room.result + x.out, out);
      }
    }
  }

  void backward(const T* gradOut, T* gradPlane) const {
    const Room room = reserve();
    const auto& [z, y, x] = g_.axes;
    std::fill(gradPlane, gradPlane + g_.inSize(), T(0));
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy, gradOut += x.out) {
        const Window wy = y.at(oy);
        std::copy(gradOut, gradOut + x.out, room.result);
        divide(room.result, room.counts, divisor_.alongOne(z, wz) * divisor_.alongOne(y, wy), room.result);
        spreadAlong(room.result, room);
        if (isSplit_) rows_.join(room.phased, room.row);
        for (int64_t iz = wz.begin; iz < wz.end; ++iz) {
          for (int64_t iy = wy.begin; iy < wy.end; ++iy) addRow(room.row, gradPlane + (iz * y.in + iy) * row_);
        }
      }
    }
  }

 private:
  // Whether vectors of positions are full enough, and elements a stride apart near enough.
  static bool isWorthSplitting(const PoolAxis& axis) {
    return PhasedRows<T>::fits(axis) && axis.stride <= 4 && axis.out * 4 >= S::width;
  }

  // Memory of a thread: a row of the plane, the same taken apart, the results of a row, and the elements of each window
  // along it.
  struct Room {
    T *row, *phased, *result, *counts;
  };

  Room reserve() const {
    static thread_local ThreadScratch scratch;
    Room room;
    room.row = scratch.reserve<T>(row_ + phased_ + 2 * width_);
    room.phased = room.row + row_;
    room.result = room.phased + phased_;
    room.counts = room.result + width_;
    const PoolAxis& x = g_.axes[2];
    for (int64_t i = 0; i < width_; ++i) {
      room.counts[i] = i < x.out ? static_cast<T>(divisor_.alongOne(x, x.at(i))) : T(1);
      room.result[i] = T(0);
    }
    std::fill(room.phased, room.phased + phased_, T(0));
    return room;
  }

  void divide(const T* from, const T* counts, int64_t outer, T* to) const {
    for (int64_t i = 0; i < width_; i += S::width) {
      auto by = typename S::Vector{} + static_cast<T>(divisor_.fixed);
      if (divisor_.fixed == 0) by = S::load(counts + i) * static_cast<T>(outer);
      by = by == T(0) ? typename S::Vector{} + T(1) : by;
      S::store(to + i, S::load(from + i) / by);
    }
  }

  // The sum of the rows that a window sees.
  void sumRows(const T* rows, const Window& wz, const Window& wy, T* sum) const {
    if (row_ < S::width) {
      std::fill(sum, sum + row_, T(0));
      return forEachRow(rows, wz, wy, [&](const T* row) { addRow(row, sum); });
    }
    for (int64_t next = 0; next < row_; next += S::width) {
      // The last vector overlaps the one before it.
      const int64_t i = std::min(next, row_ - S::width);
      typename S::Vector total = {};
      forEachRow(rows, wz, wy, [&](const T* row) { total += S::load(row + i); });
      S::store(sum + i, total);
    }
  }

  template <class Body>
  void forEachRow(const T* rows, const Window& wz, const Window& wy, const Body& body) const {
    for (int64_t iz = wz.begin; iz < wz.end; ++iz) {
      const T* row = rows + (iz * g_.axes[1].in + wy.begin) * row_;
      for (int64_t iy = wy.begin; iy < wy.end; ++iy, row += row_) body(row);
    }
  }

  void addRow(const T* __restrict from, T* __restrict to) const {
    for (int64_t i = 0; i < row_; ++i) to[i] += from[i];
  }

  // The sums of the windows along a row.
  void sumAlong(const Room& room, T* result) const {
    const PoolAxis& x = g_.axes[2];
    if (!isSplit_) {
      for (int64_t i = 0; i < x.out; ++i) {
        const Window w = x.at(i);
        // Four sums in turn, as each addition waits for the one before.
        T sums[4] = {};
        int64_t at = w.begin;
        for (; at + 4 <= w.end; at += 4) {
          for (int j = 0; j < 4; ++j) sums[j] += room.row[at + j];
        }
        for (; at < w.end; ++at) sums[0] += room.row[at];
        result[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      }
      return;
    }
    for (int64_t i = 0; i < x.out; i += S::width) {
      typename S::Vector total = {};
      for (int64_t k = 0; k < x.kernel; ++k) total += S::load(room.phased + rows_.offsetOf(k) + i);
      S::store(result + i, total);
    }
  }

  // The other way round: each number is added to all elements of its window.
  void spreadAlong(const T* share, const Room& room) const {
    const PoolAxis& x = g_.axes[2];
    if (!isSplit_) {
      std::fill(room.row, room.row + row_, T(0));
      for (int64_t i = 0; i < x.out; ++i) {
        const Window w = x.at(i);
        for (int64_t at = w.begin; at < w.end; ++at) room.row[at] += share[i];
      }
      return;
    }
    std::fill(room.phased, room.phased + phased_, T(0));
    for (int64_t k = 0; k < x.kernel; ++k) {
      T* to = room.phased + rows_.offsetOf(k);
      for (int64_t i = 0; i < x.out; ++i) to[i] += share[i];
    }
  }

  const PoolGeometry& g_;
  const Divisor divisor_;
  const PhasedRows<T> rows_;
  const bool isSplit_;
  const int64_t row_, phased_, width_;
};

// Calls run(pool, plane to read, plane to write) for each plane.
template <class T, class Run>
void forEachPlane(Params& params, bool isBackward, const Run& run) {
  const PoolGeometry g(params);
  const int64_t fixed = params.integer();
  const Divisor divisor = {fixed, params.flag()};
  const T* from = params.pointer<T>();
  T* out = params.pointer<T>();
  const int64_t fromSize = isBackward ? g.outSize() : g.inSize(), size = isBackward ? g.inSize() : g.outSize();
  parallelFor(g.planes, planeGrain(g), [&](int64_t begin, int64_t end) {
    const AveragePool<T> pool(g, divisor);
    writePlanes(out, g, size, begin, end, [&](int64_t p, T* to) { run(pool, from + p * fromSize, to); });
  });
}

}  // namespace

// (dtype, geometry, divisor or 0, whether padding counts, input, output), all contiguous: [planes, z, y, x]
FLAMBEAU_KERNEL(averagePool) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, Bool>) {
      forEachPlane<T>(params, false, [](const auto& pool, const T* plane, T* out) { pool.forward(plane, out); });
    }
  });
}

// (…, gradient of the output, gradient of the input)
FLAMBEAU_KERNEL(averagePoolBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    forEachPlane<T>(params, true, [](const auto& pool, const T* gradOut, T* plane) { pool.backward(gradOut, plane); });
  });
}

}  // namespace flambeau
