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

void storeWhole(DType dtype, char* to, int64_t stride, const int64_t* values, int64_t n) {
  dispatch(dtype, [=]<class T>(T) {
    T* out = reinterpret_cast<T*>(to);
    if (stride == sizeof(T)) {
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(values[i]);
    } else {
      for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(to + i * stride) = static_cast<T>(values[i]);
    }
  });
}

// Fills the output with transform(draws), which is an int64, in its dtype. But for int64 itself a piece of them is made
// first, and then converted: the same loops do for all dtypes.
template <int Draws, class Transform>
void fillWhole(Engine engine, const OrderedLoop<1>& loop, DType dtype, const Transform& transform) {
  if (dtype == DType::Int64) return fillFromDraws<int64_t, Draws, Cost::Low>(engine, loop, transform);
  constexpr int64_t piece = 1024;
  uint32_t draws[piece * Draws];
  int64_t values[piece];
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    for (int64_t done = 0; done < n; done += piece) {
      const int64_t length = std::min(piece, n - done);
      engine.draw(draws, length * Draws);
      for (int64_t i = 0; i < length; ++i) values[i] = transform(draws + i * Draws);
      storeWhole(dtype, p[0] + done * strides[0], strides[0], values, length);
    }
  });
}

// base + draw % range, with 64-bit draws where the type holds more than 32 bits and the range needs them.
void fillFromTo(Engine engine, const OrderedLoop<1>& loop, DType dtype, bool wide, uint64_t range, int64_t base) {
  const auto shift = [base](uint64_t remainder) { return static_cast<int64_t>(remainder + static_cast<uint64_t>(base)); };
  if (wide && range >= uint64_t{1} << 32) {
    return fillWhole<2>(engine, loop, dtype, [=](const uint32_t* d) { return shift(join(d) % range); });
  }
  const double divisor = static_cast<double>(range);
  fillWhole<1>(engine, loop, dtype, [=](const uint32_t* d) { return shift(remainder(d[0], divisor)); });
}

// From 0 to the largest value of an integer type.
void fillDtypeRange(Engine engine, const OrderedLoop<1>& loop, DType dtype, bool wide) {
  if (wide) {
    return fillWhole<2>(engine, loop, dtype, [](const uint32_t* d) { return static_cast<int64_t>(join(d) & INT64_MAX); });
  }
  const uint32_t mask = dispatch(dtype, []<class T>(T) {
    return sizeof(T) < 8 && categoryOf<T> != Category::Floating ? static_cast<uint32_t>(std::numeric_limits<T>::max()) : 0;
  });
  fillWhole<1>(engine, loop, dtype, [mask](const uint32_t* d) { return static_cast<int64_t>(d[0] & mask); });
}

// Calls body with 1 of a dtype, as the bits of an unsigned integer of its size.
template <class Body>
void dispatchOne(DType dtype, const Body& body) {
  const uint64_t one = dispatch(dtype, []<class T>(T) {
    uint64_t bits = 0;
    const T value(1);
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  });
  dispatchSize(itemSize(dtype), [&]<class U>(U) {
    if constexpr (std::is_integral_v<U>) body(static_cast<U>(one));
  });
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
  const bool floating = dtype == DType::Float32 || dtype == DType::Float64, wide = floating || itemSize(dtype) == 8;
  switch (which) {
    case Integers::FromTo: return fillFromTo(engine, loop, dtype, wide, range, base);
    case Integers::Dtype:
      if (floating) refuse("a floating dtype has no such range");
      return fillDtypeRange(engine, loop, dtype, wide);
    case Integers::All64:
      return fillWhole<2>(engine, loop, dtype, [](const uint32_t* d) { return static_cast<int64_t>(join(d)); });
  }
}

// (generator, dtype, p, loop)
FLAMBEAU_KERNEL(randomBernoulli) {
  const Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double p = params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  if (dtype == DType::Float32) {
    return fillFromUniform<float, Cost::Low>(engine, loop, [p](double u) { return static_cast<float>(u < p); });
  }
  fillWhole<2>(engine, loop, dtype, [p](const uint32_t* d) { return int64_t{Engine::toUnit(d[0], d[1]) < p}; });
}

// (generator, dtype, dtype of the probabilities, loop over output, probabilities); fails with 1
// where one is not in [0, 1].
FLAMBEAU_KERNEL(randomBernoulliTensor) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype(), probabilityType = params.dtype();
  const OrderedLoop<2> loop(params, {itemSize(dtype), itemSize(probabilityType)});
  dispatchFloating(probabilityType, [&]<class P>(P) {
    if (!areProbabilities<P>(loop)) return params.fail(1, 0);
    dispatchOne(dtype, [&]<class U>(U one) {
      loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
          P u;
          if constexpr (sizeof(P) == 4) u = Engine::toUnit(engine.draw());
          else u = engine.uniform();
          const bool hit = u < *reinterpret_cast<const P*>(p[1] + i * strides[1]);
          *reinterpret_cast<U*>(p[0] + i * strides[0]) = hit ? one : U(0);
        }
      });
    });
  });
}

}  // namespace flambeau
