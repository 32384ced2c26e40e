/** Watching backward passes from outside: profilers see each node, and modes may keep any tensor they see. */
import type { Node } from "./node.js";

/** Sees the nodes that a backward pass runs; has to call `run`, once. */
export type NodeObserver = (node: Node, run: () => void) => void;

/** What sees each node; undefined while nobody looks. */
export let nodeObserver: NodeObserver | undefined;

/** Lets a function see every node that is run, until the result is disposed of. */
export function observeNodes(see: NodeObserver): Disposable {
  const before = nodeObserver;
  nodeObserver = before === undefined ? see : (node, run) => see(node, () => before(node, run));
  return {
    [Symbol.dispose]: () => {
      nodeObserver = before;
    },
  };
}

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
