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
// Ends the threads of the pool; the next loop that needs them starts new ones.
void stopThreads();
// Runs task(context, 0) … task(context, tasks - 1), each once, the caller taking part. Falls back to a plain
// loop where the pool is busy with another caller (worker threads of Node).
void runTasks(void (*task)(void* context, int index), void* context, int tasks);

// Runs body(begin, end) over a partition of [0, n) into chunks of at least `grain`.
template <class Body>
void parallelFor(int64_t n, int64_t grain, const Body& body) {
  if (n <= 0) return;
  const int64_t chunks = std::min<int64_t>(threadCount(), (n + grain - 1) / std::max<int64_t>(grain, 1));
  if (chunks <= 1) return body(int64_t{0}, n);
  struct Context {
    const Body* body;
    int64_t n, chunks;
  } context{&body, n, chunks};
  runTasks(
      [](void* opaque, int index) {
        const Context& c = *static_cast<Context*>(opaque);
        (*c.body)(c.n * index / c.chunks, c.n * (index + 1) / c.chunks);
      },
      &context, static_cast<int>(chunks));
}

}  // namespace flambeau
