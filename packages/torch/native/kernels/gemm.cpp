// Matrix products of floating-point numbers, after Goto: the operand whose rows are read as vectors is packed
// in panels that stay in the second-level cache while all rows of the other operand pass by.
#include "kernels/gemm_block.h"
#include "kernels/gemm_pack.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

int kPackA = 3, kInPlaceB = 12, kDepth = 384, kOrient = -1, kGroup = 20;

// One step over at most kDepth of k and kGroup panels of n.
template <class T>
void multiplyPanels(const Gemm<T>& g) {
  constexpr int width = Simd<T>::width, panelCols = kBlockCols<T>;
  static thread_local Scratch scratch;
  const int64_t panels = (g.n + panelCols - 1) / panelCols;
  const int64_t rowBlocks = (g.m + kBlockRows - 1) / kBlockRows;
  const bool inPlace = g.b.colStride == 1 && rowBlocks <= kInPlaceB;
  const bool packA = panels >= kPackA;
  T* packed = scratch.reserve<T>((panels * panelCols + kBlockRows+16) * std::max<int64_t>(g.k, 1));
  T* aPack = packed + panels * panelCols * g.k;
  for (int64_t panel = 0; panel < panels; ++panel) {
    const int64_t col = panel * panelCols, cols = std::min<int64_t>(panelCols, g.n - col);
    if (inPlace && cols % width == 0) continue;
    pack(g.b.from(0, col), g.k, cols, static_cast<int>((cols + width - 1) / width), packed + col * g.k);
  }
  for (int64_t block = 0; block < rowBlocks; ++block) {
    const int64_t row = g.m * block / rowBlocks, rows = g.m * (block + 1) / rowBlocks - row;
    BlockOperands<T> operands = {g.k, g.a.at(row, 0), g.a.rowStride, g.a.colStride, nullptr, 0};
    if (packA) {
      if (g.a.colStride == 1) {
        for (int r = 0; r < rows; ++r) std::memcpy(aPack + r * g.k, g.a.at(row + r, 0), g.k * sizeof(T));
        operands.a = aPack; operands.aRowStride = g.k; operands.aStep = 1;
      } else {
        pack(g.a.transposed().from(0, row), g.k, rows, (kBlockRows + width - 1) / width, aPack);
        operands.a = aPack; operands.aRowStride = 1; operands.aStep = (kBlockRows + width - 1) / width * width;
      }
    }
    for (int64_t panel = 0; panel < panels; ++panel) {
      const int64_t col = panel * panelCols, cols = std::min<int64_t>(panelCols, g.n - col);
      if (inPlace && cols % width == 0) {
        operands.b = g.b.at(0, col);
        operands.bStep = g.b.rowStride;
      } else {
        operands.b = packed + col * g.k;
        operands.bStep = (cols + width - 1) / width * width;
      }
      computeBlock(g, operands, row, col, rows, cols);
    }
  }
}

template <class T>
void gemmSerial(const Gemm<T>& g) {
  const int64_t group = kGroup * kBlockCols<T>;
  const int64_t pieces = std::max<int64_t>(1, (g.k + kDepth - 1) / kDepth);
  for (int64_t col = 0; col < g.n; col += group) {
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const int64_t begin = g.k * piece / pieces, end = g.k * (piece + 1) / pieces;
      multiplyPanels(g.part(0, col, g.m, std::min(group, g.n - col)).step(begin, end));
    }
  }
}

}  // namespace

template <class T>
void gemm(const Gemm<T>& problem, bool parallel) {
  Gemm<T> g = kOrient == 1 ? problem.transposed() : problem;
  const int threads = parallel && g.m * g.n * g.k >= kGemmGrain ? threadCount() : 1;
  if (threads == 1) return gemmSerial(g);
  parallelFor(threads, 1, [&](int64_t begin, int64_t end) {
    if (g.m >= g.n) {
      const int64_t row = g.m * begin / threads, rows = g.m * end / threads - row;
      gemmSerial(g.part(row, 0, rows, g.n));
    } else {
      const int64_t col = g.n * begin / threads / 16 * 16, endCol = end == threads ? g.n : g.n * end / threads / 16 * 16;
      gemmSerial(g.part(0, col, g.m, endCol - col));
    }
  });
}

template void gemm(const Gemm<float>&, bool);
template void gemm(const Gemm<double>&, bool);

}  // namespace flambeau
