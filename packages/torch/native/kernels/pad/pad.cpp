// Padding: a copy with dims that are longer or shorter at their ends, and the way of gradients back through it.
//
// Both sides lie in memory without gaps, in the order of the dims. Leading dims that stay as they are count as one, and
// so do trailing ones, whose elements move together.
#include <algorithm>

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// In the order of src/backend/cpu/pad.ts.
enum class Mode { Constant, Reflect, Replicate, Circular };

// Elements that are worth waking another thread for.
constexpr int64_t kPadGrain = 32768;

struct Dim {
  int64_t in, out;          // sizes
  int64_t before;           // how many elements come before the first of the input; may be negative
  int64_t inStep, outStep;  // elements from one index to the next
};

struct Padding {
  Mode mode;
  int ndim;                      // of the dims between the leading and the trailing ones
  int64_t outer = 1, block = 1;  // how many elements are in the leading and in the trailing dims
  int64_t inCount, outCount;     // how many elements are below one index of the leading dims
  Dim dims[kMaxDims];

  explicit Padding(Params& params) {
    mode = static_cast<Mode>(params.integer());
    const int all = params.dims();
    Dim given[kMaxDims];
    for (int d = 0; d < all; ++d) {
      given[d].in = params.integer();
      given[d].out = params.integer();
      given[d].before = params.integer();
    }
    const auto stays = [](const Dim& dim) { return dim.in == dim.out && dim.before == 0; };
    int first = 0, last = all;
    while (first < last && stays(given[first])) outer *= given[first++].in;
    while (last > first && stays(given[last - 1])) block *= given[--last].in;
    ndim = last - first;
    inCount = outCount = block;
    for (int d = ndim - 1; d >= 0; --d) {
      dims[d] = given[first + d];
      dims[d].inStep = inCount;
      dims[d].outStep = outCount;
      inCount *= dims[d].in;
      outCount *= dims[d].out;
    }
  }

  // Calls run(offset in the input or -1, offset in the output, elements) for all runs of neighbours in the output.
  template <class Run>
  void forEachRun(const Run& run) const {
    if (outCount == 0) return;
    parallelFor(outer, std::max<int64_t>(1, kPadGrain / outCount), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) walk(0, i * inCount, i * outCount, run);
    });
  }

 private:
  template <class Run>
  void walk(int d, int64_t from, int64_t to, const Run& run) const {
    if (d == ndim) return run(from, to, block);
    const Dim& dim = dims[d];
    const auto step = [&](int64_t index) {
      const int64_t at = source(dim, index), next = to + index * dim.outStep;
      if (at < 0) run(-1, next, dim.outStep);
      else walk(d + 1, from + at * dim.inStep, next, run);
    };
    if (d < ndim - 1) {
      for (int64_t i = 0; i < dim.out; ++i) step(i);
      return;
    }
    const int64_t low = std::clamp<int64_t>(dim.before, 0, dim.out);
    const int64_t high = std::clamp<int64_t>(dim.before + dim.in, low, dim.out);
    for (int64_t i = 0; i < low; ++i) step(i);
    if (high > low) run(from + (low - dim.before) * dim.inStep, to + low * dim.outStep, (high - low) * dim.outStep);
    for (int64_t i = high; i < dim.out; ++i) step(i);
  }

  // The index of the input from which an index of the output comes, or -1.
  int64_t source(const Dim& dim, int64_t index) const {
    const int64_t n = dim.in, i = index - dim.before;
    if (i >= 0 && i < n) return i;
    if (mode == Mode::Constant || n == 0) return -1;
    if (mode == Mode::Circular) return (i % n + n) % n;
    return std::clamp<int64_t>(mode == Mode::Replicate ? i : i < 0 ? -i : 2 * (n - 1) - i, 0, n - 1);
  }
};

}  // namespace

// (dtype, value, mode, dims, for each of them size of input, of output, elements before; input, output)
FLAMBEAU_KERNEL(pad) {
  dispatchStored(params.dtype(), [&]<class T>(T) {
    const T value = params.scalar<T>();
    const Padding padding(params);
    const T* in = params.pointer<T>();
    T* out = params.pointer<T>();
    padding.forEachRun([&](int64_t from, int64_t to, int64_t n) {
      if (from < 0) std::fill_n(out + to, n, value);
      else std::copy_n(in + from, n, out + to);
    });
  });
}

// The gradient of the input: for each element the sum over all places to which it was copied.
// (dtype, mode, dims, for each of them size of input, of output, elements before; gradient of input, of output)
FLAMBEAU_KERNEL(padBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const Padding padding(params);
    T* gradInput = params.pointer<T>();
    const T* gradOut = params.pointer<T>();
    std::fill_n(gradInput, padding.outer * padding.inCount, T(0));
    padding.forEachRun([&](int64_t from, int64_t to, int64_t n) {
      if (from < 0) return;
      for (int64_t i = 0; i < n; ++i) gradInput[from + i] += gradOut[to + i];
    });
  });
}

}  // namespace flambeau
