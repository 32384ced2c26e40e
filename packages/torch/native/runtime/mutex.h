// Mutual exclusion, which costs nothing on a target without threads.
#pragma once

#if defined(__wasm__) && !defined(__wasm_atomics__)

namespace flambeau {

class Mutex {};

struct Lock {
  explicit Lock(Mutex&) {}
  ~Lock() {}
};

}  // namespace flambeau

#else

#include <mutex>

namespace flambeau {

using Mutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;

}  // namespace flambeau

#endif
