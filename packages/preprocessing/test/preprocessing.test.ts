import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import torch, { type Tensor } from "flambeau";
import * as preprocessing from "../src/index.js";
import { Encoded } from "./encoded.js";

const { LabelBinarizer, LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler } = preprocessing;
type Label = preprocessing.Label;

type Attempt = { readonly value: unknown } | { readonly error: string };

interface Recorded {
  readonly binarizers: {
    readonly labels: Label[];
    readonly options: Record<string, number>;
    readonly repr: string;
    readonly classes: Label[];
    readonly rows: number[][];
    readonly back: Label[];
    readonly scores: number[][];
    readonly ofScores: Label[];
    readonly above: Label[];
    readonly unknown: [Label[], Attempt][];
  }[];
  readonly multilabel: { readonly rows: number[][]; readonly classes: number[]; readonly back: number[][] };
  readonly encoders: {
    readonly labels: Label[];
    readonly classes: Label[];
    readonly numbers: number[];
    readonly back: Label[];
  }[];
  readonly tables: {
    readonly name: string;
    readonly dtype: "float32" | "float64";
    readonly x: (number | null)[][];
    readonly more: (number | null)[][];
    readonly models: {
      readonly class: "StandardScaler" | "MinMaxScaler";
      readonly options: Record<string, unknown>;
      readonly repr: string;
      readonly steps: {
        readonly attributes: Record<string, unknown>;
        readonly out: unknown;
        readonly dtype: string;
        readonly back: unknown;
      }[];
    }[];
  }[];
  readonly onehots: {
    readonly table: Label[][];
    readonly options: Record<string, string>;
    readonly categories: Label[][];
    readonly out: number[][];
    readonly dropIdx: (number | null)[] | null;
    readonly names: string[];
    readonly back: Label[][];
    readonly others: [Label[][], Attempt][];
    readonly zeros: Attempt | null;
  }[];
}

const path = new URL("../../test/golden/sklearn.json.gz", import.meta.url);
const recorded = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Recorded;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Options of Python with the names that they have here. */
const optionsOf = (options: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));

function checkAttempt(call: () => Tensor | unknown[], expected: Attempt, what: string): void {
  if ("error" in expected) {
    // Python shows whether a whole number is a float.
    assert.throws(call, { message: expected.error.replace(/(\d)\.0\b/g, "$1") }, what);
    return;
  }
  const result = call();
  assert.deepEqual(result instanceof torch.Tensor ? result.tolist() : result, expected.value, what);
}

test("LabelBinarizer gives scikit-learn's rows and labels", () => {
  for (const one of recorded.binarizers) {
    const what = JSON.stringify([one.labels, one.options]);
    const model = new LabelBinarizer(optionsOf(one.options)).fit(one.labels);
    const rows = model.transform(one.labels);
    assert.deepEqual([model.classes_, rows.dtype, rows.tolist()], [one.classes, torch.int64, one.rows], what);
    assert.deepEqual(model.inverseTransform(rows), one.back, what);
    assert.deepEqual(model.inverseTransform(one.scores), one.ofScores, what);
    assert.deepEqual(model.inverseTransform(torch.tensor(one.scores), 0.7), one.above, what);
    assert.equal(String(model), one.repr);
    for (const [labels, expected] of one.unknown) checkAttempt(() => model.transform(labels), expected, what);
    assert.deepEqual(new LabelBinarizer(optionsOf(one.options)).fitTransform(one.labels).tolist(), one.rows, what);
  }
});

test("LabelBinarizer takes whatever holds labels", () => {
  const expected = [[0, 0, 1]];
  for (const labels of [torch.arange(3), [0n, 1n, 2n].map(Number), new Set([2, 1, 0]), [0, 1, 2].values()])
    assert.deepEqual(new LabelBinarizer().fit(labels).transform([2]).tolist(), expected);
  const model = new LabelBinarizer().fit(Array(10).keys());
  assert.deepEqual(model.transform([3]).at(0).tolist(), [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const rows = new LabelBinarizer({ negLabel: -1 }).fit([
    [0, 1, 1],
    [1, 0, 0],
  ]);
  assert.deepEqual(rows.classes_, recorded.multilabel.classes);
  assert.deepEqual(
    rows
      .transform([
        [0, 1, 1],
        [1, 0, 0],
      ])
      .tolist(),
    recorded.multilabel.rows,
  );
  assert.deepEqual(rows.inverseTransform(recorded.multilabel.rows) as unknown, recorded.multilabel.back);
});

test("LabelEncoder gives scikit-learn's numbers and labels", () => {
  for (const { labels, classes, numbers, back } of recorded.encoders) {
    const model = new LabelEncoder();
    const result = model.fitTransform(labels);
    assert.deepEqual([model.classes_, result.dtype, result.tolist()], [classes, torch.int64, numbers]);
    assert.deepEqual(model.transform(labels).tolist(), numbers);
    assert.deepEqual(model.inverseTransform(result), back);
    assert.deepEqual(model.inverseTransform(numbers), back);
  }
  assert.deepEqual(new LabelEncoder().fit([[2], [1]] as never).classes_, [1, 2]);
});

/** Numbers that are as near as float64 sums in another order let them be; null stands for NaN. */
function close(actual: unknown, expected: unknown, tolerance: number, what: string): void {
  if (Array.isArray(expected)) {
    assert.equal((actual as unknown[]).length, expected.length, what);
    expected.forEach((one, i) => close((actual as unknown[])[i], one, tolerance, what));
  } else if (expected === null) {
    assert.ok(Number.isNaN(actual), what);
  } else {
    const [a, b] = [actual as number, expected as number];
    assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${what}: ${a} is not ${b}`);
  }
}

const makers = { StandardScaler, MinMaxScaler };
const plain = (value: unknown): unknown => (value instanceof torch.Tensor ? value.tolist() : value);

for (const { name, dtype, x, more, models } of recorded.tables) {
  test(`scalers agree with scikit-learn's on ${dtype}: ${name}`, () => {
    const tensorOf = (rows: (number | null)[][]): Tensor =>
      torch.tensor(
        rows.map((row) => row.map((value) => value ?? Number.NaN)),
        { dtype: torch[dtype] },
      );
    const tolerance = dtype === "float32" ? 1e-6 : 1e-12;
    for (const { class: className, options, repr, steps } of models) {
      const model = new makers[className](optionsOf(options));
      assert.equal(String(model), repr.replace(/\((-?\d), (-?\d)\)/, "[$1, $2]"));
      const learn = [() => model.fit(tensorOf(x)), () => model.partialFit(tensorOf(more))];
      for (const [i, { attributes, out, dtype: resultType, back }] of steps.entries()) {
        learn[i]?.();
        const what = `${repr}, step ${i}`;
        for (const [attribute, expected] of Object.entries(attributes)) {
          const actual = plain((model as unknown as Record<string, unknown>)[camel(attribute)]);
          close(actual, expected, tolerance, `${what}: ${attribute}`);
        }
        const result = model.transform(tensorOf(more));
        assert.equal(result.dtype.name, resultType, what);
        close(result.tolist(), out, tolerance, what);
        close(model.inverseTransform(result).tolist(), back, tolerance, `${what}, back`);
      }
    }
  });
}

test("scalers take rows in arrays, and do not change what they get", () => {
  const x = torch.tensor([
    [1, 10],
    [2, 30],
  ]);
  const scaled = new MinMaxScaler([-1, 1]).fitTransform(x);
  assert.deepEqual(
    [scaled.dtype, scaled.tolist()],
    [
      torch.float32,
      [
        [-1, -1],
        [1, 1],
      ],
    ],
  );
  assert.deepEqual(x.tolist(), [
    [1, 10],
    [2, 30],
  ]);
  assert.deepEqual(new StandardScaler().fitTransform([[0], [2]]).tolist(), [[-1], [1]]);
  assert.equal(
    new StandardScaler().fitTransform(torch.tensor([[0], [2]], { dtype: torch.int32 })).dtype,
    torch.float64,
  );
});

test("OneHotEncoder gives scikit-learn's columns and categories", () => {
  for (const one of recorded.onehots) {
    const what = JSON.stringify([one.table, one.options]);
    const model = new OneHotEncoder(optionsOf(one.options));
    const out = model.fitTransform(one.table);
    assert.deepEqual([model.categories_, out.dtype, out.tolist()], [one.categories, torch.float64, one.out], what);
    assert.deepEqual(
      [model.dropIdx_, model.getFeatureNamesOut()],
      [one.dropIdx, one.names.map((name) => name.replace(/\.0$/, ""))],
      what,
    );
    assert.deepEqual(model.inverseTransform(out), one.back, what);
    for (const [rows, expected] of one.others) checkAttempt(() => model.transform(rows), expected, what);
    if (one.zeros !== null)
      checkAttempt(() => model.inverseTransform(torch.zeros(2, out.shape[1] as number)), one.zeros, what);
  }
  const given = new OneHotEncoder({
    categories: [
      ["b", "a"],
      [1, 2],
    ],
    drop: ["a", 1],
    dtype: torch.int64,
  });
  const rows = given.fitTransform([
    ["a", 2],
    ["b", 1],
  ]);
  assert.deepEqual(
    [rows.dtype, rows.tolist(), given.getFeatureNamesOut(["q", "w"])],
    [
      torch.int64,
      [
        [0, 1],
        [1, 0],
      ],
      ["q_b", "w_2"],
    ],
  );
  assert.deepEqual(
    new OneHotEncoder().fit(
      torch.tensor([
        [3, 1],
        [2, 1],
      ]),
    ).categories_,
    [[2, 3], [1]],
  );
});

test("wrong calls throw in scikit-learn's words", () => {
  for (const model of [
    new LabelBinarizer(),
    new LabelEncoder(),
    new StandardScaler(),
    new MinMaxScaler(),
    new OneHotEncoder(),
  ]) {
    const expected = new RegExp(`This ${model.constructor.name} instance is not fitted yet`);
    assert.throws(() => model.transform([[1]] as never), expected);
    assert.throws(() => model.inverseTransform([[1]] as never), expected);
  }
  const binarizer = new LabelBinarizer().fit([1, 2, 3]);
  assert.throws(
    () =>
      binarizer.fit([
        [1, 2],
        [3, 4],
      ]),
    /Multioutput target data is not supported/,
  );
  assert.throws(() => binarizer.fit([]), /y has 0 samples/);
  assert.throws(() => binarizer.fit([0.5, 1.5]), /Unknown label type/);
  assert.throws(() => binarizer.fit(["a", 1]), /Mix of label input types/);
  assert.throws(() => binarizer.fit(5 as never), { name: "TypeError", message: /Expected array-like/ });
  assert.throws(() => binarizer.fit("abc"), TypeError);
  assert.throws(() => binarizer.fit([{}] as never), TypeError);
  assert.throws(() => binarizer.transform([[0, 1, 1]]), /was not fitted with multilabel input/);
  assert.deepEqual(binarizer.classes_, [1, 2, 3]);
  assert.throws(
    () => new LabelBinarizer({ negLabel: 2 }).fit([1]),
    /neg_label=2 must be strictly less than pos_label=1/,
  );
  assert.throws(() => new LabelBinarizer({ neg: 2 } as never), { name: "TypeError", message: /neg/ });
  assert.throws(
    () => new LabelBinarizer().fit([1, 2]).inverseTransform([[1, 2, 3]]),
    /output_type='binary', but y.shape = \(1, 3\)/,
  );
  const encoder = new LabelEncoder<Label>().fit([3, 1]);
  assert.throws(() => encoder.transform([1, 2, 7]), /previously unseen labels: \[2, 7\]/);
  assert.throws(() => encoder.inverseTransform([0, 5, -1]), /previously unseen labels: \[-1, 5\]/);
  assert.throws(
    () =>
      encoder.fit([
        [1, 2],
        [3, 4],
      ] as never),
    /y should be a 1d array, got an array of shape \(2, 2\) instead/,
  );
  const scaler = new StandardScaler().fit([
    [1, 2],
    [3, 4],
  ]);
  assert.throws(() => scaler.fit([1, 2] as never), /Expected 2D array, got 1D array instead:\narray=\[1, 2\]/);
  assert.throws(() => scaler.transform([[1, 2, 3]]), /X has 3 features, but StandardScaler is expecting 2 features/);
  assert.throws(() => scaler.partialFit([[1]]), /X has 1 features/);
  assert.throws(() => scaler.fit(torch.zeros(0, 2)), /Found array with 0 sample\(s\) \(shape=\(0, 2\)\)/);
  assert.throws(() => scaler.fit([[Number.POSITIVE_INFINITY]]), /Input X contains infinity/);
  assert.throws(() => scaler.fit(torch.zeros(2, 2, 2)), /Found array with dim 3/);
  assert.deepEqual(scaler.mean_.tolist(), [2, 3]);
  assert.throws(
    () => new MinMaxScaler([1, 0]).fit([[1]]),
    /Minimum of desired feature range must be smaller than maximum. Got \(1, 0\)/,
  );
  assert.throws(() => new OneHotEncoder({ drop: "foo" as never }), { name: "TypeError", message: /'drop' parameter/ });
  assert.throws(() => new OneHotEncoder({ handleUnknown: "foo" as never }), TypeError);
  assert.throws(() => new OneHotEncoder({ drop: ["c"] }).fit([["a"], ["b"]]), /were not found in the training data/);
  assert.throws(
    () => new OneHotEncoder({ categories: [["a"]] }).fit([["c"]]),
    /unknown categories \['c'\] in column 0 during fit/,
  );
  assert.throws(() => new OneHotEncoder({ categories: [[2, 1]] }).fit([[1]]), /Unsorted categories/);
  assert.throws(() => new OneHotEncoder().fit(["a"] as never), /Expected 2D array, got 1D array/);
});

test("workers of a loader can have estimators", () => {
  const { DataLoader } = torch.utils.data;
  const binarizer = new LabelBinarizer({ negLabel: -1 }).fit(["a", "b", "c"]);
  const scaler = new StandardScaler().fit([[0], [2]]);
  const data = new Encoded(["a", "c", "b"], binarizer, scaler);
  const batches = (numWorkers: number) =>
    Array.from(new DataLoader(data, 3, { numWorkers }), (batch) => batch.map((one) => one.tolist()));
  assert.deepEqual(batches(1), batches(0));
  assert.deepEqual(batches(0), [
    [
      [
        [1, -1, -1],
        [-1, -1, 1],
        [-1, 1, -1],
      ],
      [[[-1]], [[0]], [[1]]],
    ],
  ]);
});
