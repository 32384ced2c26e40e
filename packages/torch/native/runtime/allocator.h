// Buffers for tensor storage: 64-byte aligned, reference counted, recycled by size class.
//
// Fresh memory is slow (page faults cost more than the arithmetic done on it), so a released buffer is kept
// in a free list of its size class and handed out again. The free lists are bounded: beyond the limit the
// sizes that were not asked for the longest go back to the system.
#pragma once
#include <cstddef>
#include <cstdint>

namespace flambeau {

struct MemoryStatistics {
  int64_t alive;     // bytes in buffers handed out and not yet released
  int64_t recycled;  // bytes waiting in the free lists
  int64_t peak;      // the largest `alive` seen so far
};

// Whether this is a build for a memory checker: a buffer has just the bytes asked for and is never handed out again.
#if defined(FLAMBEAU_EXACT_BUFFERS)
constexpr bool kExactBuffers = true;
#else
constexpr bool kExactBuffers = false;
#endif

// A buffer of at least `nbytes` bytes with a reference count of one. Refuses what there is no memory for.
void* allocateBuffer(uint64_t nbytes);
// The bytes really set aside for a buffer (its size class).
size_t bufferCapacity(const void* buffer);
// How many references there are at this moment. One that is alone stays so: others come only from a holder of one.
int bufferReferences(const void* buffer);
// Adds a reference; may be called from any thread that holds one.
void retainBuffer(void* buffer);
// Drops a reference; the last one recycles the buffer.
void releaseBuffer(void* buffer);
// The same, but not before this thread calls releaseDeferred, or ends: what the collector found dead may still
// be among the arguments that were written for the next kernel, by code that does not use it any more itself.
void releaseLater(void* buffer);
void releaseDeferred();
// Gives all recycled buffers back to the system.
void trimBuffers();
void resetPeak();
MemoryStatistics memoryStatistics();

}  // namespace flambeau
