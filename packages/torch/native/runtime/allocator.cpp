#include "runtime/allocator.h"

#include <stdlib.h>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "runtime/mutex.h"
#include "runtime/refuse.h"

#if defined(FLAMBEAU_EXACT_BUFFERS)
#include <sanitizer/asan_interface.h>
#endif

namespace flambeau {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kSmallestClass = 64;
constexpr int kClassesPerDoubling = 4;
constexpr int kClassCount = 4 * 58;
constexpr int64_t kRecycleLimit = int64_t{256} << 20;
// A page of those sizes that large buffers are asked for in: fresh memory then takes one fault in the place of 512.
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLargeBuffer = 4 * kHugePage;

struct Header;

struct Fields {
  size_t capacity;
  int sizeClass;
  std::atomic<int> references;
  Header* nextFree;
};

// Stands in the 64 bytes before the data, which keeps the data aligned.
struct alignas(kAlignment) Header : Fields {};
static_assert(sizeof(Header) == kAlignment);

// Four classes to a doubling waste at most a fifth of a buffer.
int classOf(size_t nbytes) {
  if (nbytes <= kSmallestClass) return 0;
  const int log = std::bit_width(nbytes - 1) - 1;  // 2^log < nbytes <= 2^(log+1)
  const size_t base = size_t{1} << log;
  const size_t step = base / kClassesPerDoubling;
  const int part = static_cast<int>((nbytes - base + step - 1) / step);  // 1..4
  return (log - 6) * kClassesPerDoubling + part;
}

size_t classCapacity(int sizeClass) {
  if (sizeClass == 0) return kSmallestClass;
  const int log = 6 + (sizeClass - 1) / kClassesPerDoubling;
  const int part = (sizeClass - 1) % kClassesPerDoubling + 1;
  const size_t base = size_t{1} << log;
  return base + base / kClassesPerDoubling * part;
}

class Allocator {
 public:
  void* allocate(uint64_t wanted) {
    if (wanted > std::numeric_limits<size_t>::max() / 4) refuseMemory();
    const auto nbytes = static_cast<size_t>(wanted);
    const int sizeClass = classOf(nbytes);
    const size_t capacity = kExactBuffers ? nbytes : classCapacity(sizeClass);
    Header* header = take(sizeClass, capacity);
    if (header == nullptr) header = fromSystem(sizeClass, capacity);
    header->references.store(1, std::memory_order_relaxed);
    return header + 1;
  }

  void release(Header* header) {
    if (header->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const Lock lock(mutex_);
    const auto capacity = static_cast<int64_t>(header->capacity);
    statistics_.alive -= capacity;
    lastUse_[header->sizeClass] = ++uses_;
    if (kExactBuffers || capacity > kRecycleLimit) return std::free(header);
    while (statistics_.recycled + capacity > kRecycleLimit) dropOne(longestUnused());
    statistics_.recycled += capacity;
    header->nextFree = free_[header->sizeClass];
    free_[header->sizeClass] = header;
  }

  void trim() {
    const Lock lock(mutex_);
    for (int sizeClass = 0; sizeClass < kClassCount; ++sizeClass) {
      while (free_[sizeClass] != nullptr) dropOne(sizeClass);
    }
  }

  MemoryStatistics statistics() {
    const Lock lock(mutex_);
    return statistics_;
  }

  void resetPeak() {
    const Lock lock(mutex_);
    statistics_.peak = statistics_.alive;
  }

 private:
  // The class with recycled buffers that was not asked for the longest: a program that went on to other sizes
  // shall not keep their room.
  int longestUnused() const {
    int found = -1;
    for (int sizeClass = 0; sizeClass < kClassCount; ++sizeClass) {
      if (free_[sizeClass] == nullptr) continue;
      if (found < 0 || lastUse_[sizeClass] < lastUse_[found]) found = sizeClass;
    }
    return found;
  }

  // Gives one recycled buffer back to the system.
  void dropOne(int sizeClass) {
    Header* header = free_[sizeClass];
    free_[sizeClass] = header->nextFree;
    statistics_.recycled -= header->capacity;
    std::free(header);
  }

  Header* take(int sizeClass, size_t capacity) {
    const Lock lock(mutex_);
    statistics_.alive += capacity;
    if (statistics_.alive > statistics_.peak) statistics_.peak = statistics_.alive;
    lastUse_[sizeClass] = ++uses_;
    Header* header = free_[sizeClass];
    if (header != nullptr) {
      free_[sizeClass] = header->nextFree;
      statistics_.recycled -= capacity;
    }
    return header;
  }

  Header* fromSystem(int sizeClass, size_t capacity) {
    void* memory = nullptr;
    const bool isLarge = !kExactBuffers && capacity >= kLargeBuffer;
    const size_t alignment = isLarge ? kHugePage : kAlignment;
    const auto failed = [&] { return posix_memalign(&memory, alignment, sizeof(Header) + capacity) != 0; };
    if (failed() && (trim(), failed())) {
      const Lock lock(mutex_);
      statistics_.alive -= capacity;
      refuseMemory();
    }
#if defined(__linux__)
    if (isLarge) madvise(memory, sizeof(Header) + capacity, MADV_HUGEPAGE);
#endif
    Header* header = new (memory) Header{capacity, sizeClass, 1, nullptr};
#if defined(FLAMBEAU_EXACT_BUFFERS)
    const size_t unused = sizeof(Header) - sizeof(Fields);
    ASAN_POISON_MEMORY_REGION(reinterpret_cast<char*>(header + 1) - unused, unused);
#endif
    return header;
  }

  Mutex mutex_;
  Header* free_[kClassCount] = {};
  uint64_t lastUse_[kClassCount] = {};
  uint64_t uses_ = 0;
  MemoryStatistics statistics_ = {};
};

// Never destroyed: finalizers of other threads may still release buffers while the process ends.
Allocator& allocator() {
  static Allocator& instance = *new Allocator;
  return instance;
}

// The buffers of one thread that are to be released.
class Deferred {
 public:
  ~Deferred() { release(); }
  void add(void* buffer) { buffers_.push_back(buffer); }
  void release() {
    for (void* buffer : buffers_) releaseBuffer(buffer);
    buffers_.clear();
  }

 private:
  std::vector<void*> buffers_;
};

thread_local Deferred deferred;

Header* headerOf(void* buffer) { return static_cast<Header*>(buffer) - 1; }
const Header* headerOf(const void* buffer) { return static_cast<const Header*>(buffer) - 1; }

}  // namespace

void* allocateBuffer(uint64_t nbytes) { return allocator().allocate(nbytes); }
size_t bufferCapacity(const void* buffer) { return headerOf(buffer)->capacity; }
int bufferReferences(const void* buffer) { return headerOf(buffer)->references.load(std::memory_order_acquire); }
void retainBuffer(void* buffer) { headerOf(buffer)->references.fetch_add(1, std::memory_order_relaxed); }
void releaseBuffer(void* buffer) { allocator().release(headerOf(buffer)); }
void releaseLater(void* buffer) { deferred.add(buffer); }
void releaseDeferred() { deferred.release(); }
void trimBuffers() { allocator().trim(); }
void resetPeak() { allocator().resetPeak(); }
MemoryStatistics memoryStatistics() { return allocator().statistics(); }

}  // namespace flambeau
