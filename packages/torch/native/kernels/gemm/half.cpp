// Products of half types: parts of the operands that fit into the second-level cache are widened to float and
// multiplied as floats, and the sums are rounded once, when they are whole. (AVX512-BF16 multiplies pairs of bfloat16
// as they are; where that was measured, it did half as many multiply-adds a second as float's.)
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/half.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"
#include "simd/half.h"

namespace flambeau {
namespace {

// The parts that are widened at a time, at most: 256 KB of `b` and 1 MB of `a`.
constexpr int64_t kDepth = 1024, kRows = 256, kCols = 1024, kElementsOfB = 1 << 16;
// Columns of the output are shared out in groups of so many.
constexpr int64_t kColGroup = 32;
// Floats between lines that lie next to each other, so that not all begin in the same set of the cache.
constexpr int64_t kGap = 16;

int64_t groupsOf(int64_t n, int64_t size) { return (n + size - 1) / size; }

template <class T>
bool liesAlongColumns(const Matrix<T>& matrix) { return matrix.rowStride == 1 && matrix.colStride != 1; }

// Calls line(address, stride between elements, number of the line) for the lines of `half` that lie closest together.
template <class T, class Line>
void forEachLine(const Matrix<T>& half, int64_t rows, int64_t cols, const Line& line) {
  const bool flipped = liesAlongColumns(half);
  const Matrix<T> lines = flipped ? half.transposed() : half;
  for (int64_t i = 0; i < (flipped ? cols : rows); ++i) line(lines.at(i, 0), lines.colStride, i);
}

int64_t floatsFor(int64_t rows, int64_t cols) { return (rows + kGap) * (cols + kGap); }

// Room for rows x cols floats that lie as a matrix of halves does.
template <class T>
Matrix<float> roomFor(const Matrix<T>& half, int64_t rows, int64_t cols, float* at) {
  const Matrix<float> lines = {at, (liesAlongColumns(half) ? rows : cols) + kGap, 1};
  return liesAlongColumns(half) ? lines.transposed() : lines;
}

template <class H>
void widenMatrix(const Matrix<const H>& from, int64_t rows, int64_t cols, float* at) {
  const int64_t length = liesAlongColumns(from) ? rows : cols;
  forEachLine(from, rows, cols, [&](const H* line, int64_t stride, int64_t i) {
    float* to = at + i * (length + kGap);
    if (stride == 1) return simd::widen(to, line, length);
    for (int64_t j = 0; j < length; ++j) to[j] = static_cast<float>(line[j * stride]);
  });
}

template <class H>
void narrowMatrix(const Matrix<H>& to, int64_t rows, int64_t cols, const float* at) {
  const int64_t length = liesAlongColumns(to) ? rows : cols;
  forEachLine(to, rows, cols, [&](H* line, int64_t stride, int64_t i) {
    const float* from = at + i * (length + kGap);
    if (stride == 1) return simd::narrow(line, from, length);
    for (int64_t j = 0; j < length; ++j) line[j * stride] = static_cast<H>(from[j]);
  });
}

template <class H>
Matrix<const float> widened(const Matrix<const H>& from, int64_t rows, int64_t cols, float* at) {
  widenMatrix(from, rows, cols, at);
  const Matrix<float> made = roomFor(from, rows, cols, at);
  return {made.data, made.rowStride, made.colStride};
}

// A bias that is the same for all rows or columns stays so.
template <class H>
Matrix<const float> widenedBias(const Matrix<const H>& bias, int64_t rows, int64_t cols, float* at) {
  if (bias.data == nullptr) return {nullptr, 0, 0};
  Matrix<const float> made = widened(bias, bias.rowStride == 0 ? 1 : rows, bias.colStride == 0 ? 1 : cols, at);
  if (bias.rowStride == 0) made.rowStride = 0;
  if (bias.colStride == 0) made.colStride = 0;
  return made;
}

// A part of the output: its rows and columns are no more than are widened at a time.
template <class H>
void solveTile(const Gemm<H>& g) {
  static thread_local ThreadScratch scratch;
  const int64_t depth = std::min(g.k, kDepth), sizeA = floatsFor(g.m, depth), sizeB = floatsFor(depth, g.n);
  float* a = scratch.reserve<float>(sizeA + sizeB + 2 * floatsFor(g.m, g.n));
  float *b = a + sizeA, *sums = b + sizeB, *bias = sums + floatsFor(g.m, g.n);
  Gemm<float> whole = {g.m, g.n, g.k, {}, {}, roomFor(g.out, g.m, g.n, sums)};
  whole.bias = widenedBias(g.bias, g.m, g.n, bias);
  whole.alpha = g.alpha;
  whole.beta = g.beta;
  whole.relu = g.relu;
  if (g.beta != 0) widenMatrix<H>({g.out.data, g.out.rowStride, g.out.colStride}, g.m, g.n, sums);
  int64_t begin = 0;
  do {
    const int64_t end = std::min(g.k, begin + kDepth);
    Gemm<float> step = whole.step(begin, end);
    step.a = widened(g.a.from(0, begin), g.m, step.k, a);
    step.b = widened(g.b.from(begin, 0), step.k, g.n, b);
    multiply(step, false);
    begin = end;
  } while (begin < g.k);
  narrowMatrix(g.out, g.m, g.n, sums);
}

}  // namespace

template <class H>
void gemmHalf(const Gemm<H>& problem, bool parallel) {
  // Parts of `b` are widened for every block of rows: it is the operand with more of them.
  const Gemm<H> g = problem.n < problem.m ? problem.transposed() : problem;
  const int64_t threads = parallel && g.m * g.n * g.k >= kGemmGrain ? threadCount() : 1;
  const int64_t most = std::min(kCols, kElementsOfB / std::clamp<int64_t>(g.k, 1, kDepth));
  const Split rows(g.m, groupsOf(g.m, kRows)), groups(groupsOf(g.n, kColGroup), [&] {
    const int64_t parts = std::max(groupsOf(g.n, most), groupsOf(threads, rows.parts));
    return std::min(parts, groupsOf(g.n, kColGroup));
  }());
  parallelFor(rows.parts * groups.parts, threads > 1 ? 1 : rows.parts * groups.parts, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t row = rows.begin(i % rows.parts), col = groups.begin(i / rows.parts) * kColGroup;
      const int64_t cols = std::min(groups.size(i / rows.parts) * kColGroup, g.n - col);
      solveTile(g.part(row, col, rows.size(i % rows.parts), cols));
    }
  });
}

template void gemmHalf(const Gemm<Half>&, bool);
template void gemmHalf(const Gemm<BFloat16>&, bool);

}  // namespace flambeau
