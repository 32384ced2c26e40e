/** Layers over sequences: recurrent networks, attention, a transformer's encoder layer; embeddings, and images resized. */
import torch, { F, nn, type Tensor } from "flambeau";
import type { Case } from "../case.js";
import type { Goal } from "../goals.js";

interface Layer {
  readonly name: string;
  readonly make: () => nn.Module;
  readonly pytorch: string;
  readonly shape: readonly number[];
  /** What the layer is called with, where that is not the input alone. */
  readonly call?: (layer: nn.Module, x: Tensor) => unknown;
  readonly run?: string;
  readonly goal: Goal;
}

function firstTensor(result: unknown): Tensor {
  return result instanceof torch.Tensor ? result : ((result as Tensor[])[0] as Tensor);
}

/** A layer forward without a graph, and forward and backward from the sum of its first result. */
function layer({ name, make, pytorch, shape, call = (of, x) => of(x), run = "layer(x)", goal }: Layer): Case[] {
  const setup = `layer = torch.nn.${pytorch}\nx = torch.randn(${shape})`;
  return [
    {
      name: `${name}, forward`,
      goals: [goal],
      flambeau: () => {
        const [made, x] = [make(), torch.randn(shape)];
        return () => torch.noGrad(() => call(made, x));
      },
      pytorch: { setup: `${setup}\ntorch.set_grad_enabled(False)`, run: `torch.set_grad_enabled(False)\n${run}` },
    },
    {
      name: `${name}, forward and backward`,
      goals: [goal],
      flambeau: () => {
        const [made, x] = [make(), torch.randn(shape)];
        return () => {
          made.zeroGrad();
          firstTensor(call(made, x)).sum().backward();
        };
      },
      pytorch: {
        setup,
        run: `torch.set_grad_enabled(True)\nlayer.zero_grad()\nmade = ${run}\n(made if torch.is_tensor(made) else made[0]).sum().backward()`,
      },
    },
  ];
}

export const sequences: readonly Case[] = [
  ...layer({
    name: "LSTM of 2 layers, 256, 35×20",
    make: () => new nn.LSTM(256, 256, 2),
    pytorch: "LSTM(256, 256, 2)",
    shape: [35, 20, 256],
    goal: "recurrent",
  }),
  ...layer({
    name: "GRU 256, 35×20",
    make: () => new nn.GRU(256, 256),
    pytorch: "GRU(256, 256)",
    shape: [35, 20, 256],
    goal: "recurrent",
  }),
  ...layer({
    name: "attention 256, 8 heads, 64×32",
    make: () => new nn.MultiheadAttention(256, 8),
    pytorch: "MultiheadAttention(256, 8)",
    shape: [64, 32, 256],
    call: (of, x) => of(x, x, x),
    run: "layer(x, x, x)",
    goal: "attention",
  }),
  ...layer({
    name: "encoder layer 256, 32×64",
    make: () => new nn.TransformerEncoderLayer(256, 8),
    pytorch: "TransformerEncoderLayer(256, 8)",
    shape: [32, 64, 256],
    goal: "attention",
  }),
  {
    name: "embedding 64×128 of 10000×256, forward and backward",
    goals: ["passing"],
    flambeau: () => {
      const [table, places] = [new nn.Embedding(10000, 256), torch.randint(0, 10000, [64, 128])];
      return () => {
        table.zeroGrad();
        table(places).sum().backward();
      };
    },
    pytorch: {
      setup: "table = torch.nn.Embedding(10000, 256)\nplaces = torch.randint(0, 10000, (64, 128))",
      run: "table.zero_grad()\ntable(places).sum().backward()",
    },
  },
  {
    name: "CTC 50×16×20, forward and backward",
    flambeau: () => {
      const logits = torch.randn([50, 16, 20], { requiresGrad: true });
      const targets = torch.randint(1, 20, [16, 10]);
      const [inputLengths, targetLengths] = [50, 10].map((n) => torch.full([16], n, { dtype: torch.int64 }));
      return () => {
        logits.grad = null;
        F.ctcLoss(logits.logSoftmax(2), targets, inputLengths as Tensor, targetLengths as Tensor).backward();
      };
    },
    pytorch: {
      setup: `
logits = torch.randn(50, 16, 20, requires_grad=True)
targets = torch.randint(1, 20, (16, 10))
lengths = torch.full((16,), 50), torch.full((16,), 10)`,
      run: "logits.grad = None\ntorch.nn.functional.ctc_loss(logits.log_softmax(2), targets, *lengths).backward()",
    },
  },
  ...(["nearest", "bilinear", "bicubic"] as const).map(
    (mode): Case => ({
      name: `${mode} ×2, 8×64×56², forward and backward`,
      goals: ["passing"],
      flambeau: () => {
        const x = torch.randn([8, 64, 56, 56], { requiresGrad: true });
        return () => {
          x.grad = null;
          F.interpolate(x, undefined, 2, { mode }).sum().backward();
        };
      },
      pytorch: {
        setup: "x = torch.randn(8, 64, 56, 56, requires_grad=True)",
        run: `x.grad = None\ntorch.nn.functional.interpolate(x, scale_factor=2.0, mode="${mode}").sum().backward()`,
      },
    }),
  ),
];
