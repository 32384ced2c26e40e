// Loops in chunks, for whatever runs tasks: the pool of threads, or one thread after the other on WebAssembly.
#include "runtime/threads.h"

namespace flambeau {

void runChunks(int64_t n, int64_t grain, void (*body)(const void*, int64_t, int64_t), const void* context) {
  if (n <= 0) return;
  const int64_t most = (n - 1) / std::max<int64_t>(grain, 1) + 1;
  const int64_t chunks = most == 1 ? 1 : std::min<int64_t>(threadCount(), most);
  if (chunks <= 1) return body(context, 0, n);
  struct Chunks {
    void (*body)(const void*, int64_t, int64_t);
    const void* context;
    int64_t n, chunks;
  } of{body, context, n, chunks};
  runTasks(
      [](void* opaque, int index) {
        const Chunks& c = *static_cast<Chunks*>(opaque);
        c.body(c.context, c.n * index / c.chunks, c.n * (index + 1) / c.chunks);
      },
      &of, static_cast<int>(chunks));
}

}  // namespace flambeau
