/**
 * What JavaScript makes of a tensor where it asks for a number, a text or JSON.
 *
 * A clone (`structuredClone`, `postMessage`) is refused by the dtype, which cannot be cloned.
 */
import { Complex } from "../core/complex.js";
import { installMembers } from "../core/installMembers.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import type { NestedValues } from "./values.js";

/** What `toJSON` gives: numbers that JSON does not have, and complex ones, are texts. */
export type JsonValues = number | boolean | string | JsonValues[];

function jsonOf(values: NestedValues): JsonValues {
  if (Array.isArray(values)) return values.map(jsonOf);
  if (values instanceof Complex) return String(values);
  if (typeof values === "bigint" || (typeof values === "number" && !Number.isFinite(values))) return String(values);
  return values;
}

/** A number of 32 bits made of all bytes (FNV-1a), as text. */
function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

export class ConversionMembers {
  /**
   * The number of a tensor of one element, where JavaScript asks for one (`loss < best`, `total += loss`); in a
   * template literal the text that is printed.
   *
   * @throws TypeError for a tensor of several elements. JavaScript has no operators for them: there is `a.add(b)`.
   */
  [Symbol.toPrimitive](this: Tensor, hint: "default" | "number" | "string"): number | string {
    if (hint === "string") return this.toString();
    if (this.numel() === 1) {
      if (!this.dtype.isComplex) return this.item();
      throw new TypeError("value cannot be converted to type double without overflow: it is complex");
    }
    const instead =
      hint === "default"
        ? "a.add(b) instead of a + b, and a.eq(b) instead of a == b"
        : "methods instead of operators: a.sub(b), a.mul(b), a.div(b), a.neg(), a.lt(b), a.gt(b)";
    throw new TypeError(`a Tensor with ${this.numel()} elements cannot be converted to a number; write ${instead}`);
  }

  /**
   * What `Object.prototype.toString` shows. Comparisons like `assert.deepStrictEqual` look at it, and at nothing else
   * that tells two tensors of other elements apart, so it holds a digest of them.
   */
  get [Symbol.toStringTag](): string {
    const tensor = this as unknown as Tensor;
    if (tensor.isMeta || tensor.storage === undefined) return "Tensor";
    return `Tensor ${formatShape(tensor.sizes)} ${digest(tensor.detach().toTypedArray())}`;
  }

  /** The elements for `JSON.stringify`: nested arrays, with texts for infinities, NaN, int64s beyond 2^53 and complex numbers. */
  toJSON(this: Tensor): JsonValues {
    return jsonOf(this.tolist());
  }
}

installMembers(ConversionMembers);

declare module "../core/tensor.js" {
  interface Tensor extends ConversionMembers {}
}
