// The WebAssembly layer: what addon/addon.cpp is for Node, as a module that asks two functions of its host.
//
// Addresses are offsets in the memory of the module, which may grow while a kernel or an allocation runs: views of it,
// that of the argument block too, have to be made anew then. There is one thread, and no finalizer: the host frees.
#include <cstdlib>
#include <new>

#include "kernels/kernel.h"
#include "runtime/allocator.h"
#include "runtime/threads.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("host"), import_name(name)))

namespace flambeau {
namespace {

alignas(64) double block[kParamSlots];

}  // namespace

extern "C" {

// They throw, and put the stack pointer back to where it was before the call of the module.
[[noreturn]] IMPORT("refuse") void hostRefuse(const char* reason);
[[noreturn]] IMPORT("refuseMemory") void hostRefuseMemory();

// The argument block, and its length.
EXPORT("params") double* paramsAddress() { return block; }
EXPORT("paramSlots") int paramSlots() { return kParamSlots; }

// The kernels are a list, which ends with 0.
EXPORT("firstKernel") const KernelRegistration* firstKernel() { return KernelRegistration::first; }
EXPORT("nextKernel") const KernelRegistration* nextKernel(const KernelRegistration* kernel) { return kernel->next; }
EXPORT("kernelName") const char* kernelName(const KernelRegistration* kernel) { return kernel->name; }
EXPORT("run") void run(const KernelRegistration* kernel) {
  Params params(block);
  kernel->run(params);
}

// The address of a buffer of so many bytes, for `free` to give back.
EXPORT("allocate") void* allocate(double nbytes) {
  if (!(nbytes >= 0 && nbytes < 0x1p53)) refuseMemory();
  return allocateBuffer(static_cast<uint64_t>(nbytes));
}
EXPORT("free") void freeBuffer(void* buffer) { releaseBuffer(buffer); }

// What is kept for a thread stays with the only one.
int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }

}  // extern "C"

void refuse(const char* reason) { hostRefuse(reason); }
void refuseMemory() { hostRefuseMemory(); }

int threadCount() { return 1; }
void setThreadCount(int) {}
void setOwnThreadCount(int) {}
void stopThreads() {}
void runTasks(void (*task)(void*, int), void* context, int tasks) {
  for (int i = 0; i < tasks; ++i) task(context, i);
}

}  // namespace flambeau

// Those of the library end the program where there is no room.
void* operator new(size_t nbytes) {
  void* memory = std::malloc(nbytes > 0 ? nbytes : 1);
  if (memory == nullptr) flambeau::refuseMemory();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
