// Exponential, geometric and Cauchy numbers from one uniform number each; Poisson, binomial and gamma numbers
// by rejection, each with parameters of its own.
//
// The types of the intermediate results are those of PyTorch, float among them, as every rounding counts.
#include "kernels/random/random.h"

namespace flambeau {
namespace {

// C++ leaves a value outside of the type's range undefined; this gives what x86 gives.
template <class T>
T toNumber(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else if constexpr (sizeof(T) == 8) {
    return value >= -0x1p63 && value < 0x1p63 ? static_cast<T>(value) : std::numeric_limits<T>::min();
  } else {
    return static_cast<T>(value > -0x1p31 - 1 && value < 0x1p31 ? static_cast<int32_t>(value) : INT32_MIN);
  }
}

// Hörmann's transformed rejection for rates of ten and more.
double poissonByRejection(Engine& engine, double rate) {
  const double logRate = std::log(rate);
  const double b = 0.931 + 2.53 * std::sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const double vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = engine.uniform() - 0.5, v = engine.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = static_cast<double>(toNumber<int64_t>(std::floor((2 * a / us + b) * u + rate + 0.43)));
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double accepted = std::log(v) + std::log(inverseAlpha) - std::log(a / (us * us) + b);
    if (accepted <= -rate + k * logRate - std::lgamma(k + 1)) return k;
  }
}

double poisson(Engine& engine, double rate) {
  if (rate >= 10) return poissonByRejection(engine, rate);
  if (rate == 0) return 0;
  const double limit = std::exp(-rate);
  double product = engine.uniform();
  int64_t k = 0;
  for (; product > limit; ++k) product *= engine.uniform();
  return static_cast<double>(k);
}

// The number of geometric waiting times that fit into `count` trials.
template <class T>
T binomialByInversion(Engine& engine, T count, T p) {
  const double logFailure = std::log1p(-p);
  double trials = 0;
  T successes = 0;
  for (;;) {
    trials += std::ceil(std::log(engine.uniform()) / logFailure);
    if (trials > count) return successes;
    successes += 1;
  }
}

// What Stirling's formula leaves of log(k!).
double stirlingTail(double k) {
  constexpr double small[] = {0.0810614667953272,  0.0413406959554092,  0.0276779256849983, 0.02079067210376509,
                              0.0166446911898211,  0.0138761288230707,  0.0118967099458917, 0.0104112652619720,
                              0.00925546218271273, 0.00833056343336287};
  if (k >= 0 && k <= 9) return small[static_cast<int>(k)];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

// Hörmann's transformed rejection with squeeze (BTRS), for an expected count of ten and more.
template <class T>
T binomialByRejection(Engine& engine, T count, T p) {
  const double deviation = std::sqrt(count * p * (1 - p));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double center = count * p + 0.5;
  const double vr = 0.92 - 4.2 / b;
  const double odds = p / (1 - p);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double mode = std::floor((count + 1) * p);
  for (;;) {
    const double u = engine.uniform() - 0.5;
    double v = engine.uniform();
    const double us = 0.5 - std::fabs(u);
    const T k = static_cast<T>(std::floor((2 * a / us + b) * u + center));
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= vr) return k;
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (count - mode + 1))) +
                         (count + 1) * std::log((count - mode + 1) / (count - k + 1)) +
                         (k + 0.5) * std::log(odds * (count - k + 1) / (k + 1)) + stirlingTail(mode) +
                         stirlingTail(count - mode) - stirlingTail(k) - stirlingTail(count - k);
    if (v <= bound) return k;
  }
}

template <class T>
T binomial(Engine& engine, T count, T p) {
  if (count <= 0 || p <= 0) return 0;
  if (p >= 1) return count;
  if (std::isnan(count) || std::isnan(p)) return std::numeric_limits<T>::quiet_NaN();
  const bool mirrored = p > 0.5;
  const T q = mirrored ? static_cast<T>(1.0 - p) : p;
  const T k = count * q >= 10.0 ? binomialByRejection(engine, count, q) : binomialByInversion(engine, count, q);
  return mirrored ? count - k : k;
}

// Marsaglia and Tsang's method; a shape below one is raised by one and the result scaled down.
template <class T>
double gamma(Engine& engine, T shape) {
  double scale = 1;
  if (shape < 1) {
    if (shape == 0) return 0;
    scale = std::pow(1 - engine.uniform(), static_cast<double>(1.0f / shape));
    shape += 1;
  }
  const double d = shape - 1.0f / 3.0f, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    double x, y;
    do {
      x = engine.normal();
      y = 1.0 + c * x;
    } while (y <= 0);
    const double v = y * y * y, u = 1 - engine.uniform(), square = x * x;
    if (u < 1.0 - static_cast<double>(0.0331f) * square * square) return scale * d * v;
    if (std::log(u) < 0.5 * square + d * (1.0 - v + std::log(v))) return scale * d * v;
  }
}

}  // namespace

// (generator, dtype, rate, loop)
FLAMBEAU_KERNEL(randomExponential) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double factor = -1.0 / params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    fillFromUniform<T, Cost::High>(engine, loop, [=](double u) { return static_cast<T>(factor * std::log(1.0 - u)); });
  });
}

// (generator, dtype, p, loop)
FLAMBEAU_KERNEL(randomGeometric) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double logFailure = std::log(1.0 - params.number());
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatch(dtype, [&]<class T>(T) {
    fillFromUniform<T, Cost::High>(engine, loop,
                                   [=](double u) { return toNumber<T>(std::ceil(std::log(u) / logFailure)); });
  });
}

// (generator, dtype, median, scale, loop)
FLAMBEAU_KERNEL(randomCauchy) {
  constexpr double pi = 3.141592653589793;
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double median = params.number(), scale = params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    fillFromUniform<T, Cost::High>(
        engine, loop, [=](double u) { return static_cast<T>(std::fma(scale, std::tan(pi * (u - 0.5)), median)); });
  });
}

// (generator, dtype, loop over output, rates); fails with 1 where a rate is not >= 0.
FLAMBEAU_KERNEL(randomPoisson) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const OrderedLoop<2> loop(params, {itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    bool valid = true;
    loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
      for (int64_t i = 0; i < n; ++i) valid &= *reinterpret_cast<const T*>(p[1] + i * strides[1]) >= 0;
    });
    if (!valid) return params.fail(1, 0);
    mapOneByOne<T>(loop, [&](T rate) { return poisson(engine, rate); });
  });
}

// (generator, dtype, loop over output, counts, probabilities)
FLAMBEAU_KERNEL(randomBinomial) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const OrderedLoop<3> loop(params, {itemSize(dtype), itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    mapOneByOne<T>(loop, [&](T count, T p) { return binomial(engine, count, p); });
  });
}

// (generator, dtype, loop over output, shape parameters): gamma numbers of scale one, never zero.
FLAMBEAU_KERNEL(randomGamma) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const OrderedLoop<2> loop(params, {itemSize(dtype), itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    mapOneByOne<T>(loop, [&](T shape) {
      return std::max(std::numeric_limits<T>::min(), static_cast<T>(gamma(engine, shape)));
    });
  });
}

}  // namespace flambeau
