// The thread pool that kernels share, and `parallelFor` on top of it.
//
// A loop shorter than its grain runs where it is, without touching the pool. The split into chunks depends
// only on the length, the grain and the number of threads, so results are reproducible.
#pragma once
#include <algorithm>
#include <cstdint>

namespace flambeau {

int threadCount();
// Sets the number of threads (at least one) that a parallel loop may use. They are started when a loop needs them;
// where the system refuses, the number falls to what it granted.
void setThreadCount(int count);
// Gives the calling thread a number of its own, which is what it hears and sets from then on.
void setOwnThreadCount(int count);
// Ends the threads of the pool; the next loop that needs them starts new ones.
void stopThreads();
// Runs task(context, 0) … task(context, tasks - 1), each once, the caller taking part. Falls back to a plain
// loop where the pool is busy with another caller (worker threads of Node).
void runTasks(void (*task)(void* context, int index), void* context, int tasks);

// Runs body(context, begin, end) over a partition of [0, n) into chunks of at least `grain`.
void runChunks(int64_t n, int64_t grain, void (*body)(const void* context, int64_t begin, int64_t end),
               const void* context);

// The same for body(begin, end), which is compiled in one place.
template <class Body>
void parallelFor(int64_t n, int64_t grain, const Body& body) {
  const auto call = [](const void* context, int64_t begin, int64_t end) {
    (*static_cast<const Body*>(context))(begin, end);
  };
  runChunks(n, grain, call, &body);
}

}  // namespace flambeau
