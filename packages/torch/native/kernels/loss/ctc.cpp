// Connectionist temporal classification: the likelihood of a target sequence under all its alignments with the input.
//
// An alignment walks through 2 S + 1 states, the S labels with a blank before, between and behind them. α[t][s] is the
// logarithm of the likelihood of all ways to state s at time t, β[t][s] that of all ways from there to the end; both
// have the label's own log-probability at t in them. All states of a time are computed side by side.
#include <cmath>
#include <vector>

#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"
#include "simd/math_float.h"

namespace flambeau {
namespace {

constexpr int64_t kCtcGrain = 512;
// Room beside the states, for the two neighbours from which a way may come.
constexpr int64_t kMargin = 2;

template <class T>
constexpr T kNever = -std::numeric_limits<T>::infinity();

struct Ctc {
  int64_t times, batch, classes, blank;
  int64_t states;  // of the longest target
  std::vector<int64_t> inputLengths, targetLengths;
  std::vector<const int64_t*> targets;
  const int64_t* wrong = nullptr;  // the first label that is no class

  // Labels are read once, into memory of their own, and looked at there.
  Ctc(Params& params, ThreadScratch& scratch)
      : times(params.integer()), batch(params.integer()), classes(params.integer()), blank(params.integer()),
        states(2 * params.integer() + 1), inputLengths(batch), targetLengths(batch), targets(batch) {
    const int64_t* given = params.pointer<int64_t>();
    int64_t* labels = scratch.reserve<int64_t>(batch * (states / 2) + 1);
    for (int64_t b = 0; b < batch; ++b) {
      inputLengths[b] = params.integer();
      targetLengths[b] = params.integer();
      const int64_t start = params.integer();
      targets[b] = labels;
      for (int64_t s = 0; s < targetLengths[b]; ++s, ++labels) {
        *labels = given[start + s];
        if (wrong == nullptr && (*labels < 0 || *labels >= classes)) wrong = labels;
      }
    }
  }

  int64_t grain() const { return std::max<int64_t>(1, kCtcGrain / std::max<int64_t>(1, times * states / 64)); }
};

// The states of one target: the class of each, and whether a way may come from two states before.
template <class T>
struct States {
  int64_t count;
  int64_t* classes;
  T* skips;  // 0 where it may, otherwise -∞

  void fill(const Ctc& ctc, int64_t b) {
    const int64_t length = ctc.targetLengths[b];
    const int64_t* labels = ctc.targets[b];
    count = 2 * length + 1;
    for (int64_t s = 0; s < count; ++s) {
      classes[s] = s % 2 == 0 ? ctc.blank : labels[s / 2];
      skips[s] = s >= 3 && s % 2 == 1 && labels[s / 2] != labels[s / 2 - 1] ? T(0) : kNever<T>;
    }
  }
};

// to[s] = ln(e^a[s] + e^b[s] + e^(c[s] + skips[s])) + own[s]
template <class T>
void advance(T* __restrict to, const T* __restrict a, const T* __restrict b, const T* __restrict c,
             const T* __restrict skips, const T* __restrict own, int64_t n) {
  for (int64_t s = 0; s < n; ++s) {
    const T x = a[s], y = b[s], z = c[s] + skips[s];
    const T xy = x > y ? x : y, top = xy > z ? xy : z, base = top > kNever<T> ? top : T(0);
    to[s] = simd::log(simd::exp(x - base) + simd::exp(y - base) + simd::exp(z - base)) + base + own[s];
  }
}

template <class T>
struct Work {
  States<T> states;
  T *own, *line, *next;

  Work(const Ctc& ctc, ThreadScratch& numbers, ThreadScratch& places) {
    const int64_t width = ctc.states + 2 * kMargin;
    T* values = numbers.reserve<T>(4 * width);
    states = {0, places.reserve<int64_t>(ctc.states), values};
    own = values + width;
    line = values + 2 * width + kMargin;
    next = values + 3 * width + kMargin;
  }

  void gather(const T* row) {
    for (int64_t s = 0; s < states.count; ++s) own[s] = row[states.classes[s]];
  }
};

template <class T>
double logSum(T a, T b) {
  const double top = std::max(a, b);
  return top == kNever<T> ? top : std::log(std::exp(a - top) + std::exp(b - top)) + top;
}

// Writes the negative log-likelihood of each target, and α for the gradient.
template <class T>
void likelihoods(const Ctc& ctc, const T* logProbs, T* losses, T* alpha) {
  parallelFor(ctc.batch, ctc.grain(), [&](int64_t begin, int64_t end) {
    static thread_local ThreadScratch numbers, places;
    Work<T> work(ctc, numbers, places);
    for (int64_t b = begin; b < end; ++b) {
      work.states.fill(ctc, b);
      const int64_t length = ctc.inputLengths[b], n = work.states.count;
      T* table = alpha + b * ctc.times * ctc.states;
      if (length == 0) {
        losses[b] = n == 1 ? T(0) : -kNever<T>;
        continue;
      }
      // The states of a time stand behind two that no way comes from.
      std::fill_n(work.line - kMargin, n + kMargin, kNever<T>);
      work.gather(logProbs + b * ctc.classes);
      for (int64_t s = 0; s < std::min<int64_t>(2, n); ++s) work.line[s] = work.own[s];
      std::copy_n(work.line, n, table);
      for (int64_t t = 1; t < length; ++t) {
        work.gather(logProbs + (t * ctc.batch + b) * ctc.classes);
        T* to = table + t * ctc.states;
        advance(to, work.line, work.line - 1, work.line - 2, work.states.skips, work.own, n);
        std::copy_n(to, n, work.line);
      }
      losses[b] = static_cast<T>(-logSum(work.line[n - 1], n > 1 ? work.line[n - 2] : kNever<T>));
    }
  });
}

// The gradient of the log-probabilities, which are taken to be those of a softmax: its own gradient is in it, as the
// probabilities themselves.
template <class T>
void gradients(const Ctc& ctc, const T* logProbs, const T* losses, const T* alpha, const T* gradOut,
               bool zeroInfinity, T* grad) {
  parallelFor(ctc.batch, ctc.grain(), [&](int64_t begin, int64_t end) {
    static thread_local ThreadScratch numbers, places;
    Work<T> work(ctc, numbers, places);
    const auto rowOf = [&](int64_t t, int64_t b) { return (t * ctc.batch + b) * ctc.classes; };
    for (int64_t b = begin; b < end; ++b) {
      work.states.fill(ctc, b);
      const int64_t length = ctc.inputLengths[b], n = work.states.count;
      const T loss = losses[b], factor = gradOut[b];
      const bool isFinite = std::isfinite(loss);
      const T lost = loss == -kNever<T> && zeroInfinity ? T(0) : std::numeric_limits<T>::quiet_NaN();
      for (int64_t t = 0; t < ctc.times; ++t) {
        if (t < length && isFinite) continue;
        std::fill_n(grad + rowOf(t, b), ctc.classes, t < length ? lost : T(0));
      }
      if (!isFinite || length == 0) continue;
      const T* table = alpha + b * ctc.times * ctc.states;
      // Behind the states stand two to which no way goes. What may be skipped is told by the state that is reached.
      T *beta = work.line, *next = work.next;
      std::fill_n(beta, n + kMargin, kNever<T>);
      std::fill_n(next, n + kMargin, kNever<T>);
      work.gather(logProbs + rowOf(length - 1, b));
      for (int64_t s = std::max<int64_t>(0, n - 2); s < n; ++s) beta[s] = work.own[s];
      T* skips = work.states.skips;
      std::fill_n(skips + n, kMargin, kNever<T>);
      for (int64_t t = length - 1; t >= 0; --t) {
        if (t < length - 1) {
          work.gather(logProbs + rowOf(t, b));
          advance(next, beta, beta + 1, beta + 2, skips + 2, work.own, n);
          std::swap(beta, next);
        }
        T* row = grad + rowOf(t, b);
        const T* given = logProbs + rowOf(t, b);
        const T* way = table + t * ctc.states;
        for (int64_t c = 0; c < ctc.classes; ++c) row[c] = simd::exp(given[c]);
        T* share = work.own;
        for (int64_t s = 0; s < n; ++s) {
          const T both = way[s] + beta[s];
          share[s] = both > kNever<T> ? simd::exp(both + loss - share[s]) : T(0);
        }
        for (int64_t s = 0; s < n; ++s) row[work.states.classes[s]] -= share[s];
        for (int64_t c = 0; c < ctc.classes; ++c) row[c] *= factor;
      }
    }
  });
}

}  // namespace

// (dtype, times, batch, classes, blank, length of the longest target, labels, for each of the batch length of the input, of
// the target and where it begins; log-probabilities [times, batch, classes], losses [batch], α [batch, times, states])
FLAMBEAU_KERNEL(ctcLoss) {
  const DType dtype = params.dtype();
  static thread_local ThreadScratch scratch;
  const Ctc ctc(params, scratch);
  if (ctc.wrong) return params.fail(1, static_cast<double>(*ctc.wrong));
  dispatchFloating(dtype, [&]<class T>(T) {
    const T* logProbs = params.pointer<T>();
    T *losses = params.pointer<T>(), *alpha = params.pointer<T>();
    likelihoods(ctc, logProbs, losses, alpha);
  });
}

// (the same up to α, whether infinite losses have no gradient, gradient of the losses, gradient of the log-probabilities)
FLAMBEAU_KERNEL(ctcLossBackward) {
  const DType dtype = params.dtype();
  static thread_local ThreadScratch scratch;
  const Ctc ctc(params, scratch);
  if (ctc.wrong) return params.fail(1, static_cast<double>(*ctc.wrong));
  dispatchFloating(dtype, [&]<class T>(T) {
    const T *logProbs = params.pointer<T>(), *losses = params.pointer<T>(), *alpha = params.pointer<T>();
    const bool zeroInfinity = params.flag();
    const T* gradOut = params.pointer<T>();
    gradients(ctc, logProbs, losses, alpha, gradOut, zeroInfinity, params.pointer<T>());
  });
}

}  // namespace flambeau
