#include "runtime/lending.h"

#include <mutex>
#include <random>
#include <unordered_map>

#include "runtime/allocator.h"

namespace flambeau {
namespace {

// Tokens travel as doubles, which are exact up to here.
constexpr uint64_t kLargestToken = (uint64_t{1} << 53) - 1;

struct Loan {
  LentBuffer lent;
  int receivers;
};

class Loans {
 public:
  uint64_t add(const LentBuffer& lent, int receivers) {
    const std::lock_guard lock(mutex_);
    uint64_t token = draw_(source_);
    while (!open_.try_emplace(token, Loan{lent, receivers}).second) token = draw_(source_);
    for (int i = 0; i < receivers; ++i) retainBuffer(lent.buffer);
    return token;
  }

  std::optional<LentBuffer> take(uint64_t token) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(token);
    if (found == open_.end()) return std::nullopt;
    const LentBuffer lent = found->second.lent;
    if (--found->second.receivers == 0) open_.erase(found);
    return lent;
  }

 private:
  std::mutex mutex_;
  std::random_device source_;
  std::uniform_int_distribution<uint64_t> draw_{1, kLargestToken};
  std::unordered_map<uint64_t, Loan> open_;
};

// Never destroyed, as the allocator.
Loans& loans() {
  static Loans& instance = *new Loans;
  return instance;
}

}  // namespace

uint64_t lendBuffer(void* buffer, size_t nbytes, int receivers) { return loans().add({buffer, nbytes}, receivers); }
std::optional<LentBuffer> adoptBuffer(uint64_t token) { return loans().take(token); }

}  // namespace flambeau
