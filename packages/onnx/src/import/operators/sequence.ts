/** Sequences of tensors, and values that may be absent. */
import torch, { type Tensor } from "flambeau";
import { type NodeReader, numbersOf, optionalTensorAt, sequenceAt, tensorAt } from "../nodeReader.js";
import type { Run } from "../run.js";
import { type Inputs, isTensor, type Value } from "../values.js";
import { type Family, Outputs } from "./define.js";
import { dimOf } from "./dims.js";

/** A place in a sequence: negative ones count from the end. */
function placeIn(sequence: readonly Tensor[], place: number, last: number): number {
  const at = place < 0 ? place + sequence.length : place;
  if (Number.isInteger(at) && at >= 0 && at <= last) return at;
  throw new RangeError(`place ${place} of a sequence of ${sequence.length}`);
}

function insert(inputs: Inputs) {
  const [sequence, tensor] = [sequenceAt(inputs, 0), tensorAt(inputs, 1)];
  const place = optionalTensorAt(inputs, 2);
  const at = place === undefined ? sequence.length : placeIn(sequence, place.item(), sequence.length);
  return sequence.toSpliced(at, 0, tensor);
}

function erase(inputs: Inputs) {
  const sequence = sequenceAt(inputs, 0);
  const place = optionalTensorAt(inputs, 1)?.item() ?? -1;
  return sequence.toSpliced(placeIn(sequence, place, sequence.length - 1), 1);
}

function at(inputs: Inputs) {
  const sequence = sequenceAt(inputs, 0);
  return sequence[placeIn(sequence, tensorAt(inputs, 1).item(), sequence.length - 1)] as Tensor;
}

function concat(node: NodeReader) {
  const [axis, isNew] = [node.requiredInt("axis"), node.flag("new_axis")];
  return (inputs: Inputs) => {
    const sequence = [...sequenceAt(inputs, 0)];
    const dims = sequence[0]?.dim() ?? 0;
    return isNew ? torch.stack(sequence, dimOf(axis, dims + 1)) : torch.cat(sequence, dimOf(axis, dims));
  };
}

/** Parts of a size, or of sizes; without any, slices of one, which may lose the dim. */
function split(node: NodeReader) {
  const [axis, keepsDims] = [node.int("axis", 0), node.flag("keepdims", true)];
  node.numberPlaces.add(1);
  return (inputs: Inputs) => {
    const [x, sizes] = [tensorAt(inputs, 0), optionalTensorAt(inputs, 1)];
    const dim = dimOf(axis, x.dim());
    if (sizes === undefined) return keepsDims ? [...x.split(1, { dim })] : [...x.unbind(dim)];
    const numbers = numbersOf(sizes);
    return [...x.split(sizes.dim() === 0 ? (numbers[0] as number) : numbers, { dim })];
  };
}

/** Runs a graph for every item of a sequence. Other inputs are sequences as long, or the same for all. */
function map(node: NodeReader) {
  const body = node.body("body");
  return (inputs: Inputs, run: Run) => {
    const results: Tensor[][] = Array.from({ length: body.outputCount }, () => []);
    for (const i of sequenceAt(inputs, 0).keys()) {
      run.iterate();
      const given = inputs.map((value) => (isTensor(value) ? value : (value as readonly Tensor[])[i]));
      for (const [k, value] of body.call(run, given).entries()) results[k]?.push(value as Tensor);
    }
    return new Outputs(...results);
  };
}

function getElement(inputs: Inputs): Value {
  const value = inputs[0];
  if (value === undefined || value === null) throw new Error("the optional value is absent");
  return value;
}

export const sequences: Family = {
  ConcatFromSequence: concat,
  Optional: () => (inputs) => inputs[0] ?? null,
  OptionalGetElement: () => getElement,
  OptionalHasElement: () => (inputs) => torch.tensor(inputs[0] !== undefined && inputs[0] !== null),
  SequenceAt: () => at,
  SequenceConstruct: () => (inputs) => inputs.map((_, i) => tensorAt(inputs, i)),
  SequenceEmpty: () => () => [],
  SequenceErase: () => erase,
  SequenceInsert: () => insert,
  SequenceLength: () => (inputs) => torch.tensor(BigInt(sequenceAt(inputs, 0).length)),
  SequenceMap: map,
  SplitToSequence: split,
};
