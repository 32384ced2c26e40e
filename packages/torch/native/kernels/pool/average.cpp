// Average pooling and its gradient. Rows that a window sees are added up first, then the elements beside each other.
#include <type_traits>

#include "kernels/pool/windows.h"
#include "runtime/threads.h"

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
 public:
  AveragePool(const PoolGeometry& g, Divisor divisor)
      : g_(g), divisor_(divisor), isSplit_(PhasedRows<T>::fits(g.axes[2])), rows_(g.axes[2]),
        row_(isSplit_ ? rows_.size() : g.axes[2].in) {}

  void forward(const T* plane, T* out) const {
    static thread_local ThreadScratch scratch;
    const auto& [z, y, x] = g_.axes;
    T* split = scratch.reserve<T>((z.in * y.in + 1) * row_ + rows_.kSlack + fullVectors<T>(x.out));
    T* sum = split + z.in * y.in * row_;
    T* result = sum + row_ + rows_.kSlack;
    if (isSplit_) {
      for (int64_t r = 0; r < z.in * y.in; ++r) rows_.split(plane + r * x.in, T(0), split + r * row_);
    }
    const T* rows = isSplit_ ? split : plane;
    std::fill(sum, sum + row_ + rows_.kSlack, T(0));
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy, out += x.out) {
        const Window wy = y.at(oy);
        bool isFirst = true;
        for (int64_t iz = wz.begin; iz < wz.end; ++iz) {
          for (int64_t iy = wy.begin; iy < wy.end; ++iy) {
            addRow(rows + (iz * y.in + iy) * row_, sum, isFirst);
            isFirst = false;
          }
        }
        if (isFirst) std::fill(sum, sum + row_, T(0));
        sumAlong(sum, result);
        const int64_t outer = divisor_.alongOne(z, wz) * divisor_.alongOne(y, wy);
        for (int64_t i = 0; i < x.out; ++i) out[i] = result[i] / divisorOf(outer, i);
      }
    }
  }

  void backward(const T* gradOut, T* gradPlane) const {
    static thread_local ThreadScratch scratch;
    const auto& [z, y, x] = g_.axes;
    T* split = scratch.reserve<T>((z.in * y.in + 1) * row_ + rows_.kSlack + fullVectors<T>(x.out));
    T* spread = split + z.in * y.in * row_;
    T* share = spread + row_ + rows_.kSlack;
    T* rows = isSplit_ ? split : gradPlane;
    std::fill(rows, rows + z.in * y.in * row_, T(0));
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy, gradOut += x.out) {
        const Window wy = y.at(oy);
        const int64_t outer = divisor_.alongOne(z, wz) * divisor_.alongOne(y, wy);
        for (int64_t i = 0; i < x.out; ++i) share[i] = gradOut[i] / divisorOf(outer, i);
        spreadAlong(share, spread);
        for (int64_t iz = wz.begin; iz < wz.end; ++iz) {
          for (int64_t iy = wy.begin; iy < wy.end; ++iy) addRow(spread, rows + (iz * y.in + iy) * row_, false);
        }
      }
    }
    if (!isSplit_) return;
    for (int64_t r = 0; r < z.in * y.in; ++r) rows_.join(split + r * row_, gradPlane + r * x.in);
  }

 private:
  T divisorOf(int64_t outer, int64_t i) const {
    if (divisor_.fixed != 0) return static_cast<T>(divisor_.fixed);
    const int64_t count = outer * divisor_.alongOne(g_.axes[2], g_.axes[2].at(i));
    return static_cast<T>(count == 0 ? 1 : count);
  }

  void addRow(const T* __restrict from, T* __restrict to, bool isFirst) const {
    if (isFirst) {
      std::copy(from, from + row_, to);
    } else {
      for (int64_t i = 0; i < row_; ++i) to[i] += from[i];
    }
  }

  // The sums of the windows along a row.
  void sumAlong(const T* __restrict sum, T* __restrict result) const {
    const PoolAxis& x = g_.axes[2];
    if (!isSplit_) {
      for (int64_t i = 0; i < x.out; ++i) {
        const Window w = x.at(i);
        T total = 0;
        for (int64_t at = w.begin; at < w.end; ++at) total += sum[at];
        result[i] = total;
      }
      return;
    }
    for (int64_t k = 0; k < x.kernel; ++k) {
      const T* from = sum + rows_.offsetOf(k);
      if (k == 0) {
        std::copy(from, from + x.out, result);
      } else {
        for (int64_t i = 0; i < x.out; ++i) result[i] += from[i];
      }
    }
  }

  // The other way round: each number is added to all elements of its window.
  void spreadAlong(const T* __restrict share, T* __restrict spread) const {
    const PoolAxis& x = g_.axes[2];
    std::fill(spread, spread + row_, T(0));
    if (!isSplit_) {
      for (int64_t i = 0; i < x.out; ++i) {
        const Window w = x.at(i);
        for (int64_t at = w.begin; at < w.end; ++at) spread[at] += share[i];
      }
      return;
    }
    for (int64_t k = 0; k < x.kernel; ++k) {
      T* to = spread + rows_.offsetOf(k);
      for (int64_t i = 0; i < x.out; ++i) to[i] += share[i];
    }
  }

  const PoolGeometry& g_;
  const Divisor divisor_;
  const bool isSplit_;
  const PhasedRows<T> rows_;
  const int64_t row_;
};

template <class T, class Run>
void forEachPlane(Params& params, const Run& run) {
  const PoolGeometry g(params);
  const int64_t fixed = params.integer();
  const Divisor divisor = {fixed, params.flag()};
  const T* from = params.pointer<T>();
  T* to = params.pointer<T>();
  parallelFor(g.planes, planeGrain(g), [&](int64_t begin, int64_t end) {
    const AveragePool<T> pool(g, divisor);
    for (int64_t p = begin; p < end; ++p) run(g, pool, from, to, p);
  });
}

}  // namespace

// (dtype, geometry, divisor or 0, whether padding counts, input, output), all contiguous: [planes, z, y, x]
FLAMBEAU_KERNEL(averagePool) {
  dispatch(params.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, Bool>) {
      forEachPlane<T>(params, [](const PoolGeometry& g, const auto& pool, const T* in, T* out, int64_t p) {
        pool.forward(in + p * g.inSize(), out + p * g.outSize());
      });
    }
  });
}

// (…, gradient of the output, gradient of the input)
FLAMBEAU_KERNEL(averagePoolBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    forEachPlane<T>(params, [](const PoolGeometry& g, const auto& pool, const T* gradOut, T* grad, int64_t p) {
      pool.backward(gradOut + p * g.outSize(), grad + p * g.inSize());
    });
  });
}

}  // namespace flambeau
