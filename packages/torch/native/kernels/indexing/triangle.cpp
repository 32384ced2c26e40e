// Clearing the triangle of matrices above or below a diagonal.
#include "kernels/iterator.h"

namespace flambeau {
namespace {

// Rows and columns of a matrix, with strides in bytes.
struct Matrix {
  int64_t rows, rowStride, columns, columnStride;
};

template <class Word>
void clearRow(char* row, int64_t stride, int64_t begin, int64_t end) {
  if (stride == static_cast<int64_t>(sizeof(Word))) {
    std::fill(reinterpret_cast<Word*>(row) + begin, reinterpret_cast<Word*>(row) + end, Word(0));
  } else {
    for (int64_t c = begin; c < end; ++c) *reinterpret_cast<Word*>(row + c * stride) = Word(0);
  }
}

}  // namespace

// (bytes of an element, whether the lower triangle is kept, diagonal, rows and their stride, columns and their stride,
// loop over the matrices)
FLAMBEAU_KERNEL(clearTriangle) {
  const int size = static_cast<int>(params.integer());
  bool keepsLower = params.integer() != 0;
  int64_t diagonal = params.integer();
  Matrix matrix{};
  matrix.rows = params.integer();
  matrix.rowStride = params.integer() * size;
  matrix.columns = params.integer();
  matrix.columnStride = params.integer() * size;
  const StridedLoop<1> loop(params, {size});
  // Where columns are contiguous, the other triangle of the transposed matrix is cleared.
  if (matrix.rowStride == size && matrix.columnStride != size) {
    std::swap(matrix.rows, matrix.columns);
    std::swap(matrix.rowStride, matrix.columnStride);
    keepsLower = !keepsLower;
    diagonal = -diagonal;
  }
  dispatchSize(size, [&]<class Word>(Word) {
    const auto clear = [=](char* first, int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t edge = std::clamp<int64_t>(row + diagonal + (keepsLower ? 1 : 0), 0, matrix.columns);
        char* const place = first + row * matrix.rowStride;
        if (keepsLower) clearRow<Word>(place, matrix.columnStride, edge, matrix.columns);
        else clearRow<Word>(place, matrix.columnStride, 0, edge);
      }
    };
    const int64_t cost = std::max<int64_t>(matrix.columns / 2, 1);
    if (loop.numel() == 1) {
      parallelFor(matrix.rows, std::max<int64_t>(kElementwiseGrain / cost, 1),
                  [=](int64_t begin, int64_t end) { clear(loop.data[0], begin, end); });
    } else {
      loop.forEachRow([=](char** p, const int64_t* s, int64_t n) {
        for (int64_t i = 0; i < n; ++i) clear(p[0] + i * s[0], 0, matrix.rows);
      }, cost * std::max<int64_t>(matrix.rows, 1));
    }
  });
}

}  // namespace flambeau
