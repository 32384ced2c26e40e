// The random number engine of CPU generators, and the ordered loop in which kernels consume it.
//
// Everything here follows PyTorch draw for draw and bit for bit: how many 32-bit draws an element takes, in
// which order a strided output is filled, and where PyTorch's own build fuses a multiplication with an addition.
// Those places say `fma`; the compiler must not fuse any other, or the builds for different CPUs would differ.
#pragma once
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "kernels/kernel.h"
#include "runtime/scratch.h"
#include "runtime/threads.h"

namespace flambeau {

constexpr int kTwisterSize = 624;

// The layout is part of the contract with src/backend/generator.ts.
struct GeneratorState {
  uint32_t words[kTwisterSize];
  int32_t left;   // one more than the words not yet used
  uint32_t next;  // the first word not yet used
  float nextFloatNormal;
  uint32_t hasFloatNormal;
  double nextDoubleNormal;
  uint32_t hasDoubleNormal;
  uint32_t unused;
  uint64_t seed;
};
static_assert(sizeof(GeneratorState) == 2536);

// The Mersenne Twister MT19937 on a state in memory that its owner keeps.
class Engine {
 public:
  // The words not yet used must all be there, however the state came to be: from here on it is trusted.
  explicit Engine(GeneratorState* state) : state_(*state) {
    if (state->left < 1 || int64_t{state->next} + state->left - 1 > kTwisterSize) {
      refuse("Invalid mt19937 state");
    }
  }

  uint32_t draw() {
    if (state_.left <= 1) twist();
    --state_.left;
    return temper(state_.words[state_.next++]);
  }

  // A multiple of 2^-53 in [0, 1).
  double uniform() {
    const uint32_t high = draw();
    return toUnit(high, draw());
  }

  // A standard normal number. Box and Muller's method makes two; the second waits in the state for the next call.
  double normal() {
    if (state_.hasDoubleNormal) {
      state_.hasDoubleNormal = 0;
      return state_.nextDoubleNormal;
    }
    constexpr double twoPi = 6.283185307179586;
    const double u = uniform(), v = uniform();
    const double radius = std::sqrt(-2.0 * std::log(1.0 - v)), theta = twoPi * u;
    state_.nextDoubleNormal = radius * std::sin(theta);
    state_.hasDoubleNormal = 1;
    return radius * std::cos(theta);
  }

  void draw(uint32_t* out, int64_t n) {
    while (n > 0) {
      if (state_.left <= 1) twist();
      const int64_t count = std::min<int64_t>(n, state_.left - 1);
      const uint32_t* words = state_.words + state_.next;
      for (int64_t i = 0; i < count; ++i) out[i] = temper(words[i]);
      state_.left -= static_cast<int32_t>(count);
      state_.next += static_cast<uint32_t>(count);
      out += count;
      n -= count;
    }
  }

  // A multiple of 2^-digits in [0, 1), of as many digits as the significand has.
  template <class H>
  static float toUnitOf(uint32_t draw) {
    constexpr uint32_t count = 1u << (std::is_same_v<H, Half> ? 11 : 8);
    return static_cast<float>(draw & (count - 1)) / count;
  }
  static float toUnit(uint32_t draw) { return static_cast<float>(static_cast<int32_t>(draw & 0xffffff)) * 0x1p-24f; }
  static double toUnit(uint32_t high, uint32_t low) {
    return static_cast<double>(static_cast<int32_t>(high & 0x1fffff)) * 0x1p-21 + static_cast<double>(low) * 0x1p-53;
  }

 private:
  static uint32_t temper(uint32_t y) {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >> 18);
  }

  static uint32_t mix(uint32_t word, uint32_t following) {
    const uint32_t y = (word & 0x80000000) | (following & 0x7fffffff);
    return (y >> 1) ^ (-(following & 1) & 0x9908b0df);
  }

  void twist() {
    constexpr int middle = 397, last = kTwisterSize - 1;
    uint32_t* w = state_.words;
    for (int i = 0; i < kTwisterSize - middle; ++i) w[i] = w[i + middle] ^ mix(w[i], w[i + 1]);
    for (int i = kTwisterSize - middle; i < last; ++i) w[i] = w[i + middle - kTwisterSize] ^ mix(w[i], w[i + 1]);
    w[last] = w[middle - 1] ^ mix(w[last], w[0]);
    state_.left = kTwisterSize + 1;
    state_.next = 0;
  }

  GeneratorState& state_;
};

// A loop that visits the elements of N operands one after the other in the order in which the first of them
// (the output) lies in memory: the order in which PyTorch gives a strided tensor its random numbers.
template <int N>
class OrderedLoop {
 public:
  // Reads what `putLoop` of src/backend/cpu/launch.ts writes.
  OrderedLoop(Params& params, const int (&itemSizes)[N]) {
    int64_t sizes[kMaxDims];
    const int dims = params.dims();
    for (int d = 0; d < dims; ++d) sizes[d] = params.integer();
    for (int d = 0; d < dims; ++d) {
      count_ *= sizes[d];
      if (sizes[d] != 1) shape_[ndim_++] = sizes[d];
    }
    for (int k = 0; k < N; ++k) {
      data_[k] = params.pointer();
      for (int d = 0, kept = 0; d < dims; ++d) {
        const int64_t stride = params.integer() * itemSizes[k];
        if (sizes[d] != 1) strides_[k][kept++] = stride;
      }
    }
    sortByOutputStride();
    if (ndim_ == 0) shape_[ndim_++] = 1;
  }

  int64_t numel() const { return count_; }

  // Calls row(pointers, strides in bytes, length).
  template <class Row>
  void forEachRow(const Row& row) const {
    if (count_ == 0) return;
    const int inner = ndim_ - 1;
    int64_t innerStrides[N], index[kMaxDims] = {};
    char* p[N];
    for (int k = 0; k < N; ++k) {
      innerStrides[k] = strides_[k][inner];
      p[k] = data_[k];
    }
    for (int d = inner;;) {
      row(p, innerStrides, shape_[inner]);
      for (d = inner - 1; d >= 0; --d) {
        for (int k = 0; k < N; ++k) p[k] += strides_[k][d];
        if (++index[d] < shape_[d]) break;
        for (int k = 0; k < N; ++k) p[k] -= shape_[d] * strides_[k][d];
        index[d] = 0;
      }
      if (d < 0) return;
    }
  }

 private:
  void sortByOutputStride() {
    for (int d = 1; d < ndim_; ++d) {
      for (int e = d; e > 0 && strides_[0][e] > strides_[0][e - 1]; --e) {
        std::swap(shape_[e], shape_[e - 1]);
        for (int k = 0; k < N; ++k) std::swap(strides_[k][e], strides_[k][e - 1]);
      }
    }
  }

  int ndim_ = 0;
  int64_t count_ = 1;
  int64_t shape_[kMaxDims] = {};
  char* data_[N];
  int64_t strides_[N][kMaxDims] = {};
};

// draw % divisor for a whole divisor, as arithmetic that vectorises. All of it is exact: the quotient of two integers
// of up to 32 bits never rounds up to the next integer, and adding 2^52 puts an integer into the low bits of a double.
inline uint32_t remainder(uint32_t draw, double divisor) {
  const double dividend = static_cast<double>(draw);
  const double rest = dividend - std::floor(dividend / divisor) * divisor;
  return static_cast<uint32_t>(std::bit_cast<uint64_t>(rest + 0x1p52));
}

// How much work it is to turn draws into an element: a few instructions, or a call into the mathematical library.
enum class Cost { Low, High };

// Fills the output with map(inputs...), one element after the other in the order of its memory.
template <class T, int N, class Map>
void mapOneByOne(const OrderedLoop<N>& loop, const Map& map) {
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const auto at = [&](int k) { return reinterpret_cast<T*>(p[k] + i * strides[k]); };
      [&]<int... K>(std::integer_sequence<int, K...>) {
        *at(0) = static_cast<T>(map(*at(K + 1)...));
      }(std::make_integer_sequence<int, N - 1>());
    }
  });
}

// Fills the output with transform(draws) in order, where every element takes `Draws` 32-bit draws. The draws of
// a piece are made at once, so that both halves of the work vectorise and costly transforms run in parallel.
template <class T, int Draws, Cost cost, class Transform>
void fillFromDraws(Engine engine, const OrderedLoop<1>& loop, const Transform& transform) {
  constexpr int64_t piece = cost == Cost::Low ? 1024 : 65536, grain = cost == Cost::Low ? piece : 2048;
  constexpr int64_t local = 1024;
  uint32_t localDraws[local * Draws];
  ThreadScratch more;
  const bool needsMore = piece > local && loop.numel() > local;
  uint32_t* draws = needsMore ? more.reserve<uint32_t>(std::min(piece, loop.numel()) * Draws) : localDraws;
  loop.forEachRow([&](char** p, const int64_t* strides, int64_t n) {
    T* out = reinterpret_cast<T*>(p[0]);
    const int64_t stride = strides[0] / static_cast<int64_t>(sizeof(T));
    for (int64_t done = 0; done < n; done += piece) {
      const int64_t length = std::min(piece, n - done);
      engine.draw(draws, length * Draws);
      T* to = out + done * stride;
      parallelFor(length, grain, [&, to](int64_t begin, int64_t end) {
        if (stride == 1) {
          for (int64_t i = begin; i < end; ++i) to[i] = transform(draws + i * Draws);
        } else {
          for (int64_t i = begin; i < end; ++i) to[i * stride] = transform(draws + i * Draws);
        }
      });
    }
  });
}

// The same for transforms of one number that is uniform in [0, 1), with 53 random bits.
template <class T, Cost cost, class Transform>
void fillFromUniform(Engine engine, const OrderedLoop<1>& loop, const Transform& transform) {
  fillFromDraws<T, 2, cost>(engine, loop,
                            [=](const uint32_t* draws) { return transform(Engine::toUnit(draws[0], draws[1])); });
}

}  // namespace flambeau
