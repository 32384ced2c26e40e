// Kernels that expose the runtime itself: threads, memory statistics, single elements.
#include "runtime/allocator.h"

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {

FLAMBEAU_KERNEL(getThreads) { params.result(0, threadCount()); }

FLAMBEAU_KERNEL(setThreads) { setThreadCount(static_cast<int>(params.integer())); }

FLAMBEAU_KERNEL(setOwnThreads) { setOwnThreadCount(static_cast<int>(params.integer())); }

FLAMBEAU_KERNEL(memoryStats) {
  releaseDeferred();
  const MemoryStatistics statistics = memoryStatistics();
  params.result(0, static_cast<double>(statistics.alive));
  params.result(1, static_cast<double>(statistics.recycled));
  params.result(2, static_cast<double>(statistics.peak));
}

FLAMBEAU_KERNEL(trimMemory) {
  releaseDeferred();
  trimBuffers();
}

FLAMBEAU_KERNEL(resetPeakMemory) { resetPeak(); }

// Copies bytes: (to, from, count).
FLAMBEAU_KERNEL(copyBytes) {
  char* to = params.pointer();
  const char* from = params.pointer();
  const auto count = static_cast<size_t>(params.integer());
  if (count > 0) std::memcpy(to, from, count);
}

// Reads one element: (dtype, address) -> value; an int64 comes back as raw bits, a complex number in two slots.
FLAMBEAU_KERNEL(readElement) {
  const DType dtype = params.dtype();
  const char* address = params.pointer();
  double* slot = params.slot();
  dispatchStored(dtype, [&]<class T>(T) {
    T value;
    std::memcpy(&value, address, sizeof value);
    if constexpr (isComplex<T>) {
      *slot = convert<double>(value.re);
      *params.slot() = convert<double>(value.im);
    } else if constexpr (sizeof(T) == 8) {
      std::memcpy(slot, &value, sizeof value);
    } else {
      *slot = static_cast<double>(value);
    }
  });
}

}  // namespace flambeau
