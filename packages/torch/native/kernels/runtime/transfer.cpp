// Between files and memory, by all threads at once: most of the time is spent on fresh pages of memory and on copies,
// which threads share. The checksum is taken of each piece while it is in the caches.
#if defined(__linux__) || defined(__APPLE__)
#define FLAMBEAU_HAS_FILES 1
#include <fcntl.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cerrno>
#include <vector>

#include "kernels/kernel.h"
#include "kernels/runtime/crc32.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

#if FLAMBEAU_HAS_FILES
constexpr size_t kPiece = size_t{1} << 20;
constexpr int kMaxThreads = 8;

struct Piece {
  size_t done = 0;
  uint32_t checksum = 0;
};

// One transfer, piece by piece in the order in which threads come for them.
class Transfer {
 public:
  Transfer(Params& params, bool writes)
      : descriptor_(static_cast<int>(params.integer())),
        bytes_(params.pointer()),
        count_(static_cast<size_t>(params.integer())),
        position_(params.integer()),
        sums_(params.flag()),
        writes_(writes),
        pieces_((count_ + kPiece - 1) / kPiece) {}

  // Results: how many bytes came over before the first that did not, and the checksum of what came before and these.
  void run(uint32_t before, Params& params) {
    const int tasks = static_cast<int>(std::min<size_t>({size_t(threadCount()), pieces_.size(), size_t{kMaxThreads}}));
    const auto task = [](void* context, int) { static_cast<Transfer*>(context)->work(); };
    if (tasks > 1) runTasks(task, this, tasks);
    else work();
    size_t done = 0;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      done += pieces_[i].done;
      if (sums_) before = crc32Joined(before, pieces_[i].checksum, pieces_[i].done);
      if (pieces_[i].done < sizeOf(i)) break;
    }
    params.result(0, static_cast<double>(done));
    params.result(1, before);
  }

 private:
  size_t sizeOf(size_t piece) const { return std::min(kPiece, count_ - piece * kPiece); }

  void work() {
    for (size_t i = next_++; i < pieces_.size() && !failed_; i = next_++) {
      char* bytes = bytes_ + i * kPiece;
      // A thread that reads sums what came, one that writes what it is about to write, in the caches both.
      if (writes_ && sums_) pieces_[i].checksum = crc32After(0, bytes, sizeOf(i));
      pieces_[i].done = move(bytes, sizeOf(i), position_ + static_cast<int64_t>(i * kPiece));
      if (!writes_ && sums_) pieces_[i].checksum = crc32After(0, bytes, pieces_[i].done);
      if (pieces_[i].done == sizeOf(i)) continue;
      failed_ = true;
      if (writes_ && sums_) pieces_[i].checksum = crc32After(0, bytes, pieces_[i].done);
    }
  }

  size_t move(char* bytes, size_t count, int64_t position) const {
    size_t done = 0;
    while (done < count) {
      const auto at = static_cast<off_t>(position + static_cast<int64_t>(done));
      const ssize_t moved = writes_ ? pwrite(descriptor_, bytes + done, count - done, at)
                                    : pread(descriptor_, bytes + done, count - done, at);
      if (moved < 0 && errno == EINTR) continue;
      if (moved <= 0) break;
      done += static_cast<size_t>(moved);
    }
#if defined(__linux__)
    // The disk begins to write while the next piece is copied, so that less is left to wait for in the end.
    if (writes_ && count == kPiece) sync_file_range(descriptor_, position, count, SYNC_FILE_RANGE_WRITE);
#endif
    return done;
  }

  const int descriptor_;
  char* const bytes_;
  const size_t count_;
  const int64_t position_;
  const bool sums_;
  const bool writes_;
  std::vector<Piece> pieces_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
};

void transfer(Params& params, bool writes) {
  Transfer transfer(params, writes);
  const auto before = static_cast<uint32_t>(params.integer());
  transfer.run(before, params);
}
#else
// Nothing comes over: the caller goes the way that the host has.
void transfer(Params& params, bool) {
  for (int i = 0; i < 5; ++i) params.number();
  const double before = params.number();
  params.result(0, 0);
  params.result(1, before);
}
#endif

}  // namespace

// (descriptor, address, count, position in the file, whether to sum, checksum before) -> bytes that came over, checksum.
FLAMBEAU_KERNEL(readFile) { transfer(params, false); }
FLAMBEAU_KERNEL(writeFile) { transfer(params, true); }

}  // namespace flambeau
