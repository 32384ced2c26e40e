// A tiny addon that runs on any CPU: it names the best instruction set the machine has, so that the right
// build of the kernels can be loaded.
#define NAPI_EXPERIMENTAL
#include <node_api.h>

namespace {

const char* instructionSet() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
    return "avx512";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) return "avx2";
#endif
  return "portable";
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value name;
  napi_create_string_utf8(env, instructionSet(), NAPI_AUTO_LENGTH, &name);
  napi_set_named_property(env, exports, "instructionSet", name);
  return exports;
}
