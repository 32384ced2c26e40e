/** `torch.memory`: how much memory tensors take. */
export { emptyCache, type MemoryStats, resetPeakMemoryStats, stats } from "./cpu/memory/buffers.js";
