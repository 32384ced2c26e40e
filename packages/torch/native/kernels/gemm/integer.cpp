// Matrix products of integers, which wrap around: sums are formed without sign, in at least 32 bits.
#include <algorithm>
#include <type_traits>

#include "kernels/gemm/gemm.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int kCols = 128;
constexpr int64_t kDepth = 128;

template <class T>
using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
void finishRow(const Gemm<T>& g, const Word<T>* sums, int64_t row, bool relu) {
  using W = Word<T>;
  const W alpha = static_cast<W>(g.alpha), beta = static_cast<W>(g.beta);
  for (int64_t col = 0; col < g.n; ++col) {
    T* out = g.out.at(row, col);
    W value = alpha * sums[col];
    if (g.beta != T(0)) value += beta * static_cast<W>(*out);
    if (g.bias.data != nullptr) value += static_cast<W>(*g.bias.at(row, col));
    const T result = static_cast<T>(value);
    *out = relu && result < T(0) ? T(0) : result;
  }
}

// One step over at most kCols of n and kDepth of k.
template <class T>
void multiplyTile(const Gemm<T>& g) {
  T tile[kDepth * kCols];
  const bool inPlace = g.b.colStride == 1;
  if (!inPlace) {
    for (int64_t p = 0; p < g.k; ++p) {
      for (int64_t j = 0; j < g.n; ++j) tile[p * kCols + j] = *g.b.at(p, j);
    }
  }
  const T* b = inPlace ? g.b.data : tile;
  const int64_t stride = inPlace ? g.b.rowStride : kCols;
  for (int64_t row = 0; row < g.m; ++row) {
    Word<T> sums[kCols] = {};
    for (int64_t p = 0; p < g.k; ++p) {
      const Word<T> factor = static_cast<Word<T>>(*g.a.at(row, p));
      for (int64_t j = 0; j < g.n; ++j) sums[j] += factor * static_cast<Word<T>>(b[p * stride + j]);
    }
    finishRow(g, sums, row, g.relu);
  }
}

template <class T>
void gemmSerial(const Gemm<T>& g) {
  for (int64_t col = 0; col < g.n; col += kCols) {
    const Gemm<T> columns = g.part(0, col, g.m, std::min<int64_t>(kCols, g.n - col));
    int64_t begin = 0;
    do {
      const int64_t end = std::min(g.k, begin + kDepth);
      multiplyTile(columns.step(begin, end));
      begin = end;
    } while (begin < g.k);
  }
}

}  // namespace

template <class T>
void gemmInteger(const Gemm<T>& g, bool parallel) {
  if (g.m < g.n / kCols) return gemmInteger(g.transposed(), parallel);
  const int64_t grain = parallel ? std::max<int64_t>(1, kGemmGrain / std::max<int64_t>(1, g.n * g.k)) : g.m;
  parallelFor(g.m, grain, [&](int64_t begin, int64_t end) { gemmSerial(g.part(begin, 0, end - begin, g.n)); });
}

template void gemmInteger(const Gemm<int64_t>&, bool);
template void gemmInteger(const Gemm<int32_t>&, bool);
template void gemmInteger(const Gemm<int16_t>&, bool);
template void gemmInteger(const Gemm<int8_t>&, bool);
template void gemmInteger(const Gemm<uint8_t>&, bool);

}  // namespace flambeau
