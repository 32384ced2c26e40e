/** Three steps of each optimizer against parameters that PyTorch 1.13 ends with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type OptimizerRule, optimizerStep, type StepRows } from "../../src/backend/cpu/optimizer.js";
import { float32, float64 } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { viewOf } from "../support/views.js";

type Floats = Float32Array | Float64Array;

function train(p: Floats, step: (grad: Floats, number: number) => void): Floats {
  const slopes = [0.3, -0.7, 0.01];
  for (let number = 1; number <= 3; number++) {
    step(
      p.map((value, i) => Math.fround(slopes[i % 3] as number) * number - value * 0.1),
      number,
    );
  }
  return p;
}

const start = (Floats: Float32ArrayConstructor | Float64ArrayConstructor, n = 3): Floats =>
  new Floats(Array.from({ length: n }, (_, i) => [1, -2, 0.5][i % 3] as number));

function assertClose(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  for (let i = 0; i < got.length; i++) {
    const expected = want[i % 3] as number;
    assert.ok(Math.abs((got[i] as number) - expected) <= tolerance, `${got[i]} for ${expected}`);
  }
}

/** A step of one parameter. */
function stepOne(
  rule: OptimizerRule,
  numbers: readonly number[],
  views: (ArrayView | undefined)[],
  counts: number,
  isFresh = false,
): void {
  const rows: StepRows = { views, states: views.length - 2 - counts, counts, isFresh };
  optimizerStep(rule, (views[0] as ArrayView).dtype, numbers, rows);
}

interface SgdOptions {
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

const plainSgd: SgdOptions = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
const sgdNumbers = (options: SgdOptions) => [0.1, ...Object.values(options).map(Number)];

const sgdRuns: [Partial<SgdOptions>, number[]][] = [
  [{}, [0.84909803, -1.63779509, 0.50911045]],
  [{ momentum: 0.9 }, [0.76953804, -1.44339502, 0.51872241]],
  [{ momentum: 0.9, nesterov: true, weightDecay: 0.01 }, [0.632056, -1.11694002, 0.52206904]],
  [{ momentum: 0.9, dampening: 0.5, maximize: true }, [1.14119542, -2.34325123, 0.48539338]],
];

test("stochastic gradient descent", () => {
  for (const [options, want] of sgdRuns) {
    for (const Floats of [Float32Array, Float64Array]) {
      for (const n of [3, 50001]) {
        const p = start(Floats, n);
        const buffer = options.momentum ? viewOf(new Floats(n).fill(NaN)) : undefined;
        train(p, (grad, number) => {
          stepOne("sgd", sgdNumbers({ ...plainSgd, ...options }), [viewOf(p), viewOf(grad), buffer], 0, number === 1);
        });
        assertClose(p, want, 3e-7);
      }
    }
  }
});

interface AdamOptions {
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  decoupled: boolean;
  maximize: boolean;
}

const plainAdam: AdamOptions = {
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  decoupled: false,
  maximize: false,
};
const adamNumbers = (options: AdamOptions) => [0.1, ...Object.values(options).map(Number)];

const adamRuns: [Partial<AdamOptions> & { amsgrad?: boolean }, number[]][] = [
  [{}, [0.71289533, -1.71177542, 0.79999989]],
  [{ weightDecay: 0.1, beta1: 0.8, beta2: 0.95, eps: 1e-6 }, [0.70438308, -1.70438266, 0.20440298]],
  [{ amsgrad: true, maximize: true }, [1.28794718, -2.28857756, 0.23379123]],
  [{ decoupled: true, weightDecay: 0.1 }, [0.68616182, -1.65534174, 0.78202182]],
  [{ decoupled: true, weightDecay: 0.01, amsgrad: true }, [0.71019602, -1.70607936, 0.79818863]],
];

test("Adam and AdamW", () => {
  for (const [{ amsgrad, ...options }, want] of adamRuns) {
    for (const Floats of [Float32Array, Float64Array]) {
      for (const n of [3, 50001]) {
        const p = start(Floats, n);
        const state = () => viewOf(new Floats(n));
        const average = state(),
          squares = state(),
          largest = amsgrad ? state() : undefined;
        const step = viewOf(Float32Array.of(0));
        train(p, (grad) => {
          const views = [viewOf(p), viewOf(grad), average, squares, largest, step];
          stepOne("adam", adamNumbers({ ...plainAdam, ...options }), views, 1);
        });
        // The third element's gradient nearly cancels, which float32 feels.
        assertClose(p, want, 5e-6);
      }
    }
  }
});

test("AMSGrad keeps the largest average of squares", () => {
  const p = Float32Array.of(1),
    largest = Float32Array.of(0);
  const average = viewOf(Float32Array.of(0)),
    squares = viewOf(Float32Array.of(0));
  const step = viewOf(Float64Array.of(0));
  for (const grad of [10, 0, 0]) {
    const views = [viewOf(p), viewOf(Float32Array.of(grad)), average, squares, viewOf(largest), step];
    stepOne("adam", adamNumbers(plainAdam), views, 1);
    assert.ok(Math.abs((largest[0] as number) - 0.1) < 1e-6);
  }
});

test("a list of parameters moves as each alone does, also where it is longer than one call takes", () => {
  for (const Floats of [Float32Array, Float64Array]) {
    const sizes = Array.from({ length: 5000 }, (_, i) => (i === 4000 ? 40_000 : i % 4));
    const make = () =>
      sizes.map((n, i) => [start(Floats, n), start(Floats, n), new Floats(n), new Floats(n), Float32Array.of(i % 3)]);
    const [together, alone] = [make(), make()];
    const numbers = adamNumbers({ ...plainAdam, weightDecay: 0.1 });
    const viewsOf = (arrays: readonly Floats[]) => arrays.map((array) => viewOf(array));
    const withNone = (views: ArrayView[]) => [...views.slice(0, 4), undefined, ...views.slice(4)];
    const views = together.flatMap((arrays) => withNone(viewsOf(arrays)));
    const dtype = Floats === Float32Array ? float32 : float64;
    optimizerStep("adam", dtype, numbers, { views, states: 3, counts: 1, isFresh: false });
    for (const arrays of alone) stepOne("adam", numbers, withNone(viewsOf(arrays)), 1);
    assert.deepEqual(together, alone);
    assert.deepEqual([together[1]?.[4]?.[0], together[4997]?.[4]?.[0]], [2, 3]);
  }
});
