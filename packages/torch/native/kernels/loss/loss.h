// What the losses over classes share: reading their targets and weights, and sums that threads take part in.
#pragma once
#include <vector>

#include "kernels/kernel.h"
#include "runtime/atomic.h"
#include "runtime/threads.h"

namespace flambeau {

// Codes are part of the contract with src/backend/cpu/loss.ts.
enum class LossReduction { None, Mean, Sum };

// A tensor of D dims; strides in elements.
template <class T, int D>
struct Grid {
  T* data;
  int64_t strides[D];

  explicit Grid(Params& params) : data(params.pointer<T>()) {
    for (int64_t& stride : strides) stride = params.integer();
  }
  template <class... Index>
  T& operator()(Index... index) const {
    int64_t offset = 0;
    int d = 0;
    ((offset += index * strides[d++]), ...);
    return data[offset];
  }
};

// The weight of each class, 1 where there are none.
template <class T>
struct ClassWeights : Grid<const T, 1> {
  using Grid<const T, 1>::Grid;
  T of(int64_t c) const { return this->data == nullptr ? T(1) : (*this)(c); }
};

// What a range of samples adds to a loss.
struct LossSum {
  double loss = 0, smooth = 0, weight = 0;
};

// Adds up body(begin, end) over parts of [0, n), always in the same order.
template <class Body>
LossSum sumLoss(int64_t n, int64_t grain, const Body& body) {
  if (n == 0) return {};
  const int64_t parts = std::clamp<int64_t>(n / std::max<int64_t>(grain, 1), 1, threadCount());
  std::vector<LossSum> sums(parts);
  parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) sums[part] = body(n * part / parts, n * (part + 1) / parts);
  });
  for (int64_t part = 1; part < parts; ++part) {
    sums[0].loss += sums[part].loss;
    sums[0].smooth += sums[part].smooth;
    sums[0].weight += sums[part].weight;
  }
  return sums[0];
}

// The target classes of samples. They are checked before anything is computed; since another thread may change one
// afterwards, each is read once more, and one that has become bad counts as ignored.
struct TargetClasses {
  int64_t classes, ignoreIndex;

  static constexpr int64_t kIgnored = -1;

  // The class, or kIgnored.
  int64_t read(const int64_t& place) const {
    const int64_t t = __atomic_load_n(&place, __ATOMIC_RELAXED);
    return isClass(t) && t != ignoreIndex ? t : kIgnored;
  }

  // Whether the targets of n samples at `inner` positions are classes or ignored; reports one that is not.
  template <class Target>
  bool check(Params& params, const Target& target, int64_t n, int64_t inner) const {
    Atomic<bool> failed = false;
    parallelFor(n, std::max<int64_t>(1, 65536 / std::max<int64_t>(inner, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        for (int64_t k = 0; k < inner; ++k) {
          const int64_t t = target(i, k);
          if (isClass(t) || t == ignoreIndex) continue;
          if (!failed.exchange(true)) params.fail(1, static_cast<double>(t));
          return;
        }
      }
    });
    return !failed;
  }

 private:
  bool isClass(int64_t t) const { return static_cast<uint64_t>(t) < static_cast<uint64_t>(classes); }
};

}  // namespace flambeau
