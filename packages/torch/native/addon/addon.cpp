// The Node-API layer: exports every registered kernel, and the few functions that tie buffers to JavaScript
// objects. It holds no arithmetic.
//
// A buffer is freed inside the garbage collector, also in a synchronous loop that never returns to the event
// loop: that is what NAPI_EXPERIMENTAL's basic finalizers are for, and napi_adjust_external_memory tells the
// collector of every byte.
#define NAPI_EXPERIMENTAL
#include <node_api.h>

#if defined(__APPLE__)
#include <dlfcn.h>
#endif

#include <atomic>
#include <exception>
#include <vector>

#include "kernels/kernel.h"
#include "runtime/allocator.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr size_t kParamSlots = 8192;

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

napi_value callKernel(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const auto* exported = static_cast<ExportedKernel*>(data);
  try {
    Params params(exported->environment->params);
    exported->run(params);
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, nullptr, "not enough memory");
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

void adjustExternalMemory(node_api_basic_env env, int64_t change) {
  int64_t ignored;
  napi_adjust_external_memory(env, change, &ignored);
}

void finalizeBuffer(node_api_basic_env env, void* buffer, void*) {
  adjustExternalMemory(env, -static_cast<int64_t>(bufferCapacity(buffer)));
  releaseBuffer(buffer);
}

// An object that owns one reference to the buffer.
napi_value wrapBuffer(napi_env env, void* buffer) {
  napi_value handle;
  if (napi_create_external(env, buffer, finalizeBuffer, nullptr, &handle) != napi_ok) {
    releaseBuffer(buffer);
    return nullptr;
  }
  adjustExternalMemory(env, static_cast<int64_t>(bufferCapacity(buffer)));
  return handle;
}

// allocate(): slot 1 holds the size in bytes and takes the address; returns the owner of the buffer.
napi_value allocate(napi_env env, napi_callback_info) {
  double* params = environmentOf(env)->params;
  try {
    void* buffer = allocateBuffer(static_cast<size_t>(params[1]));
    params[1] = static_cast<double>(reinterpret_cast<uintptr_t>(buffer));
    return wrapBuffer(env, buffer);
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, nullptr, "not enough memory");
    return nullptr;
  }
}

void* addressParam(napi_env env) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(environmentOf(env)->params[1]));
}

// retain(): adds a reference to the buffer whose address is in slot 1, to be adopted by another thread.
napi_value retain(napi_env env, napi_callback_info) {
  retainBuffer(addressParam(env));
  return nullptr;
}

// adopt(): an owner, in this thread, of a reference that `retain` added.
napi_value adopt(napi_env env, napi_callback_info) { return wrapBuffer(env, addressParam(env)); }

// arrayBuffer(): an ArrayBuffer over the buffer at slot 1 with the length in slot 2; it shares the memory
// and holds its own reference for as long as any thread can see it.
napi_value arrayBuffer(napi_env env, napi_callback_info) {
  void* buffer = addressParam(env);
  const auto nbytes = static_cast<size_t>(environmentOf(env)->params[2]);
  retainBuffer(buffer);
  napi_value result;
  const auto release = [](node_api_basic_env, void*, void* hint) { releaseBuffer(hint); };
  if (napi_create_external_arraybuffer(env, buffer, nbytes, release, buffer, &result) != napi_ok) {
    releaseBuffer(buffer);
    napi_throw_error(env, nullptr, "this runtime does not share native memory with ArrayBuffers");
    return nullptr;
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
  environmentOf(env)->params[1] = static_cast<double>(reinterpret_cast<uintptr_t>(data));
  return nullptr;
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback, void* data) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  napi_set_named_property(env, exports, name, function);
}

// Environments that use the library; it stays loaded when the last of them ends, but keeps neither threads nor memory.
std::atomic<int> environments{0};

void releaseEnvironment(napi_env, void* data, void* hint) {
  auto* environment = static_cast<Environment*>(data);
  releaseBuffer(environment->params);
  delete static_cast<std::vector<ExportedKernel>*>(hint);
  delete environment;
  trimBuffers();
  if (environments.fetch_sub(1) == 1) stopThreads();
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
  define(env, exports, "retain", retain, nullptr);
  define(env, exports, "adopt", adopt, nullptr);
  define(env, exports, "arrayBuffer", arrayBuffer, nullptr);
  define(env, exports, "locate", locate, nullptr);

  retainBuffer(environment->params);
  napi_value params;
  const auto release = [](node_api_basic_env, void*, void* hint) { releaseBuffer(hint); };
  napi_create_external_arraybuffer(env, environment->params, kParamSlots * sizeof(double), release,
                                   environment->params, &params);
  napi_set_named_property(env, exports, "params", params);
  return exports;
}

}  // namespace
}  // namespace flambeau

NAPI_MODULE_INIT() { return flambeau::initialize(env, exports); }
