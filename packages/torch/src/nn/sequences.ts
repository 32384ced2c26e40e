/**
 * `nn.utils.rnn`: batches of sequences of different lengths, padded to one length or packed without padding.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */
import {
  anything,
  flag,
  flagOn,
  instanceOf,
  int,
  isIterable,
  listItems,
  number,
  optional,
  type Param,
  tensor,
  tensors,
  word,
} from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { constantPadNd } from "../ops/pad/pad.js";
import { cat, stack } from "../ops/shape/joining.js";

import { int64Tensor, type Lengths, PackedSequence, readLengths, runsOf, runsOfPacked } from "./packedSequence.js";

export { invertPermutation, PackedSequence } from "./packedSequence.js";

const packPaddedSignature = new Signature("packPaddedSequence", {
  input: tensor,
  lengths: anything,
  batchFirst: flag,
  enforceSorted: flagOn,
});

/**
 * Packs sequences that were padded to one length: an input `[T, B, ...]`, or `[B, T, ...]` with `batchFirst`.
 *
 * @param lengths of the sequences.
 * @param options.enforceSorted refuse sequences that are not sorted by length, longest first; if false they are sorted.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
 */
export function packPaddedSequence(
  ...args: [input: Tensor, lengths: Lengths, options?: { batchFirst?: boolean; enforceSorted?: boolean }]
): PackedSequence {
  const { input, lengths: given, batchFirst, enforceSorted } = packPaddedSignature.parse(args);
  const lengths = readLengths("packPaddedSequence", given);
  if (input.sizes.length < 2 || input.numel() === 0) throw new Error("Cannot pack empty tensors.");
  const batchDim = batchFirst ? 0 : 1;
  const batch = input.sizes[batchDim] as number;
  const longest = input.sizes[1 - batchDim] as number;
  if (lengths.length !== batch) {
    throw new Error(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${lengths.length} (batch_size=${batch})`,
    );
  }
  if (lengths.some((length) => length <= 0)) {
    throw new Error("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0");
  }
  const order = lengths.map((_, i) => i);
  if (!enforceSorted) order.sort((a, b) => (lengths[b] as number) - (lengths[a] as number));
  const sorted = order.map((i) => lengths[i] as number);
  if (sorted.some((length, i) => length > (sorted[i - 1] ?? length))) {
    throw new Error(
      "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.",
    );
  }
  if ((sorted[0] as number) > longest) {
    throw new Error(`Expected lengths of at most the size of the input, ${longest}, but got ${sorted[0]}`);
  }
  const sortedIndices = enforceSorted ? null : int64Tensor(order).to(input.device);
  const chosen = sortedIndices === null ? input : input.indexSelect(batchDim, sortedIndices);
  const sizes = Array.from({ length: sorted[0] as number }, (_, t) => sorted.filter((length) => length > t).length);
  const data = takeRuns(batchFirst ? chosen.transpose(0, 1) : chosen, runsOf(sizes));
  return new PackedSequence(data, int64Tensor(sizes), sortedIndices);
}

/** Of an input `[T, B, ...]` the elements that sequences have: of each run of steps those of the first sequences. */
function takeRuns(input: Tensor, runs: readonly number[]): Tensor {
  const trailing = input.sizes.slice(2);
  const parts: Tensor[] = [];
  for (let i = 0, t = 0; i < runs.length; i += 2) {
    const [steps, rows] = runs.slice(i, i + 2) as [number, number];
    parts.push(
      input
        .narrow(0, t, steps)
        .narrow(1, 0, rows)
        .reshape([steps * rows, ...trailing]),
    );
    t += steps;
  }
  return cat(parts);
}

const packed = instanceOf("PackedSequence", PackedSequence);

const padPackedSignature = new Signature("padPackedSequence", {
  sequence: packed,
  batchFirst: flag,
  paddingValue: optional(number, 0),
  totalLength: optional(int),
});

/**
 * The sequences of a packed one, padded to one length, and their lengths: `[T, B, ...]`, or `[B, T, ...]` with
 * `batchFirst`, in the order in which they were before they were sorted.
 *
 * @param options.totalLength the length to which they are padded, rather than the greatest of theirs.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html
 */
export function padPackedSequence(
  ...args: [
    sequence: PackedSequence,
    options?: { batchFirst?: boolean; paddingValue?: number; totalLength?: number | null },
  ]
): [padded: Tensor, lengths: Tensor] {
  const { sequence, batchFirst, paddingValue, totalLength } = padPackedSignature.parse(args);
  const { data, unsortedIndices } = sequence;
  const runs = runsOfPacked(sequence);
  const batch = runs[1] as number;
  const trailing = data.sizes.slice(1);
  const noPadding = trailing.flatMap(() => [0, 0]);
  const parts: Tensor[] = [];
  const lengths = new Array<number>(batch).fill(0);
  let longest = 0;
  for (let i = 0, row = 0; i < runs.length; i += 2) {
    const [steps, rows] = runs.slice(i, i + 2) as [number, number];
    const block = data.narrow(0, row, steps * rows).view([steps, rows, ...trailing]);
    parts.push(rows === batch ? block : constantPadNd(block, [...noPadding, 0, batch - rows], paddingValue));
    row += steps * rows;
    longest += steps;
    lengths.fill(longest, 0, rows);
  }
  if (totalLength !== undefined && totalLength < longest) {
    throw new Error(
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${longest}`,
    );
  }
  const missing = (totalLength ?? longest) - longest;
  if (missing > 0) parts.push(data.newFull([missing, batch, ...trailing], paddingValue));
  const steps = cat(parts);
  const padded = batchFirst ? steps.transpose(0, 1) : steps;
  const sizes = int64Tensor(lengths);
  if (unsortedIndices === null) return [padded, sizes];
  return [padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices), sizes.indexSelect(0, unsortedIndices.to("cpu"))];
}

/** Sequences in any iterable; a tensor is one along its first dim. */
const sequences: Param<readonly Tensor[]> = {
  ...tensors,
  expected: "iterable of Tensors",
  read: (value) => tensors.read(isIterable(value) ? listItems(value) : value),
};

const padSignature = new Signature("padSequence", {
  sequences,
  batchFirst: flag,
  paddingValue: optional(number, 0),
  paddingSide: optional(word("right", "left"), "right"),
});

/**
 * Sequences `[L, ...]` of different lengths L in one tensor: `[T, B, ...]`, or `[B, T, ...]` with `batchFirst`.
 *
 * @param options.paddingSide where the padding is; behind the sequences by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 */
export function padSequence(
  ...args: [
    sequences: Iterable<Tensor>,
    options?: { batchFirst?: boolean; paddingValue?: number; paddingSide?: "right" | "left" },
  ]
): Tensor {
  const { sequences: list, batchFirst, paddingValue, paddingSide } = padSignature.parse(args);
  if (list.length === 0) throw new Error("received an empty list of sequences");
  const trailing = (list[0] as Tensor).sizes.slice(1);
  const longest = Math.max(...list.map(lengthOf));
  const rows = list.map((sequence) => {
    const missing = longest - lengthOf(sequence);
    if (missing === 0) return sequence;
    const ends = paddingSide === "right" ? [0, missing] : [missing, 0];
    return constantPadNd(sequence, [...trailing.flatMap(() => [0, 0]), ...ends], paddingValue);
  });
  return stack(rows, batchFirst ? 0 : 1);
}

function lengthOf(sequence: Tensor): number {
  const [length] = sequence.sizes;
  if (length === undefined) throw new Error("expected sequences of at least one dim, got a 0-d tensor");
  return length;
}

const unpadSignature = new Signature("unpadSequence", { paddedSequences: tensor, lengths: anything, batchFirst: flag });

/**
 * The sequences of a padded tensor `[T, B, ...]`, or `[B, T, ...]` with `batchFirst`, without their padding.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html
 */
export function unpadSequence(
  ...args: [paddedSequences: Tensor, lengths: Lengths, options?: { batchFirst?: boolean }]
): Tensor[] {
  const { paddedSequences, lengths, batchFirst } = unpadSignature.parse(args);
  const rows = (batchFirst ? paddedSequences : paddedSequences.transpose(0, 1)).unbind(0);
  return readLengths("unpadSequence", lengths)
    .slice(0, rows.length)
    .map((length, i) => {
      const row = rows[i] as Tensor;
      return row.narrow(0, 0, Math.min(Math.max(length, 0), row.sizes[0] as number));
    });
}

const packSignature = new Signature("packSequence", { sequences, enforceSorted: flagOn });

/**
 * Packs sequences `[L, ...]` of different lengths L.
 *
 * @param options.enforceSorted refuse sequences that are not sorted by length, longest first; if false they are sorted.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_sequence.html
 */
export function packSequence(
  ...args: [sequences: Iterable<Tensor>, options?: { enforceSorted?: boolean }]
): PackedSequence {
  const { sequences: list, enforceSorted } = packSignature.parse(args);
  return packPaddedSequence(padSequence(list), list.map(lengthOf), { enforceSorted });
}

/**
 * The sequences of a packed one, in their original order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpack_sequence.html
 */
export function unpackSequence(packedSequences: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packedSequences, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
