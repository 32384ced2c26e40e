/** `torch.utils`: tools around training. */
export * as checkpoint from "./checkpoint/index.js";
export * as data from "./data/index.js";
export * as flopCounter from "./profiler/flopCounter.js";
export type { LayerInfo } from "./profiler/layerInfo.js";
export { type ModelStatistics, type SummaryInputSize, type SummaryOptions, summary } from "./profiler/summary.js";
export type { SummaryColumn, SummaryRowSetting } from "./profiler/summaryTable.js";
export { Checkpointer, type CheckpointerOptions, type Stateful } from "./training/checkpointer.js";
