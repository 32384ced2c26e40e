// The Node-API layer: exports every registered kernel, and the few functions that tie buffers to JavaScript
// objects. It holds no arithmetic.
//
// A buffer is freed inside the garbage collector, also in a synchronous loop that never returns to the event
// loop: that is what NAPI_EXPERIMENTAL's basic finalizers are for.
#define NAPI_EXPERIMENTAL
#include <node_api.h>

#if defined(__APPLE__)
#include <dlfcn.h>
#endif

#include <atomic>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "kernels/kernel.h"
#include "runtime/allocator.h"
#include "runtime/lending.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// One for each environment (main thread, worker threads): calls of different threads never share a block.
struct Environment {
  double* params;
};

struct ExportedKernel {
  KernelFunction run;
  Environment* environment;
};

Environment* environmentOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

void throwNoMemory(napi_env env) { napi_throw_range_error(env, nullptr, "not enough memory"); }

// Throws what Node-API says of its last call, unless that or an earlier one has thrown.
napi_value throwLastError(napi_env env) {
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  const char* message = info != nullptr ? info->error_message : nullptr;
  if (!isPending) napi_throw_error(env, nullptr, message != nullptr ? message : "a call of Node-API failed");
  return nullptr;
}

napi_value callKernel(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const auto* exported = static_cast<ExportedKernel*>(data);
  try {
    Params params(exported->environment->params);
    exported->run(params);
  } catch (const std::bad_alloc&) {
    throwNoMemory(env);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

// Bytes of the buffers that objects of this thread own.
thread_local int64_t ownedBytes = 0;

// The collector is told of a part alone: it begins to look for all garbage with each 64 MB more, and what a training step
// keeps until its backward pass is more. The library asks it in time (memory/collection.ts).
constexpr int64_t kPartTold = 16;

void addOwned(node_api_basic_env env, int64_t change) {
  ownedBytes += change;
  int64_t ignored;
  napi_adjust_external_memory(env, change / kPartTold, &ignored);
}

// What a handle stands for: one reference to a buffer, until another handle takes it over.
struct Ownership {
  void* buffer;
};

void finalizeHandle(node_api_basic_env env, void* data, void*) {
  auto* ownership = static_cast<Ownership*>(data);
  if (ownership->buffer != nullptr) {
    addOwned(env, -static_cast<int64_t>(bufferCapacity(ownership->buffer)));
    releaseLater(ownership->buffer);
  }
  delete ownership;
}

// An object that owns one reference to the buffer.
napi_value wrapBuffer(napi_env env, void* buffer) {
  auto* ownership = new (std::nothrow) Ownership{buffer};
  if (ownership == nullptr) throwNoMemory(env);
  napi_value handle;
  if (ownership == nullptr || napi_create_external(env, ownership, finalizeHandle, nullptr, &handle) != napi_ok) {
    delete ownership;
    releaseBuffer(buffer);
    return throwLastError(env);
  }
  addOwned(env, static_cast<int64_t>(bufferCapacity(buffer)));
  return handle;
}

double asNumber(const void* address) { return static_cast<double>(reinterpret_cast<uintptr_t>(address)); }

void* addressIn(const double* slot) { return reinterpret_cast<void*>(static_cast<uintptr_t>(*slot)); }

// allocate(): slot 1 holds the size in bytes and takes the address; returns the owner of the buffer.
napi_value allocate(napi_env env, napi_callback_info) {
  double* params = environmentOf(env)->params;
  releaseDeferred();
  try {
    void* buffer = allocateBuffer(static_cast<size_t>(params[1]));
    params[1] = asNumber(buffer);
    return wrapBuffer(env, buffer);
  } catch (const std::bad_alloc&) {
    throwNoMemory(env);
    return nullptr;
  }
}

// renew(handle): a handle that owns the buffer in the place of this one, which from now on stands for nothing.
napi_value renew(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value handle;
  napi_get_cb_info(env, info, &argc, &handle, nullptr, nullptr);
  void* data = nullptr;
  if (argc < 1 || napi_get_value_external(env, handle, &data) != napi_ok) {
    napi_throw_type_error(env, nullptr, "renew expects the handle of a buffer");
    return nullptr;
  }
  void* buffer = std::exchange(static_cast<Ownership*>(data)->buffer, nullptr);
  if (buffer == nullptr) {
    napi_throw_error(env, nullptr, "another handle has the buffer");
    return nullptr;
  }
  addOwned(env, -static_cast<int64_t>(bufferCapacity(buffer)));
  return wrapBuffer(env, buffer);
}

// lend(): lends the first bytes (slot 2) of the buffer at slot 1 to so many threads (slot 3); slot 1 takes the token.
napi_value lend(napi_env env, napi_callback_info) {
  double* params = environmentOf(env)->params;
  params[1] = static_cast<double>(
      lendBuffer(addressIn(params + 1), static_cast<size_t>(params[2]), static_cast<int>(params[3])));
  return nullptr;
}

// adopt(): an owner, in this thread, of the buffer that was lent under the token in slot 1; slots 1 and 2 take address
// and size. Throws if there is no such loan, or not any more.
napi_value adopt(napi_env env, napi_callback_info) {
  double* params = environmentOf(env)->params;
  const double token = params[1];
  releaseDeferred();
  const auto lent = token >= 1 && token < 0x1p53 ? adoptBuffer(static_cast<uint64_t>(token)) : std::nullopt;
  if (!lent) {
    napi_throw_error(env, nullptr, "this memory was not lent, or was taken over already");
    return nullptr;
  }
  params[1] = asNumber(lent->buffer);
  params[2] = static_cast<double>(lent->nbytes);
  return wrapBuffer(env, lent->buffer);
}

// countOwners(): slot 1 holds the address of a buffer, and takes the number of references to it.
napi_value countOwners(napi_env env, napi_callback_info) {
  double* params = environmentOf(env)->params;
  params[1] = bufferReferences(addressIn(params + 1));
  return nullptr;
}

// countOwned(): slot 1 takes the bytes of the buffers that objects of this thread own.
napi_value countOwned(napi_env env, napi_callback_info) {
  environmentOf(env)->params[1] = static_cast<double>(ownedBytes);
  return nullptr;
}

// arrayBuffer(): an ArrayBuffer over the buffer at slot 1 with the length in slot 2; it shares the memory
// and holds its own reference for as long as any thread can see it.
napi_value arrayBuffer(napi_env env, napi_callback_info) {
  const double* params = environmentOf(env)->params;
  void* buffer = addressIn(params + 1);
  retainBuffer(buffer);
  napi_value result;
  const auto release = [](node_api_basic_env, void*, void* hint) { releaseBuffer(hint); };
  if (napi_create_external_arraybuffer(env, buffer, static_cast<size_t>(params[2]), release, buffer, &result) !=
      napi_ok) {
    releaseBuffer(buffer);
    return throwLastError(env);
  }
  return result;
}

// locate(typedArray): slot 1 takes the address of its first byte.
napi_value locate(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value array;
  napi_get_cb_info(env, info, &argc, &array, nullptr, nullptr);
  void* data = nullptr;
  if (argc < 1 || napi_get_typedarray_info(env, array, nullptr, nullptr, &data, nullptr, nullptr) != napi_ok) {
    napi_throw_type_error(env, nullptr, "locate expects a typed array");
    return nullptr;
  }
  environmentOf(env)->params[1] = asNumber(data);
  return nullptr;
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback, void* data) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function) != napi_ok ||
      napi_set_named_property(env, exports, name, function) != napi_ok) {
    throwLastError(env);
  }
}

// Environments that use the library; it stays loaded when the last of them ends, but keeps neither threads nor memory.
std::atomic<int> environments{0};

void releaseEnvironment(napi_env, void* data, void* hint) {
  auto* environment = static_cast<Environment*>(data);
  releaseBuffer(environment->params);
  delete static_cast<std::vector<ExportedKernel>*>(hint);
  delete environment;
  if (environments.fetch_sub(1) == 1) stopThreads();
  releaseDeferred();
  trimBuffers();
}

// Threads of the pool run in the library's code, so it must never be unloaded, as Node does when a worker ends that
// was the last to have it. On Linux the linker's `-z nodelete` says so.
void stayLoaded() {
#if defined(__APPLE__)
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&stayLoaded), &self) != 0) dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
#endif
}

napi_value initialize(napi_env env, napi_value exports) {
  auto* environment = new Environment{static_cast<double*>(allocateBuffer(kParamSlots * sizeof(double)))};
  auto* kernels = new std::vector<ExportedKernel>;
  int count = 0;
  for (auto* k = KernelRegistration::first; k != nullptr; k = k->next) ++count;
  kernels->reserve(count);
  for (auto* k = KernelRegistration::first; k != nullptr; k = k->next) {
    kernels->push_back({k->run, environment});
    define(env, exports, k->name, callKernel, &kernels->back());
  }
  stayLoaded();
  environments.fetch_add(1);
  napi_set_instance_data(env, environment, releaseEnvironment, kernels);

  define(env, exports, "allocate", allocate, nullptr);
  define(env, exports, "renew", renew, nullptr);
  define(env, exports, "lend", lend, nullptr);
  define(env, exports, "adopt", adopt, nullptr);
  define(env, exports, "countOwners", countOwners, nullptr);
  define(env, exports, "countOwned", countOwned, nullptr);
  define(env, exports, "arrayBuffer", arrayBuffer, nullptr);
  define(env, exports, "locate", locate, nullptr);

  napi_value exactBuffers;
  napi_get_boolean(env, kExactBuffers, &exactBuffers);
  napi_set_named_property(env, exports, "exactBuffers", exactBuffers);

  retainBuffer(environment->params);
  napi_value params;
  const auto release = [](node_api_basic_env, void*, void* hint) { releaseBuffer(hint); };
  if (napi_create_external_arraybuffer(env, environment->params, kParamSlots * sizeof(double), release,
                                       environment->params, &params) != napi_ok) {
    releaseBuffer(environment->params);
    return throwLastError(env);
  }
  napi_set_named_property(env, exports, "params", params);
  return exports;
}

}  // namespace
}  // namespace flambeau

NAPI_MODULE_INIT() { return flambeau::initialize(env, exports); }
