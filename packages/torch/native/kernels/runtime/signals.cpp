// Signals that a program asks about from time to time: a loop that never comes back to the event loop sees them, too.
#include "kernels/kernel.h"

#if !defined(_WIN32) && !defined(__wasm__)
#define FLAMBEAU_SIGNALS 1
#include <csignal>
#endif

namespace flambeau {
namespace {

#if FLAMBEAU_SIGNALS
constexpr int kSignals = 65;

volatile std::sig_atomic_t received = 0;
struct sigaction before[kSignals];

// Notes the signal, and calls who listened before. A second one does what it would have done without all this: Node has
// a handler, good for one time, that ends the process.
void note(int signal, siginfo_t* info, void* context) {
  received = signal;
  const struct sigaction& other = before[signal];
  sigaction(signal, &other, nullptr);
  if (other.sa_flags & SA_RESETHAND) return;
  if (other.sa_flags & SA_SIGINFO) {
    other.sa_sigaction(signal, info, context);
  } else if (other.sa_handler != SIG_DFL && other.sa_handler != SIG_IGN) {
    other.sa_handler(signal);
  }
}
#endif

}  // namespace

// (number of a signal): notes the next one of that kind.
FLAMBEAU_KERNEL(watchSignal) {
  const auto signal = params.integer();
#if FLAMBEAU_SIGNALS
  if (signal <= 0 || signal >= kSignals) return;
  struct sigaction present = {};
  sigaction(static_cast<int>(signal), nullptr, &present);
  if ((present.sa_flags & SA_SIGINFO) && present.sa_sigaction == note) return;
  before[signal] = present;
  struct sigaction action = {};
  action.sa_sigaction = note;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(static_cast<int>(signal), &action, nullptr);
#endif
}

// (number of a signal): leaves it to who had it before.
FLAMBEAU_KERNEL(unwatchSignal) {
  const auto signal = params.integer();
#if FLAMBEAU_SIGNALS
  if (signal <= 0 || signal >= kSignals) return;
  struct sigaction present = {};
  sigaction(static_cast<int>(signal), nullptr, &present);
  if ((present.sa_flags & SA_SIGINFO) && present.sa_sigaction == note) {
    sigaction(static_cast<int>(signal), &before[signal], nullptr);
  }
#endif
}

// -> the number of the signal that came, or 0.
FLAMBEAU_KERNEL(receivedSignal) {
#if FLAMBEAU_SIGNALS
  params.result(0, received);
#else
  params.result(0, 0);
#endif
}

}  // namespace flambeau
