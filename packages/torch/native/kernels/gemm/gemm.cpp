// Matrix products of floating-point numbers, after Goto: panels of `b`, whose rows are read as vectors, stay in
// the second-level cache while block after block of rows of `a` passes by. An operand is packed only where it
// cannot be read well as it lies; as `a` is read element by element, any strides will do for it.
#include "kernels/gemm/block.h"
#include "kernels/gemm/pack.h"
#include "kernels/gemm/plan.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Multiply-adds up to which a problem is solved at once, without a plan.
constexpr int64_t kSmall = 32 * 32 * 32;
// Limits of the part of `b` that is packed at a time: about a megabyte, half of a second-level cache.
constexpr int64_t kPackedBytes = 1 << 20;
constexpr int64_t kMaxPanels = 32;
constexpr int64_t kMinDepth = 256, kMaxDepth = 1024;
// Panels of `b` from which it pays to pack `a`, and to copy its rows to where they lie better.
constexpr int64_t kPanelsWorthPacking = 3, kPanelsWorthCopying = 8;

// A problem whose `b` is no larger than that. Of `a` no more than a group of row blocks is packed at a time; if there
// are no more, `b` is taken panel by panel, each packed just before it is used.
template <class T>
class PanelProduct {
 public:
  explicit PanelProduct(const Gemm<T>& g)
      : g_(g), rows_(g.m, blocksOf(g.m)), panels_(panelsOf<T>(g.n)), inPlaceB_(readsInPlace(g, g.m)),
        copyA_(panels_ >= kPanelsWorthCopying && g.k >= kDepthWorthFetching && g.a.colStride == 1),
        packA_(copyA_ || (panels_ >= kPanelsWorthPacking && g.a.rowStride == 1 && g.a.colStride != 1)),
        stride_(g.k + Simd<T>::width) {
    static thread_local ThreadScratch scratch;
    const int64_t sizeA = packA_ ? kGroup * kBlockRows * stride_ : 0;
    packedA_ = scratch.reserve<T>(sizeA + panels_ * kBlockCols<T> * g.k);
    packedB_ = packedA_ + sizeA;
  }

  void run() {
    if (rows_.parts <= kGroup && !(inPlaceB_ && g_.k <= kShallow)) return runByPanels();
    for (int64_t panel = 0; panel < panels_; ++panel) packPanel(panel, packedPanel(panel));
    for (int64_t first = 0; first < rows_.parts; first += kGroup) {
      const int64_t last = std::min(first + kGroup, rows_.parts);
      packRowBlocks(first, last);
      for (int64_t block = first; block < last; ++block) {
        for (int64_t panel = 0; panel < panels_; ++panel) multiply(block, block - first, panel, packedPanel(panel));
      }
    }
  }

 private:
  // Each panel is used up before the next is touched.
  void runByPanels() {
    packRowBlocks(0, rows_.parts);
    for (int64_t panel = 0; panel < panels_; ++panel) {
      packPanel(panel, packedB_);
      for (int64_t block = 0; block < rows_.parts; ++block) multiply(block, block, panel, packedB_);
    }
  }

  int64_t colsOf(int64_t panel) const { return std::min<int64_t>(kBlockCols<T>, g_.n - panel * kBlockCols<T>); }
  // A panel with a part of a vector is always packed, for it is read as if it were full.
  bool isInPlace(int64_t cols) const { return inPlaceB_ && cols % Simd<T>::width == 0; }
  T* packedPanel(int64_t panel) const { return packedB_ + panel * kBlockCols<T> * g_.k; }

  void packPanel(int64_t panel, T* to) {
    const int64_t cols = colsOf(panel);
    if (isInPlace(cols)) return;
    const Matrix<const T> from = g_.b.from(0, panel * kBlockCols<T>);
    const int vectors = static_cast<int>(vectorsOf<T>(cols));
    if (g_.turnsB) return packTurnedRows(from, g_.k, cols, vectors, to);
    pack(from, g_.k, cols, vectors, to);
  }

  void packRowBlocks(int64_t first, int64_t last) {
    if (copyA_) {
      const int64_t row = rows_.begin(first);
      copyRows(g_.a.from(row, 0), rows_.begin(last) - row, g_.k, packedA_, stride_);
    } else if (packA_) {
      packBlocks(g_.a, rows_, g_.k, first, last, packedA_);
    }
  }

  // `index` is that of the block among those that are packed.
  void multiply(int64_t block, int64_t index, int64_t panel, const T* packedPanel) {
    const int64_t row = rows_.begin(block), col = panel * kBlockCols<T>, cols = colsOf(panel);
    BlockOperands<T> operands = {};
    operands.depth = g_.k;
    if (copyA_) {
      operands.a = packedA_ + (row - rows_.begin(block - index)) * stride_;
      operands.aRowStride = stride_;
      operands.aStep = 1;
    } else if (packA_) {
      operands.a = packedA_ + index * kBlockRows * g_.k;
      operands.aRowStride = 1;
      operands.aStep = kBlockRows;
    } else {
      operands.a = g_.a.at(row, 0);
      operands.aRowStride = g_.a.rowStride;
      operands.aStep = g_.a.colStride;
    }
    const bool inPlace = isInPlace(cols);
    operands.b = inPlace ? g_.b.at(0, col) : packedPanel;
    operands.bStep = inPlace ? g_.b.rowStride : vectorsOf<T>(cols) * Simd<T>::width;
    computeBlock(g_, operands, row, col, rows_.size(block), cols);
  }

  const Gemm<T>& g_;
  const Split rows_;
  const int64_t panels_;
  const bool inPlaceB_, copyA_, packA_;
  const int64_t stride_;
  T *packedA_, *packedB_;
};

// A product of few steps is bound by writing the output, so it goes along a few rows at a time.
template <class T>
bool isShallow(const Gemm<T>& g) {
  return g.k <= kFewSteps && isPlain(g) && g.hasRows() && g.n >= kWideVectors * Simd<T>::width;
}

template <class T>
void multiplyShallow(const Gemm<T>& g) {
  constexpr int64_t width = kWideVectors * Simd<T>::width;
  const int64_t wide = g.n / width * width;
  const Split rows(g.m, divideUp(g.m, kWideRows));
  for (int64_t i = 0; i < rows.parts; ++i) {
    const int64_t row = rows.begin(i);
    const MultiplyBlock<T> multiply = wideBlockFunction<T>(rows.size(i));
    for (int64_t col = 0; col < wide; col += width) {
      const BlockOperands<T> operands = {g.k,          g.a.at(row, 0), g.a.rowStride,
                                         g.a.colStride, g.b.at(0, col), g.b.rowStride};
      multiply(operands, g.out.at(row, col), g.out.rowStride, intoOf(g));
    }
  }
  if (wide == g.n) return;
  const Gemm<T> rest = g.part(0, wide, g.m, g.n - wide);
  PanelProduct<T>(rest).run();
}

// A problem that needs no more than one step along k, and no more columns than are packed at a time.
template <class T>
void gemmStep(const Gemm<T>& g) {
  if (isShallow(g)) return multiplyShallow(g);
  PanelProduct<T>(g).run();
}

template <class T>
void gemmSerial(const Gemm<T>& g) {
  const int64_t cols = std::min<int64_t>(g.n, kMaxPanels * kBlockCols<T>);
  const int64_t depth = std::clamp<int64_t>(kPackedBytes / (sizeof(T) * cols), kMinDepth, kMaxDepth);
  const int64_t unit = g.turnsB ? 2 : 1;
  const Split steps(g.k / unit, std::max<int64_t>(1, divideUp(g.k, depth)));
  for (int64_t col = 0; col < g.n; col += cols) {
    const Gemm<T> columns = g.part(0, col, g.m, std::min(cols, g.n - col));
    for (int64_t i = 0; i < steps.parts; ++i) gemmStep(columns.step(unit * steps.begin(i), unit * steps.begin(i + 1)));
  }
}

template <class T>
void solve(const Gemm<T>& g, bool dots) {
  if (dots) return gemmDots(g);
  gemmSerial(g);
}

}  // namespace

template <class T>
void gemm(const Gemm<T>& problem, bool parallel) {
  const int64_t work = problem.m * problem.n * problem.k;
  const bool dots = problem.k >= kLongRow && (prefersDots(problem) || prefersDots(problem.transposed()));
  if (work <= kSmall && problem.k <= kMinDepth && !dots) return gemmStep(problem);
  const int threads = parallel && work >= kGemmGrain ? threadCount() : 1;
  const GemmPlan plan = choosePlan(problem, threads);
  const Gemm<T> g = plan.transposed ? problem.transposed() : problem;
  if (threads == 1) return solve(g, plan.dots);
  const Split rows(g.m, plan.rowParts), vectors(vectorsOf<T>(g.n), plan.colParts);
  parallelFor(threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t rowPart = i / plan.colParts, colPart = i % plan.colParts;
      const int64_t col = vectors.begin(colPart) * Simd<T>::width;
      const int64_t cols = std::min(vectors.size(colPart) * Simd<T>::width, g.n - col);
      if (rows.size(rowPart) == 0 || cols <= 0) continue;
      solve(g.part(rows.begin(rowPart), col, rows.size(rowPart), cols), plan.dots);
    }
  });
}

template void gemm(const Gemm<float>&, bool);
template void gemm(const Gemm<double>&, bool);

}  // namespace flambeau
