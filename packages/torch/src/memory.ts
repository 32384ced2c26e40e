/** `torch.memory`: how much memory tensors take, and when it goes back. */
export { emptyCache, type MemoryStats, resetPeakMemoryStats, stats } from "./backend/memory.js";
export { keepsNothing } from "./nn/forward.js";
