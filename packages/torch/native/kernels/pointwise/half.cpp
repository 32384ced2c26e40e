#include "kernels/pointwise/half.h"

#include "simd/half.h"

namespace flambeau {
namespace {

// Elements that are converted at a time.
constexpr int64_t kPiece = 512;

struct InFloat {
  const PointwiseLoop& loop;
  const DType (&dtypes)[kMaxOperands];
};

template <class Body>
void dispatchHalf(DType dtype, const Body& body) {
  dispatchStored(dtype, [&]<class T>(T value) {
    if constexpr (isHalf<T>) body(value);
  });
}

void runPiece(const InFloat& in, char* const* data, int64_t n) {
  alignas(64) float buffers[kMaxOperands][kPiece];
  const PointwiseLoop& loop = in.loop;
  char* p[kMaxOperands];
  for (int k = 0; k < loop.operands; ++k) {
    p[k] = data[k];
    dispatchHalf(in.dtypes[k], [&]<class H>(H) {
      p[k] = reinterpret_cast<char*>(buffers[k]);
      if (k >= loop.outputs) simd::widen(buffers[k], reinterpret_cast<const H*>(data[k]), n);
    });
  }
  loop.run(p, n, loop.context);
  for (int k = 0; k < loop.outputs; ++k) {
    dispatchHalf(in.dtypes[k], [&]<class H>(H) { simd::narrow(reinterpret_cast<H*>(data[k]), buffers[k], n); });
  }
}

void runInFloat(char* const* data, int64_t n, const void* context) {
  const auto& in = *static_cast<const InFloat*>(context);
  for (int64_t done = 0; done < n; done += kPiece) {
    char* p[kMaxOperands];
    for (int k = 0; k < in.loop.operands; ++k) p[k] = data[k] + done * itemSize(in.dtypes[k]);
    runPiece(in, p, std::min(kPiece, n - done));
  }
}

}  // namespace

void runPointwiseInFloat(Params& params, PointwiseLoop loop, const DType (&dtypes)[kMaxOperands]) {
  const InFloat in{loop, dtypes};
  PointwiseLoop stored{.run = runInFloat, .context = &in, .operands = loop.operands, .outputs = loop.outputs,
                       .cost = loop.cost};
  for (int k = 0; k < loop.operands; ++k) stored.itemSizes[k] = itemSize(dtypes[k]);
  runPointwise(params, stored);
}

}  // namespace flambeau
