/**
 * tqdm's part of Flambeau: progress bars for loops.
 *
 * @example
 * import { tqdm } from "@flambeau/tqdm";
 *
 * const bar = tqdm(loader, { desc: "training" });
 * for (const [features, labels] of bar) bar.setPostfix({ loss: train(features, labels) });
 */
export type { Output } from "./display.js";
export { formatInterval, formatMeter, formatNumber, formatSize, type Meter } from "./meter.js";
export { type Postfix, type Tqdm, type TqdmOptions, tqdm, trange } from "./tqdm.js";
