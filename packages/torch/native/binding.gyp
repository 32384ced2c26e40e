# One addon for each instruction set, from the same sources, so that no inline function compiled for a newer CPU
# can be linked into the build for an older one; and `cpu`, which tells which of them this machine can run.
#
# What gains nothing from wider vectors (indexing, padding, draws that wait for each other, sorting, the runtime, the
# Node-API layer) is compiled once, for the oldest CPU, and linked into each.
#
# The folders after `--rest` are not in the addon that a first program begins with (build.mjs).
{
  "variables": {
    "kernels": [
      "simd/half.cpp",
      "<!@(node sources.mjs gemm image loss optim pointwise random reduce softmax"
        " --rest attention codec complex conv fft linalg norm pool recurrent resample scan)",
    ],
    "common": [
      "addon/addon.cpp",
      "runtime/allocator.cpp",
      "runtime/chunks.cpp",
      "runtime/lending.cpp",
      "runtime/refuse.cpp",
      "runtime/threads.cpp",
      "<!@(node sources.mjs indexing runtime sampling sort --rest complexlinalg complexmath pad special vision)",
    ],
    # Half the optimizations take a third less time to compile, and lose little where there are no loops over vectors.
    "quick": ["-O1", "-finline-small-functions", "-findirect-inlining", "-fstrict-aliasing", "-fcaller-saves"],
    "wanted": "<!(node -p \"process.env.FLAMBEAU_KERNELS ?? ''\")",
    "sanitize": "<!(node -p \"process.env.FLAMBEAU_SANITIZE ?? ''\")",
  },
  "target_defaults": {
    "include_dirs": ["."],
    "cflags": ["-fPIC"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti", "-O3"],
    "cflags_cc": [
      "-std=c++20", "-O2", "-ftree-vectorize", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math",
      "-fno-semantic-interposition", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-psabi",
      "-Wno-missing-field-initializers", "-Wno-cast-function-type",
    ],
    "conditions": [
      ["OS=='linux'", {"cflags_cc": ["-fvect-cost-model=dynamic"], "ldflags": ["-Wl,-z,nodelete"]}],
      # For a memory checker (tools/sanitize.mjs): any report ends the process, and buffers have their exact size.
      ["sanitize!=''", {
        "defines": ["FLAMBEAU_EXACT_BUFFERS"],
        "cflags_cc": ["-fsanitize=<(sanitize)", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-O1", "-g1"],
        "ldflags": ["-fsanitize=<(sanitize)"],
      }],
    ],
    "ldflags": ["-Wl,--whole-archive"],
    "libraries": ["-Wl,--no-whole-archive"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "MACOSX_DEPLOYMENT_TARGET": "12.0",
      "OTHER_CPLUSPLUSFLAGS": ["-O2", "-fno-math-errno", "-fno-trapping-math"],
      "OTHER_LDFLAGS": ["-Wl,-all_load"],
    },
  },
  "targets": [
    {"target_name": "cpu", "sources": ["addon/cpu.cpp"]},
    {
      "target_name": "common",
      "type": "static_library",
      "sources": ["<@(common)"],
      "conditions": [
        ["OS=='linux'", {"cflags_cc": ["<@(quick)"]}],
        ["wanted=='first'", {"sources": ["addon/first.cpp"]}],
      ],
    },
    {
      "target_name": "portable",
      "sources": ["<@(kernels)"],
      "dependencies": ["common"],
      # On x64 it is for CPUs of before 2013.
      "conditions": [["OS=='linux' and target_arch=='x64'", {"cflags_cc": ["<@(quick)"]}]],
    },
  ],
  "conditions": [
    ["target_arch=='x64' and sanitize==''", {
      "targets": [
        {
          "target_name": "avx2",
          "sources": ["<@(kernels)"],
          "dependencies": ["common"],
          "cflags_cc": ["-mavx2", "-mfma", "-mbmi2", "-mf16c"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma", "-mbmi2", "-mf16c"]},
        },
        {
          "target_name": "avx512",
          "sources": ["<@(kernels)"],
          "dependencies": ["common"],
          "cflags_cc": [
            "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mbmi2", "-mprefer-vector-width=512",
          ],
          "xcode_settings": {
            "OTHER_CPLUSPLUSFLAGS": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"],
          },
        },
      ],
    }],
  ],
}
