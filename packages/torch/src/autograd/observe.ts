/** Watching backward passes from outside: profilers see each node, and modes may keep any tensor they see. */
import { Watch } from "../core/watch.js";
import type { Node } from "./node.js";

/** The nodes that backward passes run. */
export const nodeWatch = new Watch<Node, unknown>();

/** How many look on that may keep what they see. */
let keepers = 0;

/** Whether gradients on their way may be kept by somebody who looks on, so that their memory cannot be used again. */
export function gradientsAreSeen(): boolean {
  return keepers > 0;
}

/** Says that somebody may keep gradients that he sees, until the result is disposed of. */
export function keepGradients(): Disposable {
  keepers++;
  return {
    [Symbol.dispose]: () => {
      keepers--;
    },
  };
}
