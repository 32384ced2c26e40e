// Memory of one thread that stays with it from call to call: writing to fresh memory is slow. It comes from the
// buffers of tensors and goes back to them with the thread, so it is counted and recycled as they are.
#pragma once
#include <cstddef>
#include <cstdint>

#include "runtime/allocator.h"

namespace flambeau {

class ThreadScratch {
 public:
  ThreadScratch() = default;
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;
  ~ThreadScratch() { release(); }

  // Room for so many values from the beginning of a page on; the content is undefined.
  template <class T>
  T* reserve(int64_t count) {
    const uint64_t bytes = count * sizeof(T);
    if (bytes > capacity_) {
      release();
      buffer_ = allocateBuffer(bytes + kPage);
      capacity_ = bufferCapacity(buffer_) - kPage;
    }
    const auto address = reinterpret_cast<uintptr_t>(buffer_);
    return reinterpret_cast<T*>((address + kPage - 1) / kPage * kPage);
  }

 private:
  static constexpr size_t kPage = 4096;

  void release() {
    if (buffer_ != nullptr) releaseBuffer(buffer_);
    buffer_ = nullptr;
    capacity_ = 0;
  }

  void* buffer_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace flambeau
