// One direction of a recurrent layer over all its steps, once the input's part of the gates is known.
#include "kernels/recurrent/cells.h"
#include "kernels/recurrent/recurrent.h"

namespace flambeau {
namespace {

// Addresses of rows: `gates`, `output`, `previous`, `previousCells` and `inner` have those of all steps, `state` and
// `cells` one for each sequence. `previous`, `previousCells` and `inner` are null where nobody will want a gradient.
template <class T>
struct Forward {
  Cell cell;
  bool reverse;
  int64_t size, outSize;  // of the cell, and of what leaves it
  Steps steps;
  T *gates, *state, *cells, *output, *previous, *previousCells, *inner;
  const T *weight, *bias, *projection;

  explicit Forward(Params& params)
      : cell(static_cast<Cell>(params.integer())), reverse(params.flag()), size(params.integer()),
        outSize(params.integer()), steps(params), gates(params.pointer<T>()), state(params.pointer<T>()),
        cells(params.pointer<T>()), output(params.pointer<T>()), previous(params.pointer<T>()),
        previousCells(params.pointer<T>()), inner(params.pointer<T>()), weight(params.pointer<T>()),
        bias(params.pointer<T>()), projection(params.pointer<T>()) {}

  void run() const {
    static thread_local ThreadScratch weightScratch, projectionScratch, rowScratch;
    const int64_t width = gatesOf(cell) * size;
    const StepProduct<T> recur({weight, 1, outSize}, outSize, width, steps.total, weightScratch);
    const StepProduct<T> project({projection, 1, size}, size, projection == nullptr ? 0 : outSize, steps.total,
                                 projectionScratch);
    int64_t most = 0;
    steps.walk(false, [&](int64_t, int64_t rows) { most = std::max(most, rows); });
    // Rows of a step that need not stay: the state's part of a GRU's gates, what is projected, the inner numbers.
    T* const hidden = rowScratch.reserve<T>(most * (width + 2 * size));
    T *const unprojected = hidden + most * width, *const passing = unprojected + most * size;
    steps.walk(reverse, [&](int64_t row, int64_t rows) {
      T* const stepGates = gates + row * width;
      if (previous != nullptr) std::copy_n(state, rows * outSize, previous + row * outSize);
      if (cell == Cell::Gru) recur.run(state, hidden, rows, T(0));
      else recur.run(state, stepGates, rows, T(1));
      T* const made = projection == nullptr ? output + row * outSize : unprojected;
      parallelFor(rows, 1 + kCellGrain / std::max<int64_t>(width, 1), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          computeRow(i, stepGates + i * width, hidden + i * width, (inner == nullptr ? passing : inner + row * size) + i * size,
                     made + i * size, row);
        }
      });
      if (projection != nullptr) project.run(unprojected, output + row * outSize, rows, T(0));
      std::copy_n(output + row * outSize, rows * outSize, state);
    });
  }

 private:
  void computeRow(int64_t i, T* rowGates, const T* hidden, T* innerRow, T* out, int64_t row) const {
    if (cell == Cell::Gru) return gruRow(rowGates, hidden, bias, state + i * size, innerRow, out, size);
    if (cell != Cell::Lstm) return plainRow(cell == Cell::Relu, rowGates, out, size);
    if (previousCells != nullptr) std::copy_n(cells + i * size, size, previousCells + (row + i) * size);
    lstmRow(rowGates, cells + i * size, innerRow, out, size);
  }
};

}  // namespace

// (dtype, cell, whether from the last step to the first, hidden size, output size, number of runs, steps and rows of each;
// gates, state, cells, output, previous, previous cells, inner, weight, bias of a GRU's new gate, projection)
FLAMBEAU_KERNEL(recurrent) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) Forward<T>(params).run();
  });
}

}  // namespace flambeau
