/** `torch.utils`: tools around training. */
export * as data from "./data/index.js";
export * as flopCounter from "./profiler/flopCounter.js";
