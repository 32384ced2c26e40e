#include "runtime/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace flambeau {
namespace {

// A worker looks for the next job for a while before it sleeps: kernels follow each other within microseconds, and the step
// of a small network leaves it without one for a tenth of a millisecond.
constexpr int kSpins = 8000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Cores this process may run on, which in a container are fewer than the machine has.
int availableCores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

// A job's tasks are handed out by one atomic ticket: the number of tasks in the upper half, that of the next
// one in the lower. A worker that comes late thus sees from the ticket alone that nothing is left, and need not
// be waited for.
class ThreadPool {
 public:
  int count() const { return count_.load(std::memory_order_relaxed); }

  void setCount(int count) {
    const std::lock_guard busy(caller_);
    count_.store(std::max(1, count), std::memory_order_relaxed);
    if (static_cast<int>(workers_.size()) >= count) stop();
  }

  void stopWorkers() {
    const std::lock_guard busy(caller_);
    stop();
  }

  void run(void (*task)(void*, int), void* context, int tasks) {
    std::unique_lock busy(caller_, std::try_to_lock);
    if (!busy.owns_lock() || tasks == 1) {
      for (int i = 0; i < tasks; ++i) task(context, i);
      return;
    }
    grow(std::min(tasks, count()) - 1);
    failure_ = nullptr;
    task_ = task;
    context_ = context;
    finished_.store(0, std::memory_order_relaxed);
    ticket_.store(static_cast<uint64_t>(tasks) << 32, std::memory_order_release);
    wakeWorkers();
    drain();
    for (int spins = 0; finished_.load(std::memory_order_acquire) != tasks; ++spins) {
      if (spins < kSpins) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // Where the system starts no more threads, those that there are do the work, the caller's alone at worst.
  void grow(int wanted) {
    while (static_cast<int>(workers_.size()) < wanted) {
      const uint64_t seen = generation_.load(std::memory_order_relaxed);
      try {
        workers_.emplace_back([this, seen] { work(seen); });
      } catch (const std::system_error&) {
        count_.store(static_cast<int>(workers_.size()) + 1, std::memory_order_relaxed);
        return;
      }
    }
  }

  void stop() {
    stopping_ = true;
    wakeWorkers();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    stopping_ = false;
  }

  void wakeWorkers() {
    {
      const std::lock_guard lock(mutex_);
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
  }

  void drain() {
    for (;;) {
      const uint64_t ticket = ticket_.fetch_add(1, std::memory_order_acq_rel);
      const auto index = static_cast<uint32_t>(ticket);
      if (index >= ticket >> 32) return;
      try {
        task_(context_, static_cast<int>(index));
      } catch (...) {
        std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
      }
      finished_.fetch_add(1, std::memory_order_release);
    }
  }

  void work(uint64_t seen) {
    for (;;) {
      int spins = 0;
      while (generation_.load(std::memory_order_acquire) == seen && spins < kSpins) {
        pause();
        ++spins;
      }
      if (spins == kSpins) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
      }
      seen = generation_.load(std::memory_order_acquire);
      if (stopping_) return;
      drain();
    }
  }

  std::atomic<int> count_{availableCores()};
  std::mutex caller_;  // held by the thread whose job is running, or who starts and stops workers
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<uint64_t> ticket_{0};
  std::atomic<int> finished_{0};
  void (*task_)(void*, int) = nullptr;
  void* context_ = nullptr;
  std::vector<std::thread> workers_;
  bool stopping_ = false;
  std::exception_ptr failure_;
};

// Never destroyed: a process that ends at once leaves its threads where they are.
ThreadPool& pool() {
  static ThreadPool& instance = *new ThreadPool;
  return instance;
}

// The number of a thread that has one of its own.
thread_local int ownCount = 0;

}  // namespace

int threadCount() { return ownCount > 0 ? ownCount : pool().count(); }
void setThreadCount(int count) {
  if (ownCount > 0) return setOwnThreadCount(count);
  pool().setCount(count);
}
void setOwnThreadCount(int count) { ownCount = std::max(1, count); }
void stopThreads() { pool().stopWorkers(); }
void runTasks(void (*task)(void*, int), void* context, int tasks) { pool().run(task, context, tasks); }

}  // namespace flambeau
