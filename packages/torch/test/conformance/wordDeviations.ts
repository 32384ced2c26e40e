/**
 * Where a wrong call is refused in other words than PyTorch 1.13.1's, on purpose. The tests fail for what is not listed
 * here, and for a deviation that is listed and does not occur any more.
 */
import type { Deviation } from "./deviations.js";

const LATER = "The words are those of later PyTorch.";

/** Of operations. */
export const operationWords: readonly Deviation[] = [
  {
    operations: [
      ...["histogramdd", "histogram", "histc", "nanmedian", "moveaxis", "linalg.invEx", "linalg.solveEx", "linalg.lu"],
      ...[
        "linalg.choleskyEx",
        "linalg.ldlFactor",
        "linalg.eigvalsh",
        "linalg.matrixExp",
        "fft.fftfreq",
        "fft.rfftfreq",
      ],
      ...["fft.ihfft2", "fft.ihfftn"],
    ],
    difference: /^says "[\w.]+(\(\))?:? /,
    reason: "The name is that of the function which is called, where PyTorch names one within it.",
  },
  {
    operations: [
      ...[
        "addmm",
        "addmv",
        "addr",
        "baddbmm",
        "maskedScatter",
        "maskedSelect",
        "setAt",
        "linalg.solve",
        "linalg.solveEx",
      ],
      ...["linalg.solveTriangular", "triangularSolve", "choleskySolve", "broadcastShapes"],
    ],
    difference: /^says "(output with shape|The size of tensor a|The expanded size)/,
    reason: "What does not broadcast, or not to the shape of a result, is refused in one sentence by all operations.",
  },
  {
    operations: [
      ...["add", "div", "divide", "trueDivide", "square", "bitwiseAnd", "bitwiseOr", "bitwiseXor", "pow", "mvlgamma"],
      "xlogy",
    ],
    difference: /^says "(result type|For integral input tensors)/,
    reason: "Of two mistakes in one call, that of the dtype is named first.",
  },
  {
    operations: [
      ...["F.maxPool1d", "F.avgPool1d", "F.adaptiveAvgPool1d", "F.adaptiveMaxPool1d", "F.maxUnpool1d", "F.maxPool2d"],
      ...["F.avgPool2d", "F.adaptiveAvgPool2d", "F.adaptiveMaxPool2d", "F.maxUnpool2d", "F.maxPool3d", "F.avgPool3d"],
      ...["F.adaptiveAvgPool3d", "F.adaptiveMaxPool3d", "F.maxUnpool3d", "F.fractionalMaxPool2d"],
    ],
    difference: /^says/,
    reason: "Sizes of windows are refused in one sentence by all pooling, whatever the number of dims.",
  },
  {
    operations: ["indexSelect", "indexAdd", "indexCopy"],
    difference: /^says "index \d is out of bounds for dimension 0 with size 3"/,
    reason: "All indexing names the index that is out of range, and the dim.",
  },
  {
    operations: ["diag", "narrow", "item", "norm", "F.groupNorm"],
    difference:
      /Supports 1D or 2D|start out of range|length must be|to Scalar|linalg\.vector_norm|Expected at least 2 dim/,
    reason: LATER,
  },
  {
    operations: [
      "maskedScatter",
      "luUnpack",
      "trilIndices",
      "triuIndices",
      "range",
      "meshgrid",
      "linalg.cond",
      "linalg.pinv",
    ],
    difference: /^says/,
    reason:
      "Slips of the pen are not repeated: blanks that are missing, names of C++ for shapes, a tensor without its letter.",
  },
  {
    operations: [
      "at",
      "setAt",
      "F.pad",
      "asStrided",
      "bartlettWindow",
      "blackmanWindow",
      "hammingWindow",
      "hannWindow",
      "stft",
    ],
    difference: /tensor\.item<T>|torch\.DoubleTensor|itemsize|TensorOptions/,
    reason: "Nothing is said of C++, nor of what a tensor consists of there.",
  },
  {
    operations: [
      "F.ctcLoss",
      "F.conv2d",
      "F.batchNorm",
      "F.instanceNorm",
      "F.groupNorm",
      "F.pad",
      "F.unfold",
      "histogramdd",
    ],
    difference: /^says/,
    reason: "PyTorch fails elsewhere or names other sizes than those of the arguments: the input that it made of them.",
  },
  {
    operations: [
      "fft.irfft",
      "fft.hfft",
      "fft.irfft2",
      "fft.irfftn",
      "fft.hfftn",
      "tensordot",
      "einsum",
      "F.cosineEmbeddingLoss",
      "F.upsampleBilinear",
      "t",
      "permute",
    ],
    difference: /^says/,
    reason:
      "The same is said otherwise: sizes and dims after they were counted from the front, or the first check that fails.",
  },
  {
    operations: [
      ...[
        "linalg.solve",
        "linalg.luSolve",
        "linalg.ldlSolve",
        "linalg.tensorsolve",
        "triangularSolve",
        "choleskySolve",
      ],
      ...["ormqr", "matmul", "addbmm", "F.gridSample", "indexCopy"],
      ...["linalg.matrixNorm", "linalg.norm", "masked.norm"],
    ],
    difference: /^says/,
    reason:
      "Functions of one kind refuse what does not fit in the same words, A and B for the two sides of an equation.",
  },
];

/** Of modules. */
export const moduleWords: readonly Deviation[] = [
  {
    operations: ["Conv1d", "ConvTranspose1d", "MaxPool1d", "AvgPool1d", "LPPool1d", "MaxUnpool1d"],
    difference:
      /dilation should be|output padding must be|Output size is too small|Expected shape of indices|output volumes/,
    reason: "PyTorch makes an image of one row of what has one dim, and speaks of its sizes.",
  },
  {
    operations: ["Conv1d", "Conv2d", "Conv3d"],
    difference: /kernel_size must be one number or \d, got/,
    reason: "The constructor refuses a kernel of other dims; PyTorch's makes a weight that no input fits.",
  },
  {
    operations: ["Unfold"],
    difference: /Dimension out of range|Given input with spatial size \(6, 5\)/,
    reason: "PyTorch asks for a dim before it has counted them, and names the height twice.",
  },
  {
    operations: ["ConstantPad1d", "ConstantPad2d", "ConstantPad3d"],
    difference: /resulted in a negative output size.*Dimension out of range/s,
    reason: "PyTorch cuts before it has looked at what is left.",
  },
  {
    operations: ["EmbeddingBag"],
    difference: /index out of range in self.*enforce fail/s,
    reason: "The words are those that PyTorch has for other dtypes; these are of a library that it uses.",
  },
  { operations: ["Bilinear"], difference: /in1_features must be > 0/, reason: LATER },
  {
    operations: ["RNN", "GRU", "LSTM"],
    difference: /must be greater than zero|Expected input to be 2D or 3D/,
    reason: LATER,
  },
  {
    operations: ["RNN"],
    difference: /unexpected option 'projSize'/,
    reason: "Only an LSTM has the option.",
  },
  {
    operations: ["GroupNorm"],
    difference: /integer modulo by zero/,
    reason: "PyTorch divides before it looks at the number of groups.",
  },
  {
    operations: ["InstanceNorm1d"],
    difference: /running_mean should contain 2 elements not 3/,
    reason: "PyTorch counts the channels of all inputs of the batch.",
  },
  {
    operations: ["AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"],
    difference: /Dimension out of range|Input dimension should be at least/,
    reason: "PyTorch asks for a dim before it has counted them; the words are those of its check.",
  },
  {
    operations: ["AvgPool3d"],
    difference: /Output size is too small.*smaller than kernel size/s,
    reason: "All pooling says in one sentence that no window fits.",
  },
  {
    operations: ["AdaptiveMaxPool2d", "AdaptiveMaxPool3d"],
    difference: /internal error: output_size/,
    reason: "A wrong argument is no internal error.",
  },
  {
    operations: ["MaxUnpool2d", "MaxUnpool3d"],
    difference: /Found an invalid max index/,
    reason: "Where several indices are wrong, the first is named; in PyTorch it depends on the threads.",
  },
  {
    operations: ["Upsample"],
    difference: /Got \dD input, but bilinear mode needs 4D input/,
    reason: "The dims that the mode needs are looked at first.",
  },
  {
    operations: ["Softmax2d", "RNNCell", "GRUCell", "LSTMCell"],
    difference: /[Ee]xpected input to be \dD or \dD, got/,
    reason: LATER,
  },
  {
    operations: ["RNN"],
    difference: /input must have the type torch\.float64, got type torch\.float32/,
    reason: LATER,
  },
  {
    operations: ["RNNCell", "GRUCell", "LSTMCell"],
    difference: /mat1 and mat2 must have the same dtype.*expected scalar type Float but found Double/s,
    reason: "Cells without biases say what those with biases say.",
  },
  {
    operations: ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"],
    difference: /weight should contain \d elements/,
    reason: LATER,
  },
  { operations: ["GroupNorm"], difference: /Expected at least 2 dimensions for input tensor/, reason: LATER },
  {
    operations: ["ReflectionPad2d"],
    difference: /of input 4"$/,
    reason: "PyTorch 1.13 names the number of dims where it means the shape.",
  },
  {
    operations: ["CrossEntropyLoss"],
    difference: /Target 4 is out of bounds.*expected scalar type Long but found Float/s,
    reason: "Class indices may be a floating tensor of whole numbers; one of these is no class.",
  },
  {
    operations: ["ModuleDict", "ParameterDict"],
    difference: /has no key '(c|nothing)'" instead of/,
    reason: "PyTorch's words are the key alone, or speak of the attributes in which it keeps the members.",
  },
  { operations: ["MultiheadAttention"], difference: /embed_dim and num_heads must be greater than 0/, reason: LATER },
  {
    operations: ["MultiheadAttention", "TransformerDecoder", "TransformerDecoderLayer"],
    difference: /must have the same batch size.*shape '.*' is invalid/s,
    reason: "PyTorch does not look at the batches, and fails later for another reason.",
  },
];
