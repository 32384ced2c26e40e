/** The namespace `torch`: tensors, the functions on them, and the namespaces of the rest. */
export * as amp from "./amp/index.js";
export { isWarnAlwaysEnabled, setWarnAlways } from "./arguments/warn.js";
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from "./autograd/modes.js";
export * as autograd from "./autograd.js";
export { Generator } from "./backend/generator.js";
export { getNumThreads, setNumThreads } from "./backend/threads.js";
export { Complex } from "./core/complex.js";
export { backends, cuda, type Device } from "./core/devices.js";
export {
  bfloat16,
  bool,
  canCast,
  cdouble,
  cfloat,
  chalf,
  complex32,
  complex64,
  complex128,
  DType,
  double,
  float,
  float16,
  float32,
  float64,
  getDefaultDtype,
  half,
  int,
  int8,
  int16,
  int32,
  int64,
  long,
  promoteTypes,
  setDefaultDtype,
  setDefaultTensorType,
  short,
  type TypedArray,
  uint8,
} from "./core/dtype.js";
export { type FloatInfo, finfo, type IntegerInfo, iinfo } from "./core/limits.js";
export { resultType } from "./core/promotion.js";
export {
  areDeterministicAlgorithmsEnabled,
  type DeterministicDebugMode,
  type Float32MatmulPrecision,
  getDeterministicDebugMode,
  getFloat32MatmulPrecision,
  getNumInteropThreads,
  isDeterministicAlgorithmsWarnOnlyEnabled,
  setDeterministicDebugMode,
  setFloat32MatmulPrecision,
  setFlushDenormal,
  setNumInteropThreads,
  useDeterministicAlgorithms,
} from "./core/settings.js";
export { Tensor } from "./core/tensor.js";
export type { Scalar } from "./core/view.js";
export * as distributions from "./distributions/index.js";
export * as fft from "./fft.js";
export * as func from "./func.js";
export * as hub from "./hub/index.js";
export * as linalg from "./linalg.js";
export * as masked from "./masked.js";
export { type PrintSettings, setPrintoptions } from "./members/printing.js";
export * as memory from "./memory.js";
export * as nn from "./nn/index.js";
export { relu_, rrelu, rrelu_, threshold, threshold_ } from "./ops/activation/rectified.js";
export { celu, celu_, selu, selu_ } from "./ops/activation/smooth.js";
export {
  autocast,
  clearAutocastCache,
  getAutocastCpuDtype,
  getAutocastDtype,
  isAutocastCacheEnabled,
  isAutocastCpuEnabled,
  isAutocastEnabled,
} from "./ops/autocast.js";
export { deepcopy } from "./ops/creation/deepcopy.js";
export { fill_, zero_ } from "./ops/creation/memory.js";
export { channelsLast, channelsLast3d, contiguousFormat, preserveFormat } from "./ops/creation/memoryFormat.js";
export { isStorage, UntypedStorage } from "./ops/creation/untypedStorage.js";
export { device, getDefaultDevice, setDefaultDevice } from "./ops/devices.js";
export * from "./ops/functions.js";
export { bilinear } from "./ops/linear/linear.js";
export { batchNorm, instanceNorm } from "./ops/norm/batchNorm.js";
export { groupNorm } from "./ops/norm/groupNorm.js";
export { layerNorm, rmsNorm } from "./ops/norm/rowNorm.js";
export { constantPadNd } from "./ops/pad/pad.js";
export { cosineSimilarity, pairwiseDistance } from "./ops/products/vectorDistances.js";
export * as ops from "./ops.js";
export * as optim from "./optim/index.js";
export * as profiler from "./profiler/index.js";
export * as random from "./random.js";
export { getRngState, initialSeed, manualSeed, seed, setRngState } from "./random.js";
export { fromFile } from "./serialization/fromFile.js";
export * as serialization from "./serialization/index.js";
export { load } from "./serialization/load.js";
export * as numpy from "./serialization/numpy/index.js";
export * as safetensors from "./serialization/safetensors/index.js";
export { save } from "./serialization/save.js";
export * as signal from "./signal.js";
export * as special from "./special.js";
export * as testing from "./testing.js";
export * as fx from "./transforms/index.js";
export { vmap } from "./transforms/vmap.js";
export * as utils from "./utils.js";
