/** What the suite is held to. A case names the goals that it counts for; the geometric mean is over all of them. */
import type { Row } from "./measure.js";

interface Target {
  readonly says: string;
  readonly least: number;
  /** What has to reach it in each case that counts; undefined where it could not be measured. */
  readonly value: (row: Row) => number | undefined;
  /** The number of threads that it is about, if only one is. */
  readonly threads?: number;
  /** Whether the geometric mean has to reach it, rather than each case. */
  readonly onAverage?: boolean;
}

const ratio = (row: Row) => row.pytorch?.ratio.median;
const share = (row: Row) => row.share;

/** How many times as much memory as Flambeau PyTorch takes. */
export function lessMemory({ alone }: Row): number | undefined {
  return alone?.pytorch && alone.pytorch.memory / alone.flambeau.memory;
}

export const goals = {
  program: { says: "each whole program, against PyTorch", least: 2, value: ratio },
  epoch: { says: "the quickstart's training epoch, against PyTorch", least: 3.5, value: ratio },
  memory: { says: "each whole program's peak memory, PyTorch's over Flambeau's", least: 1, value: lessMemory },
  step: { says: "the quickstart's step at batch 64, against PyTorch", least: 1.8, value: ratio },
  overhead: { says: "small operations, against PyTorch", least: 3.5, value: ratio },
  product: {
    says: "matmul of 512 and more on one thread, of the multiply-add peak",
    least: 0.9,
    value: share,
    threads: 1,
  },
  openblas: { says: "each product, against OpenBLAS", least: 1, value: ratio },
  stream: { says: "elementwise at 4 Mi elements, of a plain copy's speed", least: 0.8, value: share },
  cached: { says: "elementwise where the data fits the cache, against PyTorch", least: 1, value: ratio },
  optimizer: { says: "a step of an optimizer, against PyTorch's default form", least: 3, value: ratio },
  foreach: { says: "a step of an optimizer, against PyTorch's foreach form", least: 1, value: ratio },
  fft: { says: "a Fourier transform, against PyTorch", least: 1, value: ratio },
  convolution: { says: "convolutions on average, against PyTorch", least: 2, value: ratio, onAverage: true },
  passing: {
    says: "pooling, norms, resampling and embedding on average, against PyTorch",
    least: 3,
    value: ratio,
    onAverage: true,
  },
  recurrent: { says: "recurrent layers, against PyTorch", least: 2, value: ratio },
  attention: { says: "attention and the encoder layer, against PyTorch", least: 1.5, value: ratio },
  matrices: { says: "decompositions of a matrix on average, against PyTorch", least: 1, value: ratio, onAverage: true },
  smallMatrices: { says: "a thousand small matrices, against PyTorch", least: 3, value: ratio },
  tensorflow: {
    says: "the quickstart's step, against TensorFlow.js",
    least: 30,
    value: (row: Row) => row.tensorflow?.ratio.median,
  },
} satisfies Record<string, Target>;

export type Goal = keyof typeof goals;

/** How a target came out: its worst case, and the cases that miss it. */
export interface Verdict {
  readonly says: string;
  readonly least: number;
  /** The worst value, or the mean where that is the target; undefined where nothing was measured. */
  readonly worst: number | undefined;
  readonly missing: readonly string[];
}

export function judge(rows: readonly Row[], threads: number): Verdict[] {
  const overall = geometricMean(rows.flatMap((row) => ratio(row) ?? []));
  const all: Verdict[] = [
    { says: "the geometric mean over all cases, against PyTorch", least: 2.5, worst: overall, missing: [] },
    verdict({ says: "every case, against PyTorch", least: 1, value: ratio }, rows),
  ];
  for (const [name, target] of Object.entries<Target>(goals)) {
    if ((target.threads ?? threads) !== threads) continue;
    all.push(
      verdict(
        target,
        rows.filter((row) => row.goals.includes(name as Goal)),
      ),
    );
  }
  return all;
}

function verdict({ says, least, value, onAverage }: Target, rows: readonly Row[]): Verdict {
  const values = rows.flatMap((row) => value(row) ?? []);
  if (onAverage) return { says, least, worst: geometricMean(values), missing: [] };
  return {
    says,
    least,
    worst: values.length > 0 ? Math.min(...values) : undefined,
    missing: rows.filter((row) => (value(row) ?? least) < least).map((row) => row.name),
  };
}

export function geometricMean(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}
