/**
 * The line of a progress bar, as tqdm writes it: `epoch 1:  30%|███▏  | 3/10 [00:01<00:03,  2.00it/s, loss=0.5]`.
 *
 * Source: https://tqdm.github.io
 */

/** What a line shows. */
export interface Meter {
  /** Iterations so far. */
  n: number;
  /** Iterations in all, where that is known. */
  total: number | undefined;
  /** Seconds since the beginning. */
  elapsed: number;
  /** Iterations a second; what `n` and `elapsed` give unless it is known better. */
  rate?: number | undefined;
  /** What stands in front. */
  desc?: string;
  /** What an iteration is called. */
  unit?: string;
  /** Whether large numbers are written with `k`, `M`, …. */
  unitScale?: boolean;
  /** What stands at the end. */
  postfix?: string;
  /** Whether the bar is drawn with `#` and digits. */
  ascii?: boolean;
  /** How many columns the line takes; without it the bar has ten. */
  ncols?: number | undefined;
}

/** Seconds as `MM:SS` or `H:MM:SS`. */
export function formatInterval(seconds: number): string {
  const whole = Math.trunc(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"];

/** A number with three digits and the letter of its thousands: `123k`, `1.50M`. */
export function formatSize(value: number): string {
  let rest = value;
  for (const prefix of prefixes) {
    if (Math.abs(rest) < 999.5) {
      const decimals = Math.abs(rest) < 9.995 ? 2 : Math.abs(rest) < 99.95 ? 1 : 0;
      return `${rest.toFixed(decimals)}${prefix}`;
    }
    rest /= 1000;
  }
  return `${rest.toFixed(1)}Y`;
}

/** A number in three digits, or as it is where that is no longer. */
export function formatNumber(value: number): string {
  const short = general(value, 3).replace(/e([+-])0?(\d)/, "e$1$2");
  const whole = String(value);
  return short.length < whole.length ? short : whole;
}

/** What C's `%g` writes. */
function general(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  const isShort = exponent >= -4 && exponent < digits;
  if (isShort) return String(Number(value.toFixed(Math.max(0, digits - 1 - exponent))));
  return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
}

/** The line. */
export function formatMeter(meter: Meter): string {
  const { n, elapsed, desc = "", unit = "it", unitScale = false, postfix = "" } = meter;
  // More was done than was told: nobody knows how much is left.
  const total = meter.total !== undefined && n >= meter.total + 0.5 ? undefined : meter.total;
  const count = (value: number) => (unitScale ? formatSize(value) : String(value));
  const rate = meter.rate ?? (n > 0 && elapsed > 0 ? n / elapsed : undefined);
  const prefix = desc === "" ? "" : desc.endsWith(": ") ? desc : `${desc}: `;
  const tail = `${speed(rate, unit, unitScale)}${postfix === "" ? "" : `, ${postfix}`}]`;
  if (total === undefined) return `${prefix}${count(n)}${unit} [${formatInterval(elapsed)}, ${tail}`;
  const left = rate ? formatInterval((total - n) / rate) : "?";
  const fraction = total === 0 ? 1 : n / total;
  const before = `${prefix}${String(Math.round(100 * fraction)).padStart(3)}%|`;
  const after = `| ${count(n)}/${count(total)} [${formatInterval(elapsed)}<${left}, ${tail}`;
  const columns = meter.ncols === undefined ? 10 : Math.max(1, meter.ncols - before.length - after.length);
  return `${before}${drawBar(fraction, columns, meter.ascii ?? false)}${after}`;
}

/** Iterations a second, or seconds an iteration where that is the larger number. */
function speed(rate: number | undefined, unit: string, unitScale: boolean): string {
  if (rate === undefined) return `?${unit}/s`;
  const isSlow = rate < 1;
  const value = isSlow ? 1 / rate : rate;
  const text = unitScale ? formatSize(value) : value.toFixed(2).padStart(5);
  return isSlow ? `${text}s/${unit}` : `${text}${unit}/s`;
}

const blocks = " ▏▎▍▌▋▊▉█";
const digits = " 123456789#";

function drawBar(fraction: number, columns: number, ascii: boolean): string {
  const characters = ascii ? digits : blocks;
  const steps = characters.length - 1;
  const filled = Math.trunc(Math.min(1, Math.max(0, fraction)) * columns * steps);
  const [full, part] = [Math.floor(filled / steps), filled % steps];
  if (full >= columns) return (characters.at(-1) as string).repeat(columns);
  return ((characters.at(-1) as string).repeat(full) + characters[part]).padEnd(columns);
}
