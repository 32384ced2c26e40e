/** `torch.utils`: tools around training. */
export * as data from "./data/index.js";
