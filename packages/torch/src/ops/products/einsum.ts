/**
 * `einsum`: sums of products in Einstein's notation.
 *
 * Operands are multiplied in pairs from left to right. Labels of a pair fall into four groups (in both and kept, in
 * both and summed over, left only, right only), which become the batch, inner, row and column dims of one `bmm`.
 */
import { spreadTensors, text } from "../../arguments/params.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { bmm } from "./products.js";

/** A tensor with a label for each dim; dims of an ellipsis have numbers for labels, the last one 0. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products of tensors whose dims have letters for labels: dims of one label go together, and those that are
 * not in the output are summed over.
 *
 * @param equation the labels of each operand, separated by commas, and after `->` those of the output. Without an
 * output these are the labels that occur once, in alphabetical order. `...` stands for dims that broadcast.
 * @example torch.einsum("bij,bjk->bik", a, b)
 * @see https://pytorch.org/docs/stable/generated/torch.einsum.html
 */
export const einsum: FunctionOp<(equation: string, ...operands: [...Tensor[]] | [readonly Tensor[]]) => Tensor> = op({
  name: "einsum",
  variants: "function",
  params: { equation: { ...text, endsPositional: false }, operands: spreadTensors },
  composite: ({ equation, operands }) => {
    if (operands.length === 0) throw new Error("einsum(): must provide at least one operand");
    const [inputs, output] = parse(equation, operands);
    const sizes = sizesOf(inputs);
    const parts = inputs.map((input) => withoutOnes(takeDiagonals(input), sizes));
    return finish(contractAll(parts, output), output);
  },
});

function fail(message: string): never {
  throw new Error(`einsum(): ${message}`);
}

/** The operands with their labels, and the labels of the output. */
function parse(equation: string, operands: readonly Tensor[]): [inputs: Labelled[], output: readonly string[]] {
  const [left = "", right, ...rest] = equation.replaceAll(" ", "").split("->");
  if (rest.length > 0) fail("found more than one '->' in the equation");
  const terms = left.split(",");
  if (terms.length !== operands.length) {
    fail(`${terms.length > operands.length ? "fewer" : "more"} operands were provided than specified in the equation`);
  }
  const inputs = terms.map((term, i) => labelled(term, operands[i] as Tensor, i));
  const used = inputs.flatMap(({ labels }) => labels);
  return [inputs, right === undefined ? implicitOutput(used) : explicitOutput(right, used)];
}

/** Letters as labels, and an ellipsis as undefined. */
function split(term: string): (string | undefined)[] {
  const labels: (string | undefined)[] = [];
  for (let i = 0; i < term.length; i++) {
    const letter = term[i] as string;
    if (letter === ".") {
      if (term.slice(i, i + 3) !== "...") fail("found '.' that is not part of any ellipsis");
      if (labels.includes(undefined)) fail("found '.' for which an ellipsis was already found");
      labels.push(undefined);
      i += 2;
    } else if (/[A-Za-z]/.test(letter)) labels.push(letter);
    else fail(`invalid subscript given: '${letter}', subscripts must be in [a-zA-Z]`);
  }
  return labels;
}

function labelled(term: string, tensor: Tensor, at: number): Labelled {
  const given = split(term);
  const ndim = tensor.sizes.length;
  const hasEllipsis = given.includes(undefined);
  const covered = ndim - given.length + (hasEllipsis ? 1 : 0);
  if (covered < 0 || (!hasEllipsis && covered > 0)) {
    fail(
      `the number of subscripts in the equation (${given.length - (hasEllipsis ? 1 : 0)}) does not match the number of dimensions (${ndim}) for operand ${at}${hasEllipsis ? "" : " and no ellipsis was given"}`,
    );
  }
  const labels = given.flatMap((label) => label ?? Array.from({ length: covered }, (_, i) => `${covered - 1 - i}`));
  return { tensor, labels };
}

const isEllipsis = (label: string): boolean => /\d/.test(label);

/** The labels of all dims that ellipses cover, in their order. */
function ellipsisLabels(used: readonly string[]): string[] {
  return [...new Set(used.filter(isEllipsis))].sort((a, b) => Number(b) - Number(a));
}

function implicitOutput(used: readonly string[]): string[] {
  const once = used.filter((label) => !isEllipsis(label) && used.indexOf(label) === used.lastIndexOf(label));
  return [...ellipsisLabels(used), ...once.sort()];
}

function explicitOutput(term: string, used: readonly string[]): string[] {
  const labels = split(term).flatMap((label) => label ?? ellipsisLabels(used));
  labels.forEach((label, i) => {
    if (labels.indexOf(label) !== i) fail(`output subscript ${label} appears more than once in the output`);
    if (!used.includes(label)) fail(`output subscript ${label} does not appear in the equation for any input operand`);
  });
  return labels;
}

/** The size that belongs to each label; a size of 1 broadcasts. */
function sizesOf(inputs: readonly Labelled[]): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach(({ tensor, labels }, at) => {
    labels.forEach((label, d) => {
      const size = tensor.sizes[d] as number;
      const known = sizes.get(label) ?? 1;
      if (labels.indexOf(label) !== d && tensor.sizes[labels.indexOf(label)] !== size) {
        fail(
          `subscript ${label} is repeated for operand ${at} but the sizes don't match, ${size} != ${tensor.sizes[labels.indexOf(label)]}`,
        );
      }
      if (size !== known && size !== 1 && known !== 1) {
        fail(
          `operands do not broadcast with remapped shapes [original->remapped]: subscript ${label} has sizes ${known} and ${size} (operand ${at} of shape ${formatShape(tensor.sizes)})`,
        );
      }
      sizes.set(label, known === 1 ? size : known);
    });
  });
  return sizes;
}

/** Dims of one operand with the same label become their diagonal. */
function takeDiagonals({ tensor, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, d) => labels.indexOf(label) !== d);
  if (second < 0) return { tensor, labels };
  const label = labels[second] as string;
  const first = labels.indexOf(label);
  const rest = labels.filter((_, d) => d !== first && d !== second);
  return takeDiagonals({ tensor: tensor.diagonal(0, first, second), labels: [...rest, label] });
}

/** Dims of size 1 are left out where others of the label are larger: they broadcast by themselves. */
function withoutOnes({ tensor, labels }: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  const broadcasts = labels.map((label, d) => tensor.sizes[d] === 1 && sizes.get(label) !== 1);
  const dims = labels.map((_, d) => d).filter((d) => broadcasts[d]);
  return dims.length === 0
    ? { tensor, labels }
    : { tensor: tensor.squeeze(dims), labels: labels.filter((_, d) => !broadcasts[d]) };
}

function contractAll(parts: readonly Labelled[], output: readonly string[]): Labelled {
  const [first, ...rest] = parts as [Labelled, ...Labelled[]];
  return rest.reduce((product, next, i) => {
    const needed = new Set([...output, ...rest.slice(i + 1).flatMap(({ labels }) => labels)]);
    return contract(product, next, needed);
  }, first);
}

/** Sums over the dims whose labels nobody needs. */
function sumOut({ tensor, labels }: Labelled, needed: (label: string) => boolean): Labelled {
  const dims = labels.map((_, d) => d).filter((d) => !needed(labels[d] as string));
  return dims.length === 0 ? { tensor, labels } : { tensor: tensor.sum(dims), labels: labels.filter(needed) };
}

/** One product of matrices for two operands. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const left = sumOut(a, (label) => needed.has(label) || b.labels.includes(label));
  const right = sumOut(b, (label) => needed.has(label) || a.labels.includes(label));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inside = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const product = bmm(grouped(left, batch, rows, inside), grouped(right, batch, inside, columns));
  const sizes = new Map([
    ...left.labels.map((label, d) => [label, left.tensor.sizes[d]] as const),
    ...right.labels.map((label, d) => [label, right.tensor.sizes[d]] as const),
  ]);
  const labels = [...batch, ...rows, ...columns];
  return { tensor: product.reshape(labels.map((label) => sizes.get(label) as number)), labels };
}

/** The dims in groups, each of which becomes one dim. */
function grouped({ tensor, labels }: Labelled, ...groups: readonly (readonly string[])[]): Tensor {
  const place = (label: string) => labels.indexOf(label);
  const sizes = groups.map((group) => group.reduce((n, label) => n * (tensor.sizes[place(label)] as number), 1));
  return tensor.permute(groups.flat().map(place)).reshape(sizes);
}

/** Sums what is left over, and brings the dims into the order of the output. */
function finish(product: Labelled, output: readonly string[]): Tensor {
  const { tensor, labels } = sumOut(product, (label) => output.includes(label));
  return tensor.permute(output.map((label) => labels.indexOf(label)));
}
