/** Numbers as the bits of a floating dtype of 16 bits, and back. */
import type { FloatFormat } from "./dtype.js";

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/**
 * The bits of the nearest number of a format of 16 bits, the even one of two; infinite beyond the largest. A number goes
 * by way of float32, as everywhere in PyTorch.
 */
export function toHalfBits(value: number, { fraction, exponent }: FloatFormat): number {
  single[0] = value;
  const bits = singleBits[0] as number;
  const sign = (bits >>> 31) << 15;
  const infinity = (2 ** exponent - 1) << fraction;
  if (Number.isNaN(value)) return infinity | (1 << (fraction - 1));
  const bias = 2 ** (exponent - 1) - 1;
  // Below the normal numbers, steps are as far apart as at the first of them.
  const power = Math.max(((bits >>> 23) & 0xff) - 127, 1 - bias);
  const steps = roundToEven(Math.abs(single[0] as number) / 2 ** (power - fraction));
  return sign | Math.min(((power + bias - 1) << fraction) + steps, infinity);
}

/** The number of the bits. */
export function fromHalfBits(bits: number, { fraction, exponent }: FloatFormat): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const raised = (bits >> fraction) & (2 ** exponent - 1);
  const rest = bits & (2 ** fraction - 1);
  if (raised === 2 ** exponent - 1) return rest === 0 ? sign * Infinity : Number.NaN;
  const bias = 2 ** (exponent - 1) - 1;
  const steps = raised === 0 ? rest : rest + 2 ** fraction;
  return sign * steps * 2 ** (Math.max(raised, 1) - bias - fraction);
}

function roundToEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}
