// The QR decomposition by Householder reflections, and products with what it gives.
#pragma once
#include "kernels/linalg/interleaved.h"
#include "kernels/linalg/reflections.h"

namespace flambeau {

// (dtype, count, rows, cols, matrices, tau)
template <class Numbers>
void qrFactor(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer();
  char *const data = params.pointer(), *const tau = params.pointer();
  const int64_t steps = std::min(rows, cols);
  Numbers::dispatch(dtype, [&]<class T>(T) {
    const auto factor = [&](int64_t i, bool parallel) {
      factorByReflections(matrixAt<T>(data, i, rows, cols), rows, cols, reinterpret_cast<T*>(tau) + i * steps,
                          parallel);
    };
    if constexpr (!isComplex<T>) {
      if (interleaved::suits(count, rows, cols)) {
        const Scratch<int32_t> info(count);
        interleaved::qrFactor(count, rows, cols, reinterpret_cast<T*>(data), reinterpret_cast<T*>(tau), info.get());
        return interleaved::forEachLeft(count, 2 * workOf(rows, cols, steps), info.get(), factor);
      }
    }
    forEachMatrix(count, 2 * workOf(rows, cols, steps), factor);
  });
}

// (dtype, count, rows, columns of the reflections, how many there are, columns of the result, reflections, tau, result)
template <class Numbers>
void reflectionProduct(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer();
  const int64_t reflections = params.integer(), width = params.integer();
  const char *const data = params.pointer(), *const tau = params.pointer();
  char* const out = params.pointer();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    if constexpr (!isComplex<T>) {
      if (interleaved::suits(count, rows, cols) && width <= interleaved::kMostRows) {
        return interleaved::reflectionProduct(count, rows, cols, reflections, width, reinterpret_cast<const T*>(data),
                                              reinterpret_cast<const T*>(tau), reinterpret_cast<T*>(out));
      }
    }
    forEachMatrix(count, 2 * workOf(rows, width, reflections), [&](int64_t i, bool parallel) {
      formReflections<T>(matrixAt<T>(data, i, rows, cols), rows, reflections,
                         reinterpret_cast<const T*>(tau) + i * reflections, matrixAt<T>(out, i, rows, width), width,
                         parallel);
    });
  });
}

// (dtype, count, rows, columns of the reflections, how many there are, columns of the other matrices, whether the inverse
// is applied, reflections, tau, other matrices)
template <class Numbers>
void reflectionApply(Params& params) {
  const DType dtype = params.dtype();
  const int64_t count = params.integer(), rows = params.integer(), cols = params.integer();
  const int64_t reflections = params.integer(), width = params.integer();
  const bool inverse = params.flag();
  const char *const data = params.pointer(), *const tau = params.pointer();
  char* const out = params.pointer();
  Numbers::dispatch(dtype, [&]<class T>(T) {
    forEachMatrix(count, 2 * workOf(rows, width, reflections), [&](int64_t i, bool parallel) {
      applyReflections<T>(matrixAt<T>(data, i, rows, cols), rows, reflections,
                          reinterpret_cast<const T*>(tau) + i * reflections, matrixAt<T>(out, i, rows, width), width,
                          inverse, false, parallel);
    });
  });
}

}  // namespace flambeau
