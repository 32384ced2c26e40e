/** Complex numbers as values of JavaScript. */
import { pythonNumber } from "./numberFormat.js";

/** What an element of a complex tensor is, and a number beside tensors that is complex. */
export class Complex {
  /** The real part. */
  readonly real: number;
  /** The imaginary part. */
  readonly imag: number;

  /** @example new torch.Complex(1, -2) // (1-2j) */
  constructor(real = 0, imag = 0) {
    if (typeof real !== "number" || typeof imag !== "number") {
      throw new TypeError(`Complex expects two numbers, got ${typeof real} and ${typeof imag}`);
    }
    this.real = real;
    this.imag = imag;
    Object.freeze(this);
  }

  /** The number as Python writes it: `(1+2j)`. */
  toString(): string {
    const imag = pythonNumber(this.imag);
    if (Object.is(this.real, 0)) return `${imag}j`;
    return `(${pythonNumber(this.real)}${imag.startsWith("-") ? "" : "+"}${imag}j)`;
  }

  /** @throws TypeError where a real number is wanted; in texts it is as `toString` says. */
  [Symbol.toPrimitive](hint: "default" | "number" | "string"): string {
    if (hint !== "number") return this.toString();
    throw new TypeError("can't convert complex to float; take .real, .imag or torch.abs");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The real part of a number that may be complex. */
export function realPart(value: number | bigint | boolean | Complex): number {
  return typeof value === "object" ? value.real : Number(value);
}

/** The imaginary part of a number that may be complex. */
export function imaginaryPart(value: number | bigint | boolean | Complex): number {
  return typeof value === "object" ? value.imag : 0;
}
