// Gradients of one direction of a recurrent layer: of the gates in every step, and of the states before the first.
#include "kernels/recurrent/cells.h"
#include "kernels/recurrent/recurrent.h"

namespace flambeau {
namespace {

// The names are those of the forward pass. `gradState` and `gradCells` hold the gradients of the last states and become
// those of the first; `gradHidden`, of a GRU alone, takes those of the state's part of the gates, and `gradProjected`
// those of what a projection gives.
template <class T>
struct Backward {
  Cell cell;
  bool reverse;
  int64_t size, outSize;
  Steps steps;
  T *gradGates, *gradHidden, *gradProjected, *gradState, *gradCells;
  const T *gradOutput, *gates, *previous, *previousCells, *inner, *weight, *projection;

  explicit Backward(Params& params)
      : cell(static_cast<Cell>(params.integer())), reverse(params.flag()), size(params.integer()),
        outSize(params.integer()), steps(params), gradGates(params.pointer<T>()), gradHidden(params.pointer<T>()),
        gradProjected(params.pointer<T>()), gradState(params.pointer<T>()), gradCells(params.pointer<T>()),
        gradOutput(params.pointer<T>()), gates(params.pointer<T>()), previous(params.pointer<T>()),
        previousCells(params.pointer<T>()), inner(params.pointer<T>()), weight(params.pointer<T>()),
        projection(params.pointer<T>()) {}

  void run() const {
    static thread_local ThreadScratch weightScratch, projectionScratch, rowScratch;
    const int64_t width = gatesOf(cell) * size;
    const StepProduct<T> recur({weight, outSize, 1}, width, outSize, steps.total, weightScratch);
    const StepProduct<T> project({projection, size, 1}, outSize, projection == nullptr ? 0 : size, steps.total,
                                 projectionScratch);
    int64_t most = 0;
    steps.walk(false, [&](int64_t, int64_t rows) { most = std::max(most, rows); });
    T* const grad = rowScratch.reserve<T>(most * (size + outSize));
    T* const sum = grad + most * size;
    steps.walk(!reverse, [&](int64_t row, int64_t rows) {
      T* const total = projection == nullptr ? sum : gradProjected + row * outSize;
      const T* const outer = gradOutput + row * outSize;
      for (int64_t i = 0; i < rows * outSize; ++i) total[i] = outer[i] + gradState[i];
      if (projection != nullptr) project.run(total, grad, rows, T(0));
      const T* const made = projection == nullptr ? total : grad;
      parallelFor(rows, 1 + kCellGrain / std::max<int64_t>(width, 1), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) computeRow(i, row + i, made + i * size, width);
      });
      if (cell == Cell::Gru) recur.run(gradHidden + row * width, gradState, rows, T(1));
      else recur.run(gradGates + row * width, gradState, rows, T(0));
    });
  }

 private:
  void computeRow(int64_t i, int64_t row, const T* grad, int64_t width) const {
    const T* const rowGates = gates + row * width;
    T* const rowGrad = gradGates + row * width;
    if (cell == Cell::Gru) {
      gruRowBackward(grad, rowGates, previous + row * size, inner + row * size, rowGrad, gradHidden + row * width,
                     gradState + i * size, size);
    } else if (cell == Cell::Lstm) {
      lstmRowBackward(grad, rowGates, previousCells + row * size, inner + row * size, rowGrad, gradCells + i * size, size);
    } else {
      plainRowBackward(cell == Cell::Relu, grad, rowGates, rowGrad, size);
    }
  }
};

}  // namespace

// (dtype, cell, whether the steps went from the last to the first, hidden size, output size, number of runs, steps and rows
// of each; gradients of gates, of a GRU's hidden part, of what is projected, of state, of cells, of output; gates,
// previous, previous cells, inner, weight, projection)
FLAMBEAU_KERNEL(recurrentBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    if constexpr (std::is_floating_point_v<T>) Backward<T>(params).run();
  });
}

}  // namespace flambeau
