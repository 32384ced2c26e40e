/** How much memory tensors take, and when it is looked for. */
export { emptyCache, endStep, type MemoryStats, resetPeakMemoryStats, stats } from "./cpu/memory/buffers.js";
