/** Attention and transformers in what recorded calls of PyTorch 1.13 do not show: later functions, masks, graphs, messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";
import { type AttentionSettings, attend, composeAttention } from "../../src/ops/attention/core.js";

const double = { dtype: torch.float64 };
const random = (...sizes: number[]) => torch.randn(sizes, { ...double, requiresGrad: true });

function close(actual: Tensor, expected: Tensor, message?: string): void {
  assert.deepEqual(actual.shape, expected.shape, message);
  assert.ok(torch.allclose(actual, expected, 1e-8, 1e-10), message);
}

const plain: AttentionSettings = { mask: undefined, kept: undefined, keptScale: 1, scale: 0.5, isCausal: false };
const someMask = () => {
  const mask = torch.rand(2, 1, 70, 300).gt(0.3);
  mask.setAt([0, 0, 5], false);
  return mask;
};

const settings: Record<string, () => AttentionSettings> = {
  plain: () => plain,
  causal: () => ({ ...plain, isCausal: true }),
  "a mask that is added": () => ({ ...plain, mask: torch.randn([70, 300], double) }),
  "a mask of bools that hides all keys of a query": () => ({ ...plain, mask: someMask() }),
  "a mask for each key": () => ({ ...plain, mask: torch.rand(2, 1, 1, 300).gt(0.5) }),
  dropout: () => ({ ...plain, kept: torch.rand(2, 3, 70, 300).gt(0.4), keptScale: 1.5 }),
  "dropout under a causal mask": () => ({
    ...plain,
    isCausal: true,
    kept: torch.rand(2, 3, 70, 300).gt(0.4),
    keptScale: 2,
  }),
};

for (const [name, make] of Object.entries(settings)) {
  for (const needsWeights of [false, true]) {
    test(`the kernel computes what the composition does: ${name}${needsWeights ? ", with weights" : ""}`, () => {
      const chosen = make();
      const parts = [random(1, 2, 3, 70, 6), random(1, 2, 3, 300, 6), random(1, 2, 3, 300, 5)];
      const [ours, theirs] = [attend(parts, chosen, needsWeights), composeAttention(parts, chosen)];
      close(ours.output, theirs.output);
      const loss = ({ output, weights }: typeof ours) =>
        needsWeights
          ? output
              .sin()
              .sum()
              .add((weights as Tensor).square().sum())
          : output.sin().sum();
      if (needsWeights) close(ours.weights as Tensor, theirs.weights);
      const [a, b] = [loss(ours), loss(theirs)].map((sum) => torch.autograd.grad(sum, parts)) as [Tensor[], Tensor[]];
      a.forEach((grad, i) => close(grad, b[i] as Tensor, `gradient ${i}`));
    });
  }
}

test("queries, keys and values of one memory get gradients of its layout", () => {
  const packed = random(4, 2, 3, 2, 5);
  const { output } = attend([packed.permute(2, 1, 3, 0, 4)], plain, false);
  assert.deepEqual(output.permute(2, 0, 1, 3).stride(), [20, 10, 5, 1]);
  output.sin().sum().backward();
  const parts = packed.detach().permute(2, 1, 3, 0, 4).requiresGrad_();
  composeAttention([parts], plain).output.sin().sum().backward();
  close((packed.grad as Tensor).permute(2, 1, 3, 0, 4), parts.grad as Tensor);
});

test("scaledDotProductAttention: values of PyTorch", () => {
  const [q, k] = [torch.arange(6, { dtype: torch.float32 }).view(1, 2, 3).div(10), torch.eye(3).unsqueeze(0)];
  const near = (x: Tensor, expected: number[][]) => {
    assert.ok(torch.allclose(x.squeeze(0), torch.tensor(expected), 1e-5, 1e-5), String(x));
  };
  near(F.scaledDotProductAttention(q, k, k), [
    [0.314284, 0.3329633, 0.3527527],
    [0.314284, 0.3329633, 0.3527527],
  ]);
  near(F.scaledDotProductAttention(q, k, k, { isCausal: true, scale: 1 }), [
    [1, 0, 0],
    [0.4750208, 0.5249792, 0],
  ]);
});

test("scaledDotProductAttention takes any leading dims, and broadcasts them", () => {
  const [q, k, v] = [random(2, 1, 4, 3, 5), random(3, 1, 6, 5), random(6, 7)];
  const mask = torch.randn([3, 1, 3, 6], double);
  const result = F.scaledDotProductAttention(q, k, v, mask);
  assert.deepEqual(result.shape, [2, 3, 4, 3, 7]);
  const weights = q.matmul(k.transpose(-2, -1)).div(Math.sqrt(5)).add(mask).softmax(-1);
  close(result, weights.matmul(v));
  close(F.scaledDotProductAttention(q, k, v, mask.expand(3, 4, 3, 6)), weights.matmul(v));
  close(
    F.scaledDotProductAttention(q.select(0, 0).select(0, 0).select(0, 0), k.select(0, 0).select(0, 0), v),
    F.scaledDotProductAttention(q, k, v).select(0, 0).select(0, 0).select(0, 0),
  );
});

test("keys and values may have fewer heads than queries", () => {
  const [q, k, v] = [random(2, 6, 3, 4), random(2, 2, 5, 4), random(2, 2, 5, 4)];
  const repeated = [k, v].map((part) => torch.repeatInterleave(part, 3, 1)) as [Tensor, Tensor];
  close(F.scaledDotProductAttention(q, k, v, { enableGqa: true }), F.scaledDotProductAttention(q, ...repeated));
  assert.throws(() => F.scaledDotProductAttention(q, k, v), Error);
});

test("first and second derivatives, and those of a mask", () => {
  const [q, k, v] = [random(2, 3, 4), random(2, 5, 4), random(2, 5, 3)];
  const mask = random(3, 5);
  for (const options of [{}, { isCausal: true }]) {
    const run = (a: Tensor, b: Tensor, c: Tensor) => F.scaledDotProductAttention(a, b, c, options);
    assert.ok(torch.autograd.gradcheck(run, [q, k, v]));
    assert.ok(torch.autograd.gradgradcheck(run, [q, k, v]));
  }
  const masked = (a: Tensor, m: Tensor) => F.scaledDotProductAttention(a, k, v, m);
  assert.ok(torch.autograd.gradcheck(masked, [q, mask]));
  const layer = new nn.TransformerEncoderLayer(4, 2, 5, 0).double();
  assert.ok(torch.autograd.gradgradcheck((x: Tensor) => layer(x), [random(3, 2, 4)]));
});

test("empty batches, no queries and no keys", () => {
  assert.deepEqual(F.scaledDotProductAttention(random(0, 3, 4), random(0, 5, 4), random(0, 5, 2)).shape, [0, 3, 2]);
  assert.deepEqual(F.scaledDotProductAttention(random(2, 0, 4), random(2, 5, 4), random(2, 5, 2)).shape, [2, 0, 2]);
  const nothing = F.scaledDotProductAttention(random(2, 3, 4), random(2, 0, 4), random(2, 0, 2));
  assert.deepEqual(nothing.tolist(), torch.zeros(2, 3, 2).tolist());
});

test("dropout draws what dropout of all weights draws", () => {
  const [q, k] = [torch.randn(2, 3, 4, 5), torch.randn(2, 3, 6, 5)];
  torch.manualSeed(5);
  const ours = F.scaledDotProductAttention(q, k, k, null, 0.4);
  torch.manualSeed(5);
  const weights = F.dropout(q.matmul(k.transpose(-2, -1)).div(Math.sqrt(5)).softmax(-1), 0.4);
  assert.ok(torch.allclose(ours, weights.matmul(k), 1e-4, 1e-5));
  assert.equal(F.scaledDotProductAttention(q, k, k, null, 1).abs().sum().item(), 0);
});

test("wrong arguments of scaledDotProductAttention", () => {
  const [q, k, mask] = [torch.zeros(2, 3, 4), torch.zeros(2, 5, 4), torch.ones(3, 5)];
  const throws = (body: () => unknown, message: RegExp) => assert.throws(body, message);
  throws(
    () => F.scaledDotProductAttention(q, k, k, mask, { isCausal: true }),
    /^Error: .*Explicit attn_mask should not be set when is_causal=True/,
  );
  throws(() => F.scaledDotProductAttention(q, k, k.double()), /^TypeError: .*to have the same dtype/);
  throws(
    () => F.scaledDotProductAttention(q, k, k, mask.long()),
    /^TypeError: .*Expected attn_mask dtype to be bool or float/,
  );
  throws(
    () => F.scaledDotProductAttention(q, k.narrow(-1, 0, 3), k),
    /same last dim, got shapes \[2, 3, 4\], \[2, 5, 3\]/,
  );
  throws(() => F.scaledDotProductAttention(q, k, k.narrow(1, 0, 3)), /same number of rows/);
  throws(() => F.scaledDotProductAttention(q, k, k, torch.ones(4, 5)), /must match|does not broadcast/);
  throws(() => F.scaledDotProductAttention(torch.zeros(4), k, k), /at least 2 dimensional/);
  throws(() => F.scaledDotProductAttention(q, k, k, null, 1.5), /^RangeError: dropout probability/);
});

test("multiHeadAttentionForward is the layer", () => {
  const layer = new nn.MultiheadAttention(6, 3, { addBiasKv: true }).double();
  const [q, k] = [random(4, 2, 6), random(5, 2, 6)];
  const { inProjWeight, inProjBias, biasK, biasV, outProj } = layer;
  const run = (options?: F.MultiHeadOptions) =>
    F.multiHeadAttentionForward(
      q,
      k,
      k,
      6,
      3,
      inProjWeight,
      inProjBias,
      biasK,
      biasV,
      false,
      0,
      outProj.weight,
      outProj.bias,
      options,
    );
  const [output, weights] = layer(q, k, k);
  close(run()[0], output);
  close(run()[1] as Tensor, weights as Tensor);
  const [qProjWeight, kProjWeight, vProjWeight] = (inProjWeight as Tensor).chunk(3) as [Tensor, Tensor, Tensor];
  const separate = { useSeparateProjWeight: true, qProjWeight, kProjWeight, vProjWeight };
  close(run({ ...separate, needWeights: false })[0], output);
  assert.equal(run({ needWeights: false })[1], null);
  assert.throws(
    () => run({ useSeparateProjWeight: true }),
    /use_separate_proj_weight is True but q_proj_weight is None/,
  );
});

test("keys and values that were projected before", () => {
  const layer = new nn.MultiheadAttention(6, 3, { addZeroAttn: true }).double();
  const [q, k] = [random(4, 2, 6), random(5, 2, 6)];
  const [, kWeight, vWeight] = (layer.inProjWeight as Tensor).chunk(3) as [Tensor, Tensor, Tensor];
  const [staticK, staticV] = [kWeight, vWeight].map((weight) => F.linear(k, weight).view(5, 6, 2).transpose(0, 1)) as [
    Tensor,
    Tensor,
  ];
  const run = (options: F.MultiHeadOptions) =>
    F.multiHeadAttentionForward(
      q,
      k,
      k,
      6,
      3,
      layer.inProjWeight,
      layer.inProjBias,
      null,
      null,
      true,
      0,
      layer.outProj.weight,
      layer.outProj.bias,
      options,
    )[0];
  close(run({ staticK, staticV }), run({}));
});

test("a causal hint gives what its mask gives", () => {
  const layer = new nn.MultiheadAttention(4, 2).double();
  const x = random(5, 2, 4);
  const attnMask = nn.Transformer.generateSquareSubsequentMask(5).double();
  const [masked] = layer(x, x, x, { attnMask });
  for (const needWeights of [true, false]) close(layer(x, x, x, { attnMask, isCausal: true, needWeights })[0], masked);
  assert.throws(() => layer(x, x, x, { isCausal: true }), /Need attn_mask if specifying the is_causal hint/);
  assert.deepEqual(attnMask.at(0).tolist(), [0, ...new Array(4).fill(Number.NEGATIVE_INFINITY)]);
});

test("stacks of layers print and run as PyTorch's", () => {
  const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, 3), 2, new nn.LayerNorm(4));
  assert.match(
    String(encoder),
    /^TransformerEncoder\(\n {2}\(layers\): ModuleList\(\n {4}\(0-1\): 2 x TransformerEncoderLayer\(/,
  );
  assert.match(
    String(encoder),
    /\(out_proj\): NonDynamicallyQuantizableLinear\(in_features=4, out_features=4, bias=True\)/,
  );
  const x = torch.randn(3, 2, 4);
  encoder.eval();
  let expected = x;
  for (const layer of encoder.layers) expected = layer(expected);
  assert.ok((encoder.norm as nn.Module)(expected).equal(encoder(x)));
  const decoder = new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, 3), 2);
  assert.deepEqual(decoder(torch.randn(5, 2, 4), x).shape, [5, 2, 4]);
  const keys = Object.keys(decoder.stateDict());
  assert.ok(
    keys.includes("layers.1.multihead_attn.in_proj_weight") && keys.includes("layers.0.norm3.bias"),
    String(keys),
  );
});

test("activations of layers are words, functions or modules", () => {
  const x = torch.randn(3, 2, 4);
  const layers = (["gelu", F.gelu, new nn.GELU()] as const).map((activation) => {
    torch.manualSeed(1);
    return new nn.TransformerEncoderLayer(4, 2, 3, 0, { activation });
  });
  const [first, ...others] = layers.map((layer) => layer(x)) as [Tensor, Tensor, Tensor];
  for (const other of others) assert.ok(other.equal(first));
  assert.throws(() => new nn.TransformerEncoderLayer(4, 2, 3, 0, { activation: "tanh" as never }), TypeError);
});

test("an activation may keep what it sees", () => {
  for (const normFirst of [false, true]) {
    let seen = torch.empty(0);
    const activation = (hidden: Tensor) => {
      seen = hidden;
      return hidden.relu();
    };
    const layer = new nn.TransformerEncoderLayer(16, 2, 3000, { activation, normFirst });
    layer.eval();
    const run = () => layer(torch.rand(3, 2, 16));
    for (const mode of [() => torch.noGrad(run), run]) {
      mode();
      assert.deepEqual(seen.sum().shape, []);
    }
  }
});

test("inputs that do not fit are refused in PyTorch's words", () => {
  const layer = new nn.MultiheadAttention(4, 2);
  const x = torch.zeros(3, 2, 4);
  const throws = (body: () => unknown, message: RegExp) => assert.throws(body, message);
  throws(() => new nn.MultiheadAttention(5, 2), /^Error: embed_dim must be divisible by num_heads, got 5 and 2/);
  throws(() => layer(torch.zeros(3, 2, 5), x, x), /^Error: was expecting embedding dimension of 4, but got 5/);
  throws(() => layer(x, x, x.narrow(0, 0, 2)), /^Error: key shape \[3, 2, 4\] does not match value shape \[2, 2, 4\]/);
  throws(
    () => layer(x, x, x, { attnMask: torch.zeros(2, 3) }),
    /^Error: The shape of the 2D attn_mask is \[2, 3\], but should be \[3, 3\]/,
  );
  throws(
    () => layer(x, x, x, torch.zeros(3, 3).bool()),
    /^Error: expecting key_padding_mask shape of \[2, 3\], but got \[3, 3\]/,
  );
  throws(
    () => layer(x, x, x, torch.zeros(2, 3).long()),
    /^TypeError: only bool and floating types of key_padding_mask are supported/,
  );
  throws(
    () => layer(torch.zeros(4), x, x),
    /^Error: query should be unbatched 2D or batched 3D tensor but received 1-D query tensor/,
  );
  throws(
    () => layer(x, x.at(0), x.at(0)),
    /^Error: For batched \(3-D\) `query`, expected `key` and `value` to be 3-D but found 2-D and 2-D/,
  );
  const transformer = new nn.Transformer(4, 2, 1, 1, 3);
  throws(
    () => transformer(x, torch.zeros(3, 1, 4)),
    /^Error: the batch number of src and tgt must be equal, got 2 and 1/,
  );
  throws(
    () => transformer(x, torch.zeros(3, 2, 5)),
    /^Error: the feature number of src and tgt must be equal to d_model/,
  );
});
