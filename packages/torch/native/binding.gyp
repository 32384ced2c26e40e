# One complete addon for each instruction set, from the same sources (separate binaries, so that no inline
# function compiled for a newer CPU can be linked into the build for an older one), and `cpu`, which tells
# which of them this machine can run.
{
  "variables": {
    "sources": [
      "addon/addon.cpp",
      "runtime/allocator.cpp",
      "runtime/threads.cpp",
      "<!@(node -p \"require('fs').readdirSync('kernels').filter(f => f.endsWith('.cpp')).map(f => 'kernels/' + f).join(' ')\")",
    ],
  },
  "target_defaults": {
    "include_dirs": ["."],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
    "cflags_cc": [
      "-std=c++20", "-O3", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math", "-fno-semantic-interposition",
      "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-psabi", "-Wno-missing-field-initializers", "-Wno-cast-function-type",
      "<!@(node -p \"process.env.FLAMBEAU_SANITIZE ? '-fsanitize=' + process.env.FLAMBEAU_SANITIZE + ' -g -fno-omit-frame-pointer' : ''\")",
    ],
    "ldflags": ["<!@(node -p \"process.env.FLAMBEAU_SANITIZE ? '-fsanitize=' + process.env.FLAMBEAU_SANITIZE : ''\")"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "MACOSX_DEPLOYMENT_TARGET": "12.0",
      "OTHER_CPLUSPLUSFLAGS": ["-O3", "-fno-math-errno", "-fno-trapping-math"],
    },
  },
  "targets": [
    {"target_name": "cpu", "sources": ["addon/cpu.cpp"]},
    {"target_name": "portable", "sources": ["<@(sources)"]},
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "avx2",
          "sources": ["<@(sources)"],
          "cflags_cc": ["-mavx2", "-mfma", "-mbmi2"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma", "-mbmi2"]},
        },
        {
          "target_name": "avx512",
          "sources": ["<@(sources)"],
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
