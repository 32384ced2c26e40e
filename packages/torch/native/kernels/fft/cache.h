// Plans that are kept for the next transform of the same length.
#pragma once
#include <algorithm>
#include <list>
#include <memory>

#include "runtime/mutex.h"

namespace flambeau::fft {

// Bytes of plans of one kind that are kept; those that were not asked for the longest go first.
constexpr int64_t kCachedBytes = int64_t{4} << 20;

// The plan for a length, which lives on while it is used, kept or not.
template <class Plan>
std::shared_ptr<const Plan> planOf(int64_t n) {
  static Mutex& mutex = *new Mutex;
  static auto& kept = *new std::list<std::shared_ptr<const Plan>>;
  {
    const Lock lock(mutex);
    const auto found = std::find_if(kept.begin(), kept.end(), [n](const auto& plan) { return plan->length() == n; });
    if (found != kept.end()) {
      kept.splice(kept.begin(), kept, found);
      return kept.front();
    }
  }
  // Made without the lock, since a plan may need others.
  auto plan = std::make_shared<const Plan>(n);
  const Lock lock(mutex);
  kept.push_front(plan);
  int64_t bytes = 0;
  for (auto it = kept.begin(); it != kept.end();) {
    bytes += (*it)->bytes();
    it = bytes > kCachedBytes ? kept.erase(it) : std::next(it);
  }
  return plan;
}

}  // namespace flambeau::fft
