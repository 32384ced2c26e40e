// Memory that kernels work in. It comes from the buffers of tensors and goes back to them, so it is counted and recycled
// as they are: writing to fresh memory is slow.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/allocator.h"

namespace flambeau {

// Uninitialised memory for the time of a call.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t size) : data_(static_cast<T*>(allocateBuffer(std::max<int64_t>(size, 1) * sizeof(T)))) {}
  ~Scratch() { releaseBuffer(data_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  operator T*() const { return data_; }
  T* get() const { return data_; }

 private:
  T* data_;
};

// Memory of one thread that stays with it from call to call.
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
