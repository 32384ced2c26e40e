/** Models that were changed at random, in their bytes or in what they say. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import { operatorNames } from "../../src/import/operators/table.js";

export type Random = (below: number) => number;

/** Random numbers that are the same each time. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A copy with some bytes changed, taken away or doubled. */
export function changeBytes(file: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(file);
  for (let times = 1 + random(4); times > 0 && bytes.length > 8; times--) {
    const at = random(bytes.length);
    const kind = random(8);
    if (kind < 3) bytes[at] = random(256);
    else if (kind < 5) bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)] as number;
    else if (kind === 5) bytes.writeInt32LE(-1 - random(3), Math.min(at, bytes.length - 4));
    else if (kind === 6) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(16))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1), at), bytes.subarray(at)]);
  }
  return bytes;
}

/** Whole numbers with which sizes, axes and counts are likely to go wrong. */
const extremes = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  -2n,
  7n,
  64n,
  1000n,
  65536n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const extremeFloats = [0, -1, 1e30, -1e30, Number.NaN, Infinity, 1e-30, 0.5];

const pick = <T>(items: readonly T[], random: Random) => items[random(items.length)] as T;

function allGraphs(graph: GraphProto): GraphProto[] {
  return [
    graph,
    ...graph.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => (g === undefined ? [] : allGraphs(g)))),
  ];
}

function changeNode(node: NodeProto, names: readonly string[], random: Random): void {
  const kind = random(6);
  const attribute = node.attribute.length === 0 ? undefined : pick(node.attribute, random);
  if (kind === 0) node.opType = pick(operatorNames, random);
  else if (kind === 1 && node.input.length > 0) node.input[random(node.input.length)] = pick([...names, ""], random);
  else if (kind === 2) node.input.splice(random(node.input.length + 1), random(2), pick(names, random));
  else if (attribute === undefined) node.input.pop();
  else if (attribute.ints.length > 0 && random(3) === 0) attribute.ints.pop();
  else if (attribute.ints.length > 0) attribute.ints[random(attribute.ints.length)] = pick(extremes, random);
  else if (attribute.floats.length > 0) attribute.floats[random(attribute.floats.length)] = pick(extremeFloats, random);
  else if (random(2) === 0) attribute.i = pick(extremes, random);
  else attribute.f = pick(extremeFloats, random);
}

/** A copy whose nodes, attributes, types or versions say something else. */
export function changeMeaning(file: Uint8Array, random: Random): Uint8Array {
  const model = fromBinary(ModelProtoSchema, file);
  const graphs = allGraphs(model.graph as GraphProto);
  const names = graphs.flatMap((graph) => [...graph.input, ...graph.initializer].map(({ name }) => name));
  for (let times = 1 + random(3); times > 0; times--) {
    const graph = pick(graphs, random);
    const kind = random(8);
    if (kind < 6 && graph.node.length > 0) changeNode(pick(graph.node, random), names, random);
    else if (kind === 6 && model.opsetImport[0] !== undefined) model.opsetImport[0].version = BigInt(random(28));
    else if (graph.initializer.length > 0) {
      const tensor = pick(graph.initializer, random);
      if (random(2) === 0) tensor.dataType = random(20);
      else if (tensor.dims.length > 0) tensor.dims[random(tensor.dims.length)] = pick(extremes, random);
    }
  }
  return toBinary(ModelProtoSchema, model);
}

/** A number for an input with which sizes, axes and counts are likely to go wrong. */
export function extremeNumber(random: Random): number {
  return pick([0, -1, 1, 2, 3, 5, 17, 1000, 10_000, 1e15, -1e15], random);
}
