// Elementwise functions of two operands of one dtype.
#include "kernels/iterator.h"

namespace flambeau {
namespace {

// Codes are part of the contract with src/backend/cpu/elementwise.ts.
enum class BinaryOp { Add, Sub, Mul, Div };

struct Add { template <class T> static T apply(T a, T b) { return a + b; } };
struct Sub { template <class T> static T apply(T a, T b) { return a - b; } };
struct Mul { template <class T> static T apply(T a, T b) { return a * b; } };
struct Div { template <class T> static T apply(T a, T b) { return a / b; } };

template <class Op, class T>
void binaryRow(T* out, const T* a, const T* b, int64_t so, int64_t sa, int64_t sb, int64_t n) {
  if (so == 1 && sa == 1 && sb == 1) {
    for (int64_t i = 0; i < n; ++i) out[i] = Op::template apply<T>(a[i], b[i]);
  } else if (so == 1 && sa == 1 && sb == 0) {
    const T scalar = *b;
    for (int64_t i = 0; i < n; ++i) out[i] = Op::template apply<T>(a[i], scalar);
  } else if (so == 1 && sa == 0 && sb == 1) {
    const T scalar = *a;
    for (int64_t i = 0; i < n; ++i) out[i] = Op::template apply<T>(scalar, b[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * so] = Op::template apply<T>(a[i * sa], b[i * sb]);
  }
}

template <class Op, class T>
void run(Params& params) {
  constexpr int size = sizeof(T);
  const StridedLoop<3> loop(params, {size, size, size});
  loop.forEachRow([](char** p, const int64_t* s, int64_t n) {
    binaryRow<Op, T>(reinterpret_cast<T*>(p[0]), reinterpret_cast<const T*>(p[1]), reinterpret_cast<const T*>(p[2]),
                     s[0] / size, s[1] / size, s[2] / size, n);
  });
}

}  // namespace

// (op, dtype, loop over output, a, b)
FLAMBEAU_KERNEL(binary) {
  const auto op = static_cast<BinaryOp>(params.integer());
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    switch (op) {
      case BinaryOp::Add: return run<Add, T>(params);
      case BinaryOp::Sub: return run<Sub, T>(params);
      case BinaryOp::Mul: return run<Mul, T>(params);
      case BinaryOp::Div: return run<Div, T>(params);
    }
  });
}

}  // namespace flambeau
