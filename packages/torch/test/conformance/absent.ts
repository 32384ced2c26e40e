/** What PyTorch's reference has and Flambeau has not, with the reasons: a section of docs/operations.md. */

export interface Absent {
  /** Where the names would be. */
  readonly namespace: "torch" | "Tensor" | "nn" | "nn.parameter" | "nn.utils" | "utils.dlpack";
  readonly names: readonly string[];
  readonly reason: string;
}

export const absent: readonly Absent[] = [
  {
    namespace: "torch",
    names: ["fromNumpy", "fromDlpack", "toDlpack"],
    reason: "Libraries of Python; `fromTypedArray`, `frombuffer` and `torch.numpy.load` take their place.",
  },
  { namespace: "utils.dlpack", names: ["fromDlpack", "toDlpack"], reason: "As above." },
  {
    namespace: "Tensor",
    names: ["numpy"],
    reason: "As above; `asTypedArray` shares the memory, `toTypedArray` copies it.",
  },
  {
    namespace: "Tensor",
    names: ["storageType"],
    reason: "Storages with a dtype are deprecated; `untypedStorage` gives the bytes.",
  },
  {
    namespace: "torch",
    names: ["TypedStorage", "FloatStorage", "DoubleStorage", "LongStorage", "IntStorage", "ByteStorage", "BoolStorage"],
    reason: "As above.",
  },
  {
    namespace: "torch",
    names: [
      "FloatTensor",
      "DoubleTensor",
      "HalfTensor",
      "LongTensor",
      "IntTensor",
      "ShortTensor",
      "ByteTensor",
      "BoolTensor",
    ],
    reason: "Older constructors; `torch.tensor` and `torch.empty` with a dtype.",
  },
  { namespace: "torch", names: ["compiledWithCxx11Abi"], reason: "About the compiler that PyTorch was built with." },
  {
    namespace: "torch",
    names: ["compile"],
    reason: "Operations run as they are called; `fx.capture` gives a program as data.",
  },
  {
    namespace: "torch",
    names: ["eig", "lstsq", "solve", "matrixRank"],
    reason: "PyTorch has taken them away; they are in `linalg`.",
  },
  { namespace: "Tensor", names: ["eig", "lstsq", "solve"], reason: "As above." },
  { namespace: "nn.utils", names: ["clipGradNorm"], reason: "Deprecated; `clipGradNorm_`." },
  { namespace: "nn", names: ["DataParallel"], reason: "For several GPUs; on a CPU it is the module itself." },
  {
    namespace: "nn.parameter",
    names: ["UninitializedParameter", "UninitializedBuffer"],
    reason: "What lazy modules hold before their first call is theirs alone.",
  },
  {
    namespace: "Tensor",
    names: ["cuda", "ipu", "xpu", "isMps", "isXpu", "recordStream", "toMkldnn"],
    reason: "Of other devices, and of memory in another library's order.",
  },
  {
    namespace: "Tensor",
    names: ["names", "rename", "rename_", "refineNames", "alignTo", "alignAs", "hasNames"],
    reason: "Dims with names, a prototype that PyTorch no longer develops.",
  },
  {
    namespace: "torch",
    names: [
      "sparseCooTensor",
      "sparseCsrTensor",
      "sparseCscTensor",
      "sparseBsrTensor",
      "sparseBscTensor",
      "hspmm",
      "smm",
    ],
    reason: "Sparse tensors.",
  },
  {
    namespace: "Tensor",
    names: ["toSparse", "toDense", "coalesce", "indices", "values", "sparseDim", "denseDim", "sparseMask"],
    reason: "Sparse tensors.",
  },
  {
    namespace: "torch",
    names: ["quantizePerTensor", "quantizePerChannel", "fakeQuantizePerTensorAffine", "fakeQuantizePerChannelAffine"],
    reason: "Quantized tensors.",
  },
  {
    namespace: "Tensor",
    names: ["dequantize", "intRepr", "qScale", "qZeroPoint", "qscheme"],
    reason: "Quantized tensors.",
  },
  { namespace: "Tensor", names: ["toPaddedTensor"], reason: "Nested tensors." },
];

/** The lines of the section. */
export function section(list: readonly Absent[]): string[] {
  const rows = list.map(({ namespace, names, reason }) => {
    const before = namespace === "torch" ? "" : `${namespace}.`;
    return `| ${names.map((name) => `\`${before}${name}\``).join(", ")} | ${reason} |`;
  });
  return [
    "## Not here, and why",
    "",
    "All else that PyTorch's reference lists for dense tensors on a CPU has a row above. `Tensor.storage` is the memory itself, as",
    "the library uses it; `untypedStorage()` gives the object that PyTorch has.",
    "",
    "| name | reason |",
    "| --- | --- |",
    ...rows,
    "",
  ];
}
