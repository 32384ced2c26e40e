/** Putting elements at places, and looking for them, where both differ from entry to entry: by other operations. */
import { broadcastShapes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { checkedScatter, checkPut } from "../../ops/indexing/checks.js";
import { where } from "../../ops/indexing/masks.js";
import { constantPadNd } from "../../ops/pad/pad.js";
import { cat } from "../../ops/shape/joining.js";
import { atleast2d } from "../../ops/shape/stacks.js";
import type { Composition } from "./rules.js";

/** Flat indices from the start of what has so many elements. */
function fromStart(index: Tensor, count: number): Tensor {
  const flat = index.reshape([-1]);
  return where(flat.lt(0), flat.add(count), flat);
}

interface Put {
  readonly input: Tensor;
  readonly index: Tensor;
  readonly source: Tensor;
  readonly accumulate: boolean;
}

function composePut({ input, index, source, accumulate }: Put): Tensor {
  checkPut(input, index, source);
  const flat = input.reshape([-1]);
  const places = fromStart(index, flat.numel());
  const values = source.reshape([-1]);
  return (accumulate ? flat.scatterAdd(0, places, values) : flat.scatter(0, places, values)).view(input.sizes);
}

interface MaskedScatter {
  readonly input: Tensor;
  readonly mask: Tensor;
  readonly source: Tensor;
}

/** Where the mask shows an element, that of the source whose number is the count of those before. */
function composeMaskedScatter({ input, mask, source }: MaskedScatter): Tensor {
  const set = checkedScatter(input, mask, source);
  const sizes = broadcastShapes(input.sizes, mask.sizes);
  const shown = set.expand(sizes);
  if (source.numel() === 0 || shown.numel() === 0) return input.expand(sizes).clone();
  const counts = shown.reshape([-1]).cumsum(0).sub(1).clampMin(0);
  // Behind the last one that is shown the count may be that of more than there are.
  const places = counts.maskedFill(shown.reshape([-1]).logicalNot(), 0);
  return where(shown, source.reshape([-1]).gather(0, places).view(sizes), input);
}

interface Among {
  readonly elements: Tensor;
  readonly testElements: Tensor | Scalar;
  readonly invert: boolean;
}

function composeIsin({ elements, testElements, invert }: Among): Tensor {
  const values = elements instanceof Tensor ? elements.unsqueeze(-1) : elements;
  const tests = testElements instanceof Tensor ? testElements.reshape([-1]) : testElements;
  const isSame = tests instanceof Tensor ? tests.eq(values) : (values as Tensor).eq(tests);
  const found = isSame.any(-1);
  return invert ? found.logicalNot() : found;
}

/** Tensors on the diagonal of a matrix: each in rows of its own, with zeros on both sides. */
function composeBlockDiag({ tensors }: { tensors: readonly Tensor[] }): Tensor {
  const blocks = atleast2d(...tensors) as readonly Tensor[];
  const width = blocks.reduce((sum, block) => sum + (block.sizes[1] as number), 0);
  let before = 0;
  const rows = blocks.map((block) => {
    const own = block.sizes[1] as number;
    const padded = constantPadNd(block, [before, width - before - own]);
    before += own;
    return padded;
  });
  return cat(rows, 0);
}

/** What is taken apart before its derivative is recorded, which picks by a mask. */
export const transparentPlacing: Readonly<Record<string, Composition>> = {
  maskedScatter: composeMaskedScatter,
};

export const placingCompositions: Readonly<Record<string, Composition>> = {
  ...transparentPlacing,
  put: composePut,
  isin: composeIsin,
  blockDiag: composeBlockDiag,
};
