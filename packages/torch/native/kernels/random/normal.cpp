// Normal and log-normal numbers, by the method of Box and Muller.
//
// Sixteen numbers or more in a row come from blocks of sixteen uniform ones, of which the first eight give the
// radius and the others the angle. Fewer, or strided ones, come one by one in double precision.
#include "kernels/random/random.h"
#include "kernels/random/math.h"

namespace flambeau {
namespace {

constexpr int kBlock = 16, kHalf = kBlock / 2;
constexpr double kTwoPi = 6.283185307179586;

// Blocks that are transformed together: in steps over several, so that vectors may be wider than half a block.
constexpr int kGroup = 16;

// Turns up to kGroup blocks of uniform numbers into normal ones in place.
void transformGroup(float* data, int64_t blocks, float mean, float std) {
  float first[kGroup * kHalf], second[kGroup * kHalf];
  for (int64_t b = 0; b < blocks; ++b) {
    std::copy_n(data + b * kBlock, kHalf, first + b * kHalf);
    std::copy_n(data + b * kBlock + kHalf, kHalf, second + b * kHalf);
  }
  for (int64_t i = 0; i < blocks * kHalf; ++i) {
    const float radius = std::sqrt(-2.0f * cephesLog(1.0f - first[i]));
    float sine, cosine;
    cephesSinCos(static_cast<float>(kTwoPi) * second[i], sine, cosine);
    first[i] = std::fma(radius * cosine, std, mean);
    second[i] = std::fma(radius * sine, std, mean);
  }
  for (int64_t b = 0; b < blocks; ++b) {
    std::copy_n(first + b * kHalf, kHalf, data + b * kBlock);
    std::copy_n(second + b * kHalf, kHalf, data + b * kBlock + kHalf);
  }
}

void transformGroup(double* data, int64_t blocks, double mean, double std) {
  for (int64_t b = 0; b < blocks; ++b, data += kBlock) {
    for (int i = 0; i < kHalf; ++i) {
      const double radius = std::sqrt(-2 * std::log(1 - data[i]));
      const double theta = kTwoPi * data[i + kHalf];
      data[i] = std::fma(radius * std::cos(theta), std, mean);
      data[i + kHalf] = std::fma(radius * std::sin(theta), std, mean);
    }
  }
}

// Of bfloat16 PyTorch rounds every step, of float16 those that it stores.
template <class H>
void transformGroup(H* data, int64_t blocks, H mean, H std) {
  const auto step = [](float x) { return std::is_same_v<H, BFloat16> ? static_cast<float>(H(x)) : x; };
  for (int64_t b = 0; b < blocks; ++b, data += kBlock) {
    for (int i = 0; i < kHalf; ++i) {
      const float u = H(1.0f - data[i]), radius = H(std::sqrt(step(-2.0f * step(std::log(u)))));
      const float theta = H(static_cast<float>(kTwoPi * data[i + kHalf]));
      const auto place = [=](float x) { return H(step(step(radius * step(x)) * std) + mean); };
      data[i] = place(std::cos(theta));
      data[i + kHalf] = place(std::sin(theta));
    }
  }
}

template <class T>
void drawUniform(Engine& engine, T* out, int64_t n) {
  constexpr int perElement = sizeof(T) == 8 ? 2 : 1;
  constexpr int64_t piece = 1024;
  uint32_t draws[piece * perElement];
  for (int64_t done = 0; done < n; done += piece) {
    const int64_t length = std::min(piece, n - done);
    engine.draw(draws, length * perElement);
    for (int64_t i = 0; i < length; ++i) {
      if constexpr (isHalf<T>) out[done + i] = T(Engine::toUnitOf<T>(draws[i]));
      else if constexpr (perElement == 1) out[done + i] = Engine::toUnit(draws[i]);
      else out[done + i] = Engine::toUnit(draws[2 * i], draws[2 * i + 1]);
    }
  }
}

// Fills n >= 16 elements. Where sixteen does not divide n, the last sixteen are drawn again.
template <class T>
void fillNormal(Engine engine, T* out, int64_t n, T mean, T std) {
  drawUniform(engine, out, n);
  const int64_t grain = sizeof(T) == 4 ? 2048 : 64;
  parallelFor(n / kBlock, grain, [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b += kGroup) {
      transformGroup(out + b * kBlock, std::min<int64_t>(kGroup, end - b), mean, std);
    }
  });
  if (n % kBlock == 0) return;
  T* tail = out + n - kBlock;
  drawUniform(engine, tail, kBlock);
  transformGroup(tail, 1, mean, std);
}

template <class T, class Transform>
void fillOneByOne(const OrderedLoop<1>& loop, const Transform& transform) {
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(p[0] + i * strides[0]) = static_cast<T>(transform());
  });
}

}  // namespace

// (generator, dtype, mean, standard deviation, whether the output is contiguous, its address, loop)
FLAMBEAU_KERNEL(randomNormal) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double mean = params.number(), std = params.number();
  const bool contiguous = params.flag();
  char* out = params.pointer();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatchStored(dtype, [&]<class T>(T) {
    if constexpr (categoryOf<T> != Category::Floating) refuse("normal numbers are floating");
    else if (contiguous && loop.numel() >= kBlock) {
      fillNormal(engine, reinterpret_cast<T*>(out), loop.numel(), static_cast<T>(mean), static_cast<T>(std));
    } else {
      fillOneByOne<T>(loop, [&] { return std::fma(engine.normal(), std, mean); });
    }
  });
}

// (generator, dtype, mean and standard deviation of the logarithm, loop)
FLAMBEAU_KERNEL(randomLogNormal) {
  Engine engine(params.pointer<GeneratorState>());
  const DType dtype = params.dtype();
  const double mean = params.number(), std = params.number();
  const OrderedLoop<1> loop(params, {itemSize(dtype)});
  dispatchFloating(dtype, [&]<class T>(T) {
    fillOneByOne<T>(loop, [&] { return std::exp(std::fma(engine.normal(), std, mean)); });
  });
}

}  // namespace flambeau
