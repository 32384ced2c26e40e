// Uniform numbers, integers and coin flips.
#include "kernels/random/random.h"

namespace flambeau {
namespace {

template <class T>
void fillUniform(Engine engine, const OrderedLoop<1>& loop, T from, T to) {
  constexpr int draws = sizeof(T) / 4;
  const T range = to - from;
  const auto unit = [](const uint32_t* d) {
    if constexpr (draws == 1) return Engine::toUnit(d[0]);
    else return Engine::toUnit(d[0], d[1]);
  };
  if (from == 0 && range == 1) return fillFromDraws<T, draws, Cost::Low>(engine, loop, unit);
  fillFromDraws<T, draws, Cost::Low>(engine, loop,
                                     [=](const uint32_t* d) { return std::fma(unit(d), range, from); });
}

template <class H>
void fillUniformHalves(Engine engine, const OrderedLoop<1>& loop, H from, H to) {
  const float range = static_cast<H>(to - from);
  fillFromDraws<H, 1, Cost::Low>(engine, loop, [=](const uint32_t* d) {
    return static_cast<H>(std::fma(Engine::toUnitOf<H>(d[0]), range, static_cast<float>(from)));
  });
}

uint64_t join(const uint32_t* draws) { return static_cast<uint64_t>(draws[0]) << 32 | draws[1]; }

// Which integers `randomInteger` draws. Codes are part of the contract with src/backend/cpu/random.ts.
enum class Integers { FromTo, Dtype, All64 };

// base + draw % range, with 64-bit draws where the type holds more than 32 bits and the range needs them.
template <class T>
void fillFromTo(Engine engine, const OrderedLoop<1>& loop, uint64_t range, int64_t base) {
  constexpr bool wide = std::is_floating_point_v<T> || sizeof(T) == 8;
  const auto shift = [base](uint64_t remainder) {
    return static_cast<T>(static_cast<int64_t>(remainder + static_cast<uint64_t>(base)));
  };
  if (wide && range >= uint64_t{1} << 32) {
    return fillFromDraws<T, 2, Cost::Low>(engine, loop, [=](const uint32_t* d) { return shift(join(d) % range); });
  }
  const double divisor = static_cast<double>(range);
  fillFromDraws<T, 1, Cost::Low>(engine, loop, [=](const uint32_t* d) { return shift(remainder(d[0], divisor)); });
}

// From 0 to the largest value of an integer type.
template <class T>
void fillDtypeRange(Engine engine, const OrderedLoop<1>& loop) {
  if constexpr (categoryOf<T> == Category::Floating) {
    refuse("a floating dtype has no such range");
  } else if constexpr (sizeof(T) == 8) {
    fillFromDraws<T, 2, Cost::Low>(engine, loop, [](const uint32_t* d) { return static_cast<T>(join(d) & INT64_MAX); });
  } else {
    constexpr uint32_t mask = static_cast<uint32_t>(std::numeric_limits<T>::max());
    fillFromDraws<T, 1, Cost::Low>(engine, loop, [](const uint32_t* d) { return static_cast<T>(d[0] & mask); });
  }
}

template <class T>
void fillAll64(Engine engine, const OrderedLoop<1>& loop) {
  fillFromDraws<T, 2, Cost::Low>(engine, loop,
                                 [](const uint32_t* d) { return static_cast<T>(static_cast<int64_t>(join(d))); });
}

template <class P>
bool areProbabilities(const OrderedLoop<2>& loop) {
  bool valid = true;
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const P value = *reinterpret_cast<const P*>(p[1] + i * strides[1]);
      valid &= value >= 0 && value <= 1;
    }
  });
  return valid;
}

}  // namespace

// (generator, dtype, from, to, loop)
FLAMBEAU_KERNEL(randomUniform) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double from = params.number(), to = params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatchStored(dtype, [&]<class T>(T) {
    if constexpr (isHalf<T>) fillUniformHalves(engine, loop, static_cast<T>(from), static_cast<T>(to));
    else if constexpr (std::is_floating_point_v<T>) fillUniform(engine, loop, static_cast<T>(from), static_cast<T>(to));
    else refuse("uniform numbers are floating");
  });
}

// (generator, dtype, which integers, range as int64 bits, base as int64 bits, loop)
FLAMBEAU_KERNEL(randomInteger) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const auto which = static_cast<Integers>(params.integer());
  const auto range = static_cast<uint64_t>(params.scalar<int64_t>());
  const auto base = params.scalar<int64_t>();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatch(dtype, [&]<class T>(T) {
    switch (which) {
      case Integers::FromTo: return fillFromTo<T>(engine, loop, range, base);
      case Integers::Dtype: return fillDtypeRange<T>(engine, loop);
      case Integers::All64: return fillAll64<T>(engine, loop);
    }
  });
}

// (generator, dtype, p, loop)
FLAMBEAU_KERNEL(randomBernoulli) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double p = params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatch(dtype, [&]<class T>(T) {
    fillFromUniform<T, Cost::Low>(engine, loop, [p](double u) { return static_cast<T>(u < p); });
  });
}

// (generator, dtype, dtype of the probabilities, loop over output, probabilities); fails with 1
// where one is not in [0, 1].
FLAMBEAU_KERNEL(randomBernoulliTensor) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype(), probabilityType = params.dtype();
  const OrderedLoop<2> loop(params, {itemSize(dtype), itemSize(probabilityType)});
  dispatchFloating(probabilityType, [&]<class P>(P) {
    if (!areProbabilities<P>(loop)) return params.fail(1, 0);
    dispatch(dtype, [&]<class T>(T) {
      loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
          P u;
          if constexpr (sizeof(P) == 4) u = Engine::toUnit(engine.draw());
          else u = engine.uniform();
          *reinterpret_cast<T*>(p[0] + i * strides[0]) = u < *reinterpret_cast<const P*>(p[1] + i * strides[1]);
        }
      });
    });
  });
}

}  // namespace flambeau
