// The steps of SGD, Adam and AdamW in place, each in one pass over memory.
//
// Roundings happen where PyTorch has them, so that training follows it bit by bit: `a + alpha * b` is one
// fused operation where the CPU has it, everything else rounds on its own.
#include <algorithm>
#include <cmath>

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int64_t kStepGrain = 16384;

// a * b + c
template <class T>
inline T multiplyAdd(T a, T b, T c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

// a * b, which the compiler may not fuse with an addition that follows.
template <class T>
inline T multiply(T a, T b) {
  return multiplyAdd(a, b, T(0));
}

template <class T>
struct Sgd {
  T* p;
  const T* grad;
  T* buffer;
  T lr, momentum, keep, weightDecay;
  bool nesterov, maximize, firstStep;

  explicit Sgd(Params& params) : p(params.pointer<T>()), grad(params.pointer<T>()), buffer(params.pointer<T>()) {
    lr = static_cast<T>(-params.number());
    momentum = static_cast<T>(params.number());
    keep = static_cast<T>(1 - params.number());
    weightDecay = static_cast<T>(params.number());
    nesterov = params.flag();
    maximize = params.flag();
    firstStep = params.flag();
  }

  template <bool kMomentum, bool kDecay>
  void run(int64_t begin, int64_t end) const {
    const T sign = maximize ? T(-1) : T(1);
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i];
      if (kDecay) g = multiplyAdd(p[i], weightDecay, g);
      if (kMomentum) {
        const T b = firstStep ? g : multiplyAdd(g, keep, buffer[i] * momentum);
        buffer[i] = b;
        g = nesterov ? multiplyAdd(b, momentum, g) : b;
      }
      p[i] = multiplyAdd(g, lr, p[i]);
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    if (buffer != nullptr) return weightDecay != 0 ? run<true, true>(begin, end) : run<true, false>(begin, end);
    return weightDecay != 0 ? run<false, true>(begin, end) : run<false, false>(begin, end);
  }
};

template <class T>
struct Adam {
  T* p;
  const T* grad;
  T *expAvg, *expAvgSq, *maxExpAvgSq;
  T beta1, beta2, keep1, keep2, eps, stepSize, correction2, shrink, weightDecay;
  bool decoupled, maximize;

  explicit Adam(Params& params)
      : p(params.pointer<T>()),
        grad(params.pointer<T>()),
        expAvg(params.pointer<T>()),
        expAvgSq(params.pointer<T>()),
        maxExpAvgSq(params.pointer<T>()) {
    const double rate = params.number(), b1 = params.number(), b2 = params.number();
    eps = static_cast<T>(params.number());
    const double decay = params.number();
    decoupled = params.flag();
    maximize = params.flag();
    const double step = params.number();
    beta1 = static_cast<T>(b1);
    beta2 = static_cast<T>(b2);
    keep1 = static_cast<T>(1 - b1);
    keep2 = static_cast<T>(1 - b2);
    stepSize = static_cast<T>(-(rate / (1 - std::pow(b1, step))));
    correction2 = static_cast<T>(std::sqrt(1 - std::pow(b2, step)));
    shrink = static_cast<T>(1 - rate * decay);
    weightDecay = static_cast<T>(decay);
  }

  template <bool kDecay, bool kDecoupled, bool kAmsgrad>
  void run(int64_t begin, int64_t end) const {
    const T sign = maximize ? T(-1) : T(1);
    for (int64_t i = begin; i < end; ++i) {
      T g = sign * grad[i], x = p[i];
      if (kDecoupled) x = multiply(x, shrink);
      else if (kDecay) g = multiplyAdd(x, weightDecay, g);
      const T m = multiplyAdd(g, keep1, expAvg[i] * beta1);
      const T v = multiplyAdd(keep2 * g, g, expAvgSq[i] * beta2);
      expAvg[i] = m;
      expAvgSq[i] = v;
      T top = v;
      if (kAmsgrad) {
        const T before = maxExpAvgSq[i];
        top = (v > before) | (v != v) ? v : before;
        maxExpAvgSq[i] = top;
      }
      p[i] = x + stepSize * m / (std::sqrt(top) / correction2 + eps);
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    if (maxExpAvgSq != nullptr) {
      if (decoupled) return run<false, true, true>(begin, end);
      return weightDecay != 0 ? run<true, false, true>(begin, end) : run<false, false, true>(begin, end);
    }
    if (decoupled) return run<false, true, false>(begin, end);
    return weightDecay != 0 ? run<true, false, false>(begin, end) : run<false, false, false>(begin, end);
  }
};

template <template <class> class Step>
void runStep(Params& params) {
  const DType dtype = params.dtype();
  const int64_t n = params.integer();
  dispatchFloating(dtype, [&]<class T>(T) {
    const Step<T> step(params);
    parallelFor(n, kStepGrain, [&](int64_t begin, int64_t end) { step(begin, end); });
  });
}

}  // namespace

// (dtype, n, p, grad, momentum buffer or 0, lr, momentum, dampening, weight decay, nesterov, maximize, first step)
FLAMBEAU_KERNEL(sgdStep) { runStep<Sgd>(params); }

// (dtype, n, p, grad, average, average of squares, largest of them or 0, lr, beta1, beta2, eps, weight decay,
// whether decoupled, maximize, step)
FLAMBEAU_KERNEL(adamStep) { runStep<Adam>(params); }

}  // namespace flambeau
