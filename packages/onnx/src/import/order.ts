/** The order in which nodes can run. */
import type { GraphProto, NodeProto } from "onnx-buf";
import { nodeLabel } from "./values.js";

/** The names that a node reads: its inputs, and what the graphs inside of it take from around them. */
function* readsOf(node: NodeProto): Generator<string> {
  yield* node.input;
  for (const { g, graphs } of node.attribute) {
    if (g !== undefined) yield* freeNamesOf(g);
    for (const graph of graphs) yield* freeNamesOf(graph);
  }
}

/** The names that a graph reads and does not define. */
function freeNamesOf(graph: GraphProto): Set<string> {
  const own = new Set<string>();
  for (const { name } of [...graph.input, ...graph.initializer]) own.add(name);
  for (const { output } of graph.node) for (const name of output) own.add(name);
  const read = new Set<string>();
  for (const node of graph.node) for (const name of readsOf(node)) if (!own.has(name)) read.add(name);
  for (const { name } of graph.output) if (!own.has(name)) read.add(name);
  return read;
}

/**
 * The nodes of a graph, each behind those that make what it reads; in the order of the file, if that is such an order.
 *
 * @throws Error for nodes that wait for each other.
 */
export function inOrder(nodes: readonly NodeProto[]): readonly NodeProto[] {
  const makers = new Map<string, number>();
  for (const [i, { output }] of nodes.entries()) for (const name of output) if (name !== "") makers.set(name, i);
  const users: number[][] = nodes.map(() => []);
  const waiting = new Array<number>(nodes.length).fill(0);
  let isOrdered = true;
  for (const [i, node] of nodes.entries()) {
    for (const name of new Set(readsOf(node))) {
      const maker = makers.get(name);
      if (maker === undefined) continue;
      users[maker]?.push(i);
      waiting[i] = (waiting[i] as number) + 1;
      if (maker >= i) isOrdered = false;
    }
  }
  if (isOrdered) return nodes;
  const ready = nodes.map((_, i) => i).filter((i) => waiting[i] === 0);
  for (let at = 0; at < ready.length; at++) {
    for (const user of users[ready[at] as number] as number[]) {
      waiting[user] = (waiting[user] as number) - 1;
      if (waiting[user] === 0) ready.push(user);
    }
  }
  const stuck = nodes.find((_, i) => (waiting[i] as number) > 0);
  if (stuck !== undefined) {
    throw new Error(`${nodeLabel(stuck.name, stuck.opType)} waits for its own result: there is a cycle in the graph`);
  }
  return ready.map((i) => nodes[i] as NodeProto);
}
