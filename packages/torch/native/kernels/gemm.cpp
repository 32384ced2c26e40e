// Matrix products of floating-point numbers, after Goto: panels of `b`, whose rows are read as vectors, stay in
// the second-level cache while block after block of rows of `a` passes by. An operand is packed only where it
// cannot be read well as it lies; as `a` is read element by element, any strides will do for it.
#include "kernels/gemm_block.h"
#include "kernels/gemm_pack.h"
#include "kernels/gemm_plan.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Multiply-adds up to which a problem is solved at once, without a plan.
constexpr int64_t kSmall = 32 * 32 * 32;
// Limits of the part of `b` that is packed at a time: about a megabyte, half of a second-level cache.
constexpr int64_t kPackedBytes = 1 << 20;
constexpr int64_t kMaxPanels = 26;
constexpr int64_t kMinDepth = 384, kMaxDepth = 1024;
// Blocks of `a` that are packed at a time, where its columns are contiguous and enough panels will read them.
constexpr int64_t kPackedBlocks = 16;
constexpr int64_t kPanelsWorthPacking = 3;

// A problem whose `b` is no larger than that: it is packed once, or read in place.
template <class T>
class PanelProduct {
 public:
  explicit PanelProduct(const Gemm<T>& g)
      : g_(g), rows_(g.m, blocksOf(g.m)), panels_(panelsOf<T>(g.n)),
        inPlaceB_(g.b.colStride == 1 && rows_.parts <= kInPlaceBlocks),
        packA_(g.a.rowStride == 1 && g.a.colStride != 1 && panels_ >= kPanelsWorthPacking) {
    static thread_local Scratch scratch;
    const int64_t sizeB = panels_ * kBlockCols<T> * g.k;
    packedB_ = scratch.reserve<T>(sizeB + (packA_ ? kPackedBlocks * kBlockRows * g.k + Simd<T>::width : 0));
    packedA_ = packedB_ + sizeB;
  }

  void run() {
    packPanels();
    for (int64_t first = 0; first < rows_.parts; first += kPackedBlocks) {
      const int64_t last = std::min(first + kPackedBlocks, rows_.parts);
      if (packA_) packBlocks(g_.a, rows_, g_.k, first, last, packedA_);
      for (int64_t block = first; block < last; ++block) multiplyRows(block, block - first);
    }
  }

 private:
  int64_t colsOf(int64_t panel) const { return std::min<int64_t>(kBlockCols<T>, g_.n - panel * kBlockCols<T>); }
  // A panel with a part of a vector is always packed, for it is read as if it were full.
  bool isInPlace(int64_t cols) const { return inPlaceB_ && cols % Simd<T>::width == 0; }
  T* packedPanel(int64_t panel) const { return packedB_ + panel * kBlockCols<T> * g_.k; }

  void packPanels() {
    for (int64_t panel = 0; panel < panels_; ++panel) {
      const int64_t cols = colsOf(panel);
      if (isInPlace(cols)) continue;
      pack(g_.b.from(0, panel * kBlockCols<T>), g_.k, cols, static_cast<int>(vectorsOf<T>(cols)), packedPanel(panel));
    }
  }

  void multiplyRows(int64_t block, int64_t packedIndex) {
    const int64_t row = rows_.begin(block);
    BlockOperands<T> operands = {};
    operands.depth = g_.k;
    operands.a = packA_ ? packedA_ + packedIndex * kBlockRows * g_.k : g_.a.at(row, 0);
    operands.aRowStride = g_.a.rowStride;  // 1 where packed
    operands.aStep = packA_ ? kBlockRows : g_.a.colStride;
    for (int64_t panel = 0; panel < panels_; ++panel) {
      const int64_t col = panel * kBlockCols<T>, cols = colsOf(panel);
      const bool inPlace = isInPlace(cols);
      operands.b = inPlace ? g_.b.at(0, col) : packedPanel(panel);
      operands.bStep = inPlace ? g_.b.rowStride : vectorsOf<T>(cols) * Simd<T>::width;
      computeBlock(g_, operands, row, col, rows_.size(block), cols);
    }
  }

  const Gemm<T>& g_;
  const Split rows_;
  const int64_t panels_;
  const bool inPlaceB_, packA_;
  T *packedB_, *packedA_;
};

template <class T>
void gemmSerial(const Gemm<T>& g) {
  const int64_t cols = std::min<int64_t>(g.n, kMaxPanels * kBlockCols<T>);
  const int64_t depth = std::clamp<int64_t>(kPackedBytes / (sizeof(T) * cols), kMinDepth, kMaxDepth);
  const Split steps(g.k, std::max<int64_t>(1, divideUp(g.k, depth)));
  for (int64_t col = 0; col < g.n; col += cols) {
    const Gemm<T> columns = g.part(0, col, g.m, std::min(cols, g.n - col));
    for (int64_t i = 0; i < steps.parts; ++i) {
      const Gemm<T> step = columns.step(steps.begin(i), steps.begin(i + 1));
      PanelProduct<T>(step).run();
    }
  }
}

}  // namespace

template <class T>
void gemm(const Gemm<T>& problem, bool parallel) {
  const int64_t work = problem.m * problem.n * problem.k;
  if (work <= kSmall && problem.k <= kMinDepth) return PanelProduct<T>(problem).run();
  const int threads = parallel && work >= kGemmGrain ? threadCount() : 1;
  const GemmPlan plan = choosePlan(problem, threads);
  const Gemm<T> g = plan.transposed ? problem.transposed() : problem;
  if (threads == 1) return gemmSerial(g);
  const Split rows(g.m, plan.rowParts), vectors(vectorsOf<T>(g.n), plan.colParts);
  parallelFor(threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t rowPart = i / plan.colParts, colPart = i % plan.colParts;
      const int64_t col = vectors.begin(colPart) * Simd<T>::width;
      const int64_t cols = std::min(vectors.size(colPart) * Simd<T>::width, g.n - col);
      if (rows.size(rowPart) > 0 && cols > 0) gemmSerial(g.part(rows.begin(rowPart), col, rows.size(rowPart), cols));
    }
  });
}

template void gemm(const Gemm<float>&, bool);
template void gemm(const Gemm<double>&, bool);

}  // namespace flambeau
