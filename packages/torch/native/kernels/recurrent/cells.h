// What cells compute of one row in one step, and how gradients go back through it.
//
// Gates come as sums of products and stay as what became of them, in PyTorch's order: input, forget, cell and output gate
// of an LSTM; reset, update and new gate of a GRU.
#pragma once
#include "simd/math.h"

namespace flambeau {

template <class T>
inline T relu(T x) {
  return x < T(0) ? T(0) : x;  // NaN stays
}

template <class T>
inline void plainRow(bool isRelu, T* __restrict gates, T* __restrict out, int64_t n) {
  if (isRelu) {
    for (int64_t j = 0; j < n; ++j) out[j] = gates[j] = relu(gates[j]);
  } else {
    for (int64_t j = 0; j < n; ++j) out[j] = gates[j] = simd::tanh(gates[j]);
  }
}

// `inner` takes the hyperbolic tangent of the new cell state.
template <class T>
inline void lstmRow(T* __restrict gates, T* __restrict cell, T* __restrict inner, T* __restrict out, int64_t n) {
  T *__restrict input = gates, *__restrict forget = gates + n, *__restrict fresh = gates + 2 * n,
                *__restrict output = gates + 3 * n;
  for (int64_t j = 0; j < n; ++j) input[j] = simd::sigmoid(input[j]);
  for (int64_t j = 0; j < n; ++j) forget[j] = simd::sigmoid(forget[j]);
  for (int64_t j = 0; j < n; ++j) fresh[j] = simd::tanh(fresh[j]);
  for (int64_t j = 0; j < n; ++j) output[j] = simd::sigmoid(output[j]);
  for (int64_t j = 0; j < n; ++j) {
    cell[j] = forget[j] * cell[j] + input[j] * fresh[j];
    inner[j] = simd::tanh(cell[j]);
    out[j] = output[j] * inner[j];
  }
}

// `hidden` is the product with the state, and `inner` takes its part of the new gate, with the bias.
template <class T>
inline void gruRow(T* __restrict gates, const T* __restrict hidden, const T* __restrict bias,
                   const T* __restrict previous, T* __restrict inner, T* __restrict out, int64_t n) {
  T *__restrict reset = gates, *__restrict update = gates + n, *__restrict fresh = gates + 2 * n;
  for (int64_t j = 0; j < n; ++j) reset[j] = simd::sigmoid(reset[j] + hidden[j]);
  for (int64_t j = 0; j < n; ++j) update[j] = simd::sigmoid(update[j] + hidden[n + j]);
  for (int64_t j = 0; j < n; ++j) inner[j] = hidden[2 * n + j] + bias[j];
  for (int64_t j = 0; j < n; ++j) {
    fresh[j] = simd::tanh(fresh[j] + reset[j] * inner[j]);
    out[j] = (previous[j] - fresh[j]) * update[j] + fresh[j];
  }
}

// `grad` is that of the row's result; the gradient of the sums of products goes to `gradGates`.
template <class T>
inline void plainRowBackward(bool isRelu, const T* __restrict grad, const T* __restrict gates, T* __restrict gradGates,
                             int64_t n) {
  if (isRelu) {
    for (int64_t j = 0; j < n; ++j) gradGates[j] = gates[j] > T(0) ? grad[j] : T(0);
  } else {
    for (int64_t j = 0; j < n; ++j) gradGates[j] = grad[j] * (T(1) - gates[j] * gates[j]);
  }
}

// `gradCell` is the gradient of the new cell state, and becomes that of the one before.
template <class T>
inline void lstmRowBackward(const T* __restrict grad, const T* __restrict gates, const T* __restrict previousCell,
                            const T* __restrict inner, T* __restrict gradGates, T* __restrict gradCell, int64_t n) {
  const T *input = gates, *forget = gates + n, *fresh = gates + 2 * n, *output = gates + 3 * n;
  T *__restrict gradInput = gradGates, *__restrict gradForget = gradGates + n, *__restrict gradFresh = gradGates + 2 * n,
                *__restrict gradOutput = gradGates + 3 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T i = input[j], f = forget[j], g = fresh[j], o = output[j], t = inner[j];
    const T dc = gradCell[j] + grad[j] * o * (T(1) - t * t);
    gradInput[j] = dc * g * i * (T(1) - i);
    gradForget[j] = dc * previousCell[j] * f * (T(1) - f);
    gradFresh[j] = dc * i * (T(1) - g * g);
    gradOutput[j] = grad[j] * t * o * (T(1) - o);
    gradCell[j] = dc * f;
  }
}

// `gradGates` are those of the product with the input, `gradHidden` those of the product with the state; `gradState`
// takes what goes to the state without a product.
template <class T>
inline void gruRowBackward(const T* __restrict grad, const T* __restrict gates, const T* __restrict previous,
                           const T* __restrict inner, T* __restrict gradGates, T* __restrict gradHidden,
                           T* __restrict gradState, int64_t n) {
  const T *reset = gates, *update = gates + n, *fresh = gates + 2 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T r = reset[j], z = update[j], g = fresh[j];
    const T dg = grad[j] * (T(1) - z) * (T(1) - g * g);
    const T dr = dg * inner[j] * r * (T(1) - r);
    const T dz = grad[j] * (previous[j] - g) * z * (T(1) - z);
    gradGates[j] = dr;
    gradGates[n + j] = dz;
    gradGates[2 * n + j] = dg;
    gradHidden[j] = dr;
    gradHidden[n + j] = dz;
    gradHidden[2 * n + j] = dg * r;
    gradState[j] = grad[j] * z;
  }
}

}  // namespace flambeau
