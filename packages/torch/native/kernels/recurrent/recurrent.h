// Recurrent layers: the steps of a batch of sequences, and the product with one weight that every step needs.
//
// Rows of all steps lie one after another, step by step, each step's in the order of the batch. Sequences are sorted by
// length, longest first, so the rows of a step are those of the first sequences.
#pragma once
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/gemm/pack.h"
#include "kernels/gemm/plan.h"
#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

// In the order of src/backend/cpu/recurrent.ts.
enum class Cell { Tanh, Relu, Lstm, Gru };

// How many numbers of a row the gates of a cell are, in multiples of its hidden size.
inline int64_t gatesOf(Cell cell) { return cell == Cell::Lstm ? 4 : cell == Cell::Gru ? 3 : 1; }

// Elements of a step that are worth waking another thread for.
constexpr int64_t kCellGrain = 4096;

// The steps: runs of so many with so many rows each.
struct Steps {
  int64_t runs, total = 0, rows = 0;  // steps and rows in all
  const double* sizes;                // pairs of steps and rows

  explicit Steps(Params& params) : runs(params.integer()), sizes(params.slot()) {
    for (int64_t i = 1; i < 2 * runs; ++i) params.slot();
    for (int64_t i = 0; i < runs; ++i) {
      total += stepsOf(i);
      rows += stepsOf(i) * rowsOf(i);
    }
  }

  // Calls body(place of the step's first row, its number of rows), from the first step to the last or the other way.
  template <class Body>
  void walk(bool backward, const Body& body) const {
    int64_t row = backward ? rows : 0;
    for (int64_t i = 0; i < runs; ++i) {
      const int64_t run = backward ? runs - 1 - i : i, size = rowsOf(run);
      for (int64_t step = stepsOf(run); step > 0; --step) {
        if (backward) row -= size;
        body(row, size);
        if (!backward) row += size;
      }
    }
  }

 private:
  int64_t stepsOf(int64_t run) const { return static_cast<int64_t>(sizes[2 * run]); }
  int64_t rowsOf(int64_t run) const { return static_cast<int64_t>(sizes[2 * run + 1]); }
};

// A weight [depth, cols] by which rows are multiplied in every step. Where there are many steps it is packed once, in
// the panels that products read.
template <class T>
class StepProduct {
 public:
  StepProduct(Matrix<const T> weight, int64_t depth, int64_t cols, int64_t steps, ThreadScratch& scratch)
      : weight_(weight), depth_(depth), cols_(cols), panels_((cols + kWidth - 1) / kWidth) {
    if (steps < kStepsWorthPacking || depth == 0) return;
    packed_ = scratch.reserve<T>(panels_ * kWidth * depth);
    parallelFor(panels_, 1 + kCellGrain / (kWidth * depth), [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        pack(weight.from(0, p * kWidth), depth, colsOf(p), static_cast<int>(vectorsOf<T>(colsOf(p))), panel(p));
      }
    });
  }

  // out[rows, cols] = beta * out + in[rows, depth] @ weight, all of them without gaps.
  void run(const T* in, T* out, int64_t rows, T beta) const {
    if (rows == 0) return;
    Gemm<T> g = {};
    g.m = rows, g.n = cols_, g.k = depth_;
    g.a = {in, depth_, 1};
    g.b = weight_;
    g.out = {out, cols_, 1};
    g.alpha = T(1), g.beta = beta;
    if (rows == 1) return gemv(g.transposed(), true);
    if (packed_ == nullptr) return gemm(g, true);
    parallelFor(panels_, 1 + kGemmGrain / (rows * kWidth * depth_), [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        Gemm<T> part = g.part(0, p * kWidth, rows, colsOf(p));
        part.b = {panel(p), vectorsOf<T>(colsOf(p)) * Simd<T>::width, 1};
        gemm(part, false);
      }
    });
  }

 private:
  static constexpr int64_t kWidth = kBlockCols<T>, kStepsWorthPacking = 3;

  int64_t colsOf(int64_t p) const { return std::min(kWidth, cols_ - p * kWidth); }
  T* panel(int64_t p) const { return packed_ + p * kWidth * depth_; }

  Matrix<const T> weight_;
  int64_t depth_, cols_, panels_;
  T* packed_ = nullptr;
};

}  // namespace flambeau
