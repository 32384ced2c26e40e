/** Recurrent networks in what recorded calls of PyTorch do not show: packed sequences, second derivatives, messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";
import { composeLayer } from "../../src/ops/recurrent/compose.js";
import { type LayerArguments, type LayerResult, runLayer } from "../../src/ops/recurrent/layer.js";

const { rnn } = nn.utils;
const double = { dtype: torch.float64 };

function sequences(): Tensor[] {
  return [2, 4, 1].map((length, i) =>
    torch
      .arange(2 * length, { dtype: torch.float32 })
      .view(length, 2)
      .add(10 * i),
  );
}

function close(actual: Tensor, expected: Tensor, message?: string): void {
  assert.deepEqual(actual.shape, expected.shape, message);
  assert.ok(torch.allclose(actual, expected, 1e-9, 1e-12), message);
}

/** Networks of any kind are called alike. */
type Network = nn.Module &
  (<I extends Tensor | InstanceType<typeof rnn.PackedSequence>>(input: I, hx?: unknown) => [I, Tensor | Tensor[]]);

const networks: Record<string, () => Network> = {
  RNN: () => new nn.RNN(2, 3, 2, { bidirectional: true }).double() as unknown as Network,
  GRU: () => new nn.GRU(2, 3, 2, { bidirectional: true }).double() as unknown as Network,
  LSTM: () => new nn.LSTM(2, 3, 2, { bidirectional: true }).double() as unknown as Network,
  "LSTM with a projection": () =>
    new nn.LSTM(2, 3, { projSize: 2, bidirectional: true }).double() as unknown as Network,
};

const flat = (value: unknown): Tensor[] =>
  value instanceof torch.Tensor ? [value] : (value as unknown[]).flatMap(flat);

test("sequences are packed step by step, longest first", () => {
  const packed = rnn.packSequence(sequences(), { enforceSorted: false });
  assert.deepEqual(packed.data.tolist(), [
    [10, 11],
    [0, 1],
    [20, 21],
    [12, 13],
    [2, 3],
    [14, 15],
    [16, 17],
  ]);
  assert.deepEqual(packed.batchSizes.tolist(), [3, 2, 1, 1]);
  assert.deepEqual(packed.sortedIndices?.tolist(), [1, 0, 2]);
  assert.deepEqual(packed.unsortedIndices?.tolist(), [1, 0, 2]);
  const [padded, lengths] = rnn.padPackedSequence(packed, { batchFirst: true, paddingValue: -1, totalLength: 5 });
  assert.deepEqual(lengths.tolist(), [2, 4, 1]);
  assert.deepEqual(padded.tolist(), [
    [
      [0, 1],
      [2, 3],
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ],
    [
      [10, 11],
      [12, 13],
      [14, 15],
      [16, 17],
      [-1, -1],
    ],
    [
      [20, 21],
      [-1, -1],
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ],
  ]);
  assert.deepEqual(
    rnn.unpackSequence(packed).map((sequence) => sequence.tolist()),
    sequences().map((sequence) => sequence.tolist()),
  );
  const [data, sizes] = packed;
  assert.deepEqual([data, sizes], [packed.data, packed.batchSizes]);
});

test("sequences are padded at either side", () => {
  const [a, b] = [torch.tensor([1, 2, 3]), torch.tensor([4])];
  assert.deepEqual(rnn.padSequence([a, b], { paddingValue: 9 }).tolist(), [
    [1, 4],
    [2, 9],
    [3, 9],
  ]);
  assert.deepEqual(rnn.padSequence([a, b], { batchFirst: true, paddingSide: "left" }).tolist(), [
    [1, 2, 3],
    [0, 0, 4],
  ]);
  const padded = rnn.padSequence([a, b]);
  assert.deepEqual(
    rnn.unpadSequence(padded, [3, 1]).map((x) => x.tolist()),
    [[1, 2, 3], [4]],
  );
});

test("packed sequences print and change their dtype as PyTorch's do", () => {
  const packed = rnn.packSequence([torch.tensor([1n, 2n, 3n]), torch.tensor([4n, 5n]), torch.tensor([6n])]);
  assert.equal(
    String(packed),
    "PackedSequence(data=tensor([1, 4, 6, 2, 5, 3]), batch_sizes=tensor([3, 2, 1]), sorted_indices=None, unsorted_indices=None)",
  );
  assert.equal(packed.to(torch.float64).data.dtype, torch.float64);
  assert.equal(packed.to(torch.int64), packed);
});

test("wrong lengths are refused in PyTorch's words", () => {
  const x = torch.zeros(4, 3, 2);
  const throws = (lengths: number[], message: RegExp) =>
    assert.throws(() => rnn.packPaddedSequence(x, lengths), message);
  throws([1, 2, 3], /^Error: `lengths` array must be sorted in decreasing order when `enforce_sorted` is True/);
  throws([3, 2], /^Error: Expected `len\(lengths\)` to be equal to batch_size, but got 2 \(batch_size=3\)/);
  throws([3, 2, 0], /^Error: Length of all samples has to be greater than 0/);
  throws([5, 2, 1], /^Error: Expected lengths of at most the size of the input, 4, but got 5/);
  assert.throws(() => rnn.packPaddedSequence(torch.zeros(0, 3), [1, 1, 1]), /^Error: Cannot pack empty tensors/);
  assert.throws(() => rnn.padSequence([]), /^Error: received an empty list of sequences/);
  const packed = rnn.packPaddedSequence(x, [4, 2, 1]);
  assert.throws(
    () => rnn.padPackedSequence(packed, { totalLength: 3 }),
    /^Error: Expected total_length to be at least/,
  );
  assert.throws(() => rnn.padPackedSequence(x as never), TypeError);
  const broken = new rnn.PackedSequence(torch.zeros(5, 2), torch.tensor([2n, 3n]));
  assert.throws(() => new nn.GRU(2, 3)(broken), /^Error: batch_sizes \[2, 3\] must be positive, not grow/);
});

test("values and gradients of a packed LSTM are PyTorch's", () => {
  torch.manualSeed(3);
  const lstm = new nn.LSTM(2, 3, { bidirectional: true });
  const [output, [h, c]] = lstm(rnn.packSequence(sequences(), { enforceSorted: false }));
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-4, `${actual}`);
  near(output.data.sum().item(), -0.0734);
  near(h.sum().item(), 0.0143);
  near(c.sum().item(), -0.5136);
});

for (const [name, make] of Object.entries(networks)) {
  test(`${name}: a packed batch gives what its sequences give alone, and so do the gradients`, () => {
    const network = make();
    const leaves = sequences().map((sequence) => sequence.div(10).to(torch.float64).requiresGrad_());
    const [output, states] = network(rnn.packSequence(leaves, { enforceSorted: false }));
    const [alone, packed] = [leaves.map((leaf) => network(leaf)), rnn.unpackSequence(output)];
    alone.forEach(([one, oneStates], i) => {
      close(packed[i] as Tensor, one, `output ${i}`);
      flat(states).forEach((state, k) => close(state.select(1, i), flat(oneStates)[k] as Tensor, `state ${k} of ${i}`));
    });
    const weights = [...leaves, ...network.parameters()];
    const sum = (tensors: Tensor[]) => tensors.map((x) => x.sin().sum()).reduce((a, b) => a.add(b));
    const ours = torch.autograd.grad(sum([output.data, ...flat(states)]), weights);
    const theirs = torch.autograd.grad(sum(flat(alone.map(([one, rest]) => [one, rest]))), weights);
    ours.forEach((grad, i) => close(grad, theirs[i] as Tensor, `gradient ${i}`));
  });

  test(`${name}: first and second derivatives`, () => {
    const network = make();
    const x = torch.randn(3, 2, 2, { ...double, requiresGrad: true });
    const [, states] = network(x);
    const given = flat(states).map((state) => torch.randn(state.shape, { ...double, requiresGrad: true }));
    const run = (input: Tensor, ...hx: Tensor[]) => flat(network(input, hx.length > 1 ? hx : hx[0]));
    assert.ok(torch.autograd.gradcheck(run, [x, ...given]));
    assert.ok(torch.autograd.gradgradcheck(run, [x, ...given]));
  });
}

/** A layer over steps of three, two and one rows. */
function layer(cell: LayerArguments["cell"], outputSize: number, gates: number, dtype = torch.float64): LayerArguments {
  const weight = (...sizes: number[]) => torch.randn(sizes, { dtype, requiresGrad: true });
  return {
    cell,
    reverse: true,
    runs: [2, 3, 1, 2, 3, 1],
    input: weight(11, 2),
    state: weight(3, outputSize),
    cells: cell === "lstm" ? weight(3, 4) : undefined,
    weightIh: weight(4 * gates, 2),
    weightHh: weight(4 * gates, outputSize),
    biasIh: weight(4 * gates),
    biasHh: weight(4 * gates),
    weightHr: outputSize === 4 ? undefined : weight(outputSize, 4),
  };
}

test("the kernel computes what the composition does, and so does its gradient", () => {
  for (const reverse of [false, true]) {
    for (const [cell, outputSize, gates] of [
      ["tanh", 4, 1],
      ["relu", 4, 1],
      ["gru", 4, 3],
      ["lstm", 4, 4],
      ["lstm", 2, 4],
    ] as const) {
      const args = { ...layer(cell, outputSize, gates), reverse };
      const leaves = Object.values(args).filter((value) => value instanceof torch.Tensor);
      const results = ({ output, state, cells }: LayerResult) => [
        output,
        state,
        ...(cells === undefined ? [] : [cells]),
      ];
      const [ours, theirs] = [results(runLayer(args)), results(composeLayer(args))];
      const grads = [ours, theirs].map((list) =>
        torch.autograd.grad(
          list.map((x) => x.cos().sum()).reduce((a, b) => a.add(b)),
          leaves,
        ),
      );
      ours.forEach((result, i) => close(result, theirs[i] as Tensor, `${cell}, result ${i}`));
      grads[0]?.forEach((grad, i) => close(grad, grads[1]?.[i] as Tensor, `${cell}, gradient ${i}`));
    }
  }
});

test("many steps and rows, where weights are packed and several threads take part", () => {
  for (const [cell, gates] of [
    ["lstm", 4],
    ["gru", 3],
    ["tanh", 1],
  ] as const) {
    const size = 150;
    const weight = (...sizes: number[]) => torch.randn(sizes, { dtype: torch.float32 }).mul(0.1).requiresGrad_();
    const args: LayerArguments = {
      cell,
      reverse: false,
      runs: [4, 37, 2, 1],
      input: weight(4 * 37 + 2, 21),
      state: weight(37, size),
      cells: cell === "lstm" ? weight(37, size) : undefined,
      weightIh: weight(gates * size, 21),
      weightHh: weight(gates * size, size),
    };
    const leaves = Object.values(args).filter((value) => value instanceof torch.Tensor);
    const [ours, theirs] = [runLayer(args), composeLayer(args)];
    assert.ok(torch.allclose(ours.output, theirs.output, 1e-4, 1e-5), cell);
    const [a, b] = [ours, theirs].map(({ output }) => torch.autograd.grad(output.mul(output).sum(), leaves));
    a?.forEach((grad, i) => assert.ok(torch.allclose(grad, b?.[i] as Tensor, 1e-3, 1e-3), `${cell}, gradient ${i}`));
  }
});

test("what a layer gives may be changed in place", () => {
  for (const network of [new nn.RNN(2, 3), new nn.GRU(2, 3), new nn.LSTM(2, 3)] as nn.Module[]) {
    const x = torch.randn(4, 2, 2, { requiresGrad: true });
    const [output] = network(x) as [Tensor];
    output.mul_(2).sum().backward();
    assert.ok(x.grad !== null && x.grad.abs().sum().item() > 0);
  }
});

test("weights have PyTorch's names, and copies of a network are networks", () => {
  const lstm = new nn.LSTM(2, 3, 2, { bidirectional: true, projSize: 1 });
  assert.deepEqual(Object.keys(lstm.stateDict()).slice(5, 10), [
    "weight_ih_l0_reverse",
    "weight_hh_l0_reverse",
    "bias_ih_l0_reverse",
    "bias_hh_l0_reverse",
    "weight_hr_l0_reverse",
  ]);
  assert.equal(lstm.weightHrL1Reverse, lstm.allWeights[3]?.[4]);
  assert.equal(lstm.biasIhL1?.shape[0], 12);
  const copy = torch.deepcopy(lstm);
  const x = torch.randn(3, 2, 2);
  assert.ok(copy(x)[0].equal(lstm(x)[0]));
  lstm.flattenParameters();
});

test("inputs that do not fit are refused in PyTorch's words", () => {
  const lstm = new nn.LSTM(2, 3);
  const x = torch.zeros(4, 2, 2);
  const zeros = (...sizes: number[]) => torch.zeros(sizes);
  const throws = (body: () => unknown, message: RegExp) => assert.throws(body, message);
  throws(() => lstm(zeros(2)), /^Error: LSTM: Expected input to be 2D or 3D, got 1D instead/);
  throws(() => lstm(zeros(4, 2, 5)), /^Error: input.size\(-1\) must be equal to input_size. Expected 2, got 5/);
  throws(() => lstm(x.double()), /^TypeError: input must have the type torch.float32, got type torch.float64/);
  throws(
    () => lstm(x, [zeros(1, 1, 3), zeros(1, 2, 3)]),
    /^Error: Expected hidden\[0\] size \(1, 2, 3\), got \[1, 1, 3\]/,
  );
  throws(
    () => lstm(x, [zeros(1, 3), zeros(1, 3)]),
    /^Error: For batched 3-D input, hx and cx should also be 3-D but got \(2-D, 2-D\)/,
  );
  throws(
    () => new nn.GRU(2, 3)(x, zeros(1, 3)),
    /^Error: For batched 3-D input, hx should also be 3-D but got 2-D tensor/,
  );
  throws(() => new nn.GRU(2, 3)(x, zeros(1, 2, 4)), /^Error: Expected hidden size \(1, 2, 3\), got \[1, 2, 4\]/);
  throws(() => new nn.LSTM(2, 3, { projSize: 3 }), /^RangeError: proj_size has to be smaller than hidden_size/);
  throws(() => new nn.GRU(2, 3, { projSize: 1 } as never), /^TypeError: GRU/);
  throws(() => new nn.RNN(2, 3, 0), /^RangeError: num_layers must be greater than zero/);
  throws(() => new nn.GRUCell(2, 3)(zeros(2, 5)), /^Error: input has inconsistent input_size: got 5 expected 2/);
  throws(
    () => new nn.RNNCell(2, 3)(zeros(2, 2), zeros(2, 4)),
    /^Error: hidden0 has inconsistent hidden_size: got 4, expected 3/,
  );
  throws(
    () => new nn.LSTMCell(2, 3)(zeros(2, 2), [zeros(2, 3), zeros(1, 3)]),
    /^Error: Input batch size 2 doesn't match hidden1 batch size 1/,
  );
});

test("functions of cells take any weights that fit", () => {
  const [x, h, c] = [torch.randn(2, 5), torch.randn(2, 3), torch.randn(2, 3)];
  const [wIh, wHh] = [torch.randn(12, 5), torch.randn(12, 3)];
  const [nextH, nextC] = torch.lstmCell(x, [h, c], wIh, wHh);
  assert.deepEqual(
    [nextH.shape, nextC.shape],
    [
      [2, 3],
      [2, 3],
    ],
  );
  assert.throws(() => torch.lstmCell(x, [h, c], wIh.narrow(0, 0, 9), wHh), /have 12 rows, got 9/);
  assert.throws(() => torch.gruCell(x, h, wIh, wHh), /have 9 rows, got 12/);
});

test("a batch of no sequences", () => {
  for (const Type of [nn.RNN, nn.GRU, nn.LSTM]) {
    for (const steps of [1, 2, 3, 7]) {
      for (const options of [{}, { numLayers: 2, bidirectional: true }, { bias: false, batchFirst: true }]) {
        const layer: nn.Module = new Type(4, 5, options);
        const run = layer as unknown as (input: Tensor) => [Tensor, unknown];
        const shape = options.batchFirst ? [0, steps, 4] : [steps, 0, 4];
        const width = options.bidirectional ? 10 : 5;
        const seen = torch.noGrad(() => run(torch.randn(shape)))[0];
        const input = torch.randn(shape).requiresGrad_();
        const [output] = run(input);
        output.sum().backward();
        assert.deepEqual(output.shape, [...shape.slice(0, 2), width]);
        assert.deepEqual(seen.shape, output.shape);
        assert.deepEqual(input.grad?.shape, shape);
        for (const parameter of layer.parameters()) assert.equal(parameter.grad?.abs().sum().item(), 0);
      }
    }
  }
  const [projected] = new nn.LSTM(4, 5, { projSize: 2 })(torch.randn(3, 0, 4));
  assert.deepEqual(projected.shape, [3, 0, 2]);
  const [double] = new nn.GRU(4, 5, { dtype: torch.float64 })(torch.randn(4, 0, 4, { dtype: torch.float64 }));
  assert.deepEqual(double.shape, [4, 0, 5]);
});
