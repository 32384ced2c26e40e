/** Recurrent layers: RNN, GRU and LSTM, forwards, backwards or both ways. */
import torch, { F, type Tensor } from "flambeau";
import { type NodeReader, numbersOf, optionalTensorAt, tensorOfDims } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, Outputs } from "./define.js";
import { fastLayer, type SequenceResult, type Weights } from "./recurrentLayers.js";

type Activation = (x: Tensor) => Tensor;

/** An activation that has numbers: their defaults, undefined for one that it does not have. */
interface Numbered {
  readonly alpha?: number;
  readonly beta?: number;
  readonly compute: (x: Tensor, alpha: number, beta: number) => Tensor;
}

const activations: Readonly<Record<string, Numbered>> = {
  affine: { alpha: 1, beta: 0, compute: (x, alpha, beta) => x.mul(alpha).add(beta) },
  elu: { alpha: 1, compute: (x, alpha) => F.elu(x, alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, compute: (x, alpha, beta) => x.mul(alpha).add(beta).clamp(0, 1) },
  leakyrelu: { alpha: 0.01, compute: (x, alpha) => F.leakyRelu(x, alpha) },
  relu: { compute: (x) => F.relu(x) },
  scaledtanh: { alpha: 1, beta: 1, compute: (x, alpha, beta) => x.mul(beta).tanh().mul(alpha) },
  sigmoid: { compute: (x) => x.sigmoid() },
  softplus: { compute: (x) => F.softplus(x) },
  softsign: { compute: (x) => F.softsign(x) },
  tanh: { compute: (x) => x.tanh() },
  thresholdedrelu: { alpha: 1, compute: (x, alpha) => F.threshold(x, alpha, 0) },
};

/** The activations with some names, a few for each direction; the lists of numbers belong to those that have some, in turn. */
function activationsOf(node: NodeReader, names: readonly string[], each: number, directions: number): Activation[][] {
  const alphas = [...(node.floats("activation_alpha") ?? [])];
  const betas = [...(node.floats("activation_beta") ?? [])];
  const all = names.map((name): Activation => {
    const known = activations[name.toLowerCase()];
    if (known === undefined) throw new Error(`the activation '${name}' does not exist`);
    const alpha = known.alpha === undefined ? 0 : (alphas.shift() ?? known.alpha);
    const beta = known.beta === undefined ? 0 : (betas.shift() ?? known.beta);
    return (x) => known.compute(x, alpha, beta);
  });
  if (all.length !== directions * each) throw new RangeError(`${all.length} activations for ${directions} directions`);
  return Array.from({ length: directions }, (_, d) => all.slice(d * each, (d + 1) * each));
}

/** The weights of one direction, as its steps use them. */
interface CellWeights extends Weights {
  /** From the cell to the gates, one after the other. */
  readonly peepholes: Tensor | undefined;
}

/** A step: from what the input gives to the gates and the states to the next states, of which the first is the output. */
type Cell = (gates: Tensor, states: readonly Tensor[], weights: CellWeights) => Tensor[];

interface Kind {
  readonly gates: number;
  readonly states: number;
  readonly activations: readonly string[];
  cell(node: NodeReader, activations: readonly Activation[], clip: (x: Tensor) => Tensor): Cell;
}

const directions = ["forward", "reverse", "bidirectional"] as const;

function recurrent(kind: Kind): Operator {
  return (node) => {
    const direction = node.word("direction", directions, "forward");
    const count = direction === "bidirectional" ? 2 : 1;
    const [isBatchFirst, limit] = [node.flag("layout"), node.float("clip")];
    const clip = limit === undefined ? (x: Tensor) => x : (x: Tensor) => x.clamp(-limit, limit);
    const names = node.texts("activations") ?? new Array<readonly string[]>(count).fill(kind.activations).flat();
    const each = kind.activations.length;
    const cells = activationsOf(node, names, each, count).map((fns) => kind.cell(node, fns, clip));
    const first = names.slice(0, each);
    const isAlike = count === 1 || String(names.slice(each)) === String(first);
    const fast = isAlike ? fastLayer(node, kind.gates, first) : undefined;
    return (inputs) => {
      const given = tensorOfDims(inputs, 0, 3);
      const x = isBatchFirst ? given.transpose(0, 1) : given;
      const [r, lengths] = [tensorOfDims(inputs, 2, 3), optionalTensorAt(inputs, 4)];
      checkWeights(tensorOfDims(inputs, 1, 3), r, optionalTensorAt(inputs, 3), kind.gates);
      const results = cells.map((cell, d) => {
        const isReverse = direction === "reverse" || d === 1;
        const [weights, states] = [weightsOf(inputs, d), statesOf(inputs, kind.states, d, x, r, isBatchFirst)];
        const isEmpty = x.numel() === 0;
        if (fast !== undefined && !isEmpty) return fast(x, { ...weights, states }, isReverse);
        return sequence(x, cell, weights, states, lengths, isReverse);
      });
      const outputs = torch.stack(
        results.map(({ outputs }) => outputs),
        1,
      );
      const states = Array.from({ length: kind.states }, (_, i) =>
        torch.stack(
          results.map((result) => result.states[i] as Tensor),
          isBatchFirst ? 1 : 0,
        ),
      );
      return new Outputs(isBatchFirst ? outputs.permute(2, 0, 1, 3) : outputs, ...states);
    };
  };
}

/** Throws unless all weights have as many rows as there are gates. */
function checkWeights(w: Tensor, r: Tensor, bias: Tensor | undefined, gates: number): void {
  const rows = gates * (r.shape[2] as number);
  if (w.shape[1] === rows && r.shape[1] === rows && (bias === undefined || bias.shape[1] === 2 * rows)) return;
  const shapes = [w, r, bias].map((one) => (one === undefined ? "none" : `[${one.shape.join(", ")}]`));
  throw new RangeError(`weights of shapes ${shapes.join(", ")} are not those of ${gates} gates`);
}

function weightsOf(inputs: Inputs, d: number): CellWeights {
  const bias = optionalTensorAt(inputs, 3)?.select(0, d);
  const [wBias, rBias] = bias?.chunk(2) ?? [];
  const peepholes = optionalTensorAt(inputs, 7)?.select(0, d);
  return {
    w: tensorOfDims(inputs, 1, 3).select(0, d),
    r: tensorOfDims(inputs, 2, 3).select(0, d),
    wBias,
    rBias,
    peepholes,
  };
}

function statesOf(inputs: Inputs, count: number, d: number, x: Tensor, r: Tensor, isBatchFirst: boolean): Tensor[] {
  return Array.from({ length: count }, (_, i) => {
    const initial = optionalTensorAt(inputs, 5 + i);
    if (initial === undefined) return torch.zeros([x.shape[1] as number, r.shape[2] as number], { dtype: x.dtype });
    return initial.select(isBatchFirst ? 1 : 0, d);
  });
}

/** Runs a cell over all steps. Of a sequence that is shorter the state stays from its end on, and the outputs are zeros. */
function sequence(
  x: Tensor,
  cell: Cell,
  weights: CellWeights,
  initial: readonly Tensor[],
  lengths: Tensor | undefined,
  isReverse: boolean,
): SequenceResult {
  const steps = x.shape[0] as number;
  const projected = F.linear(x, weights.w, weights.wBias);
  const outputs = new Array<Tensor>(steps);
  const shortest = lengths === undefined ? steps : Math.min(...numbersOf(lengths));
  let states = [...initial];
  for (let i = 0; i < steps; i++) {
    const t = isReverse ? steps - 1 - i : i;
    const next = cell(projected.select(0, t), states, weights);
    if (lengths === undefined || t < shortest) {
      states = next;
      outputs[t] = next[0] as Tensor;
      continue;
    }
    const runs = lengths.gt(t).unsqueeze(1);
    states = next.map((state, k) => torch.where(runs, state, states[k] as Tensor));
    outputs[t] = torch.where(runs, next[0] as Tensor, torch.zerosLike(next[0] as Tensor));
  }
  const shape = [0, ...(initial[0]?.shape ?? [])];
  return { outputs: steps === 0 ? torch.zeros(shape, { dtype: x.dtype }) : torch.stack(outputs, 0), states };
}

const rnn: Kind = {
  gates: 1,
  states: 1,
  activations: ["Tanh"],
  cell: (_, [f], clip) => {
    const activate = f as Activation;
    return (gates, [h], { r, rBias }) => [activate(clip(gates.add(F.linear(h as Tensor, r, rBias))))];
  },
};

/** Gates: update, reset, hidden. */
const gru: Kind = {
  gates: 3,
  states: 1,
  activations: ["Sigmoid", "Tanh"],
  cell: (node, [f, g], clip) => {
    const isLinearFirst = node.flag("linear_before_reset");
    const [gate, activate] = [f as Activation, g as Activation];
    return (gates, [state], { r, rBias }) => {
      const h = state as Tensor;
      const size = h.shape[1] as number;
      const [xz, xr, xh] = gates.split(size, { dim: 1 }) as [Tensor, Tensor, Tensor];
      const [rzr, rh] = r.split([2 * size, size]) as [Tensor, Tensor];
      const [bzr, bh] = rBias?.split([2 * size, size]) ?? [];
      const [hz, hr] = F.linear(h, rzr, bzr).chunk(2, 1) as [Tensor, Tensor];
      const [z, reset] = [gate(clip(xz.add(hz))), gate(clip(xr.add(hr)))];
      const hidden = isLinearFirst ? reset.mul(F.linear(h, rh, bh)) : F.linear(reset.mul(h), rh, bh);
      const candidate = activate(clip(xh.add(hidden)));
      return [candidate.add(z.mul(h.sub(candidate)))];
    };
  },
};

/** Gates: input, output, forget, cell. */
const lstm: Kind = {
  gates: 4,
  states: 2,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  cell: (node, [f, g, h], clip) => {
    const isCoupled = node.flag("input_forget");
    const [gate, activate, squash] = [f as Activation, g as Activation, h as Activation];
    return (gates, [hidden, cell], { r, rBias, peepholes }) => {
      const c = cell as Tensor;
      const [xi, xo, xf, xc] = gates.add(F.linear(hidden as Tensor, r, rBias)).chunk(4, 1) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const [pi, po, pf] = peepholes?.chunk(3) ?? [];
      const peek = (x: Tensor, p: Tensor | undefined, from: Tensor) => (p === undefined ? x : x.add(p.mul(from)));
      const i = gate(clip(peek(xi, pi, c)));
      const forget = isCoupled ? i.neg().add(1) : gate(clip(peek(xf, pf, c)));
      const next = forget.mul(c).add(i.mul(activate(clip(xc))));
      const o = gate(clip(peek(xo, po, next)));
      return [o.mul(squash(next)), next];
    };
  },
};

export const recurrence: Family = {
  GRU: recurrent(gru),
  LSTM: recurrent(lstm),
  RNN: recurrent(rnn),
};
