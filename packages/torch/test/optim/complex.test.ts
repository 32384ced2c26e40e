/** Optimizers of complex parameters: their parts are two real numbers each, as PyTorch takes them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { optim, Tensor } from "../../src/index.js";

const { complex64, complex128, float64 } = torch;

function part(count: number, factor: number, shift: number, modulus: number): Tensor {
  const values = Array.from({ length: count }, (_, k) => ((k * factor + shift) % modulus) / 20 - 1.5);
  return torch.tensor(values, { dtype: float64 });
}

function formula(factor: number, shift: number): Tensor {
  return torch.complex(part(3, factor, shift, 61), part(3, factor, shift + 7, 59));
}

type Name = Exclude<keyof typeof optim, "Optimizer" | "LBFGS" | "SparseAdam" | "Adafactor" | "Muon">;

function make(name: Name, params: Tensor[], options: object): optim.Optimizer {
  return new (optim[name] as new (params: Tensor[], options: object) => optim.Optimizer)(params, options);
}

function advance(optimizer: optim.Optimizer, param: Tensor, step: number): void {
  const grad = formula(29, 17 * step);
  param.grad = (param.dtype.isComplex ? grad : torch.viewAsReal(grad)).to(param.dtype).viewAs(param);
  optimizer.step();
}

function near(actual: Tensor, expected: unknown): void {
  const numbers = actual.dtype.isComplex ? torch.viewAsReal(actual) : actual;
  torch.testing.assertClose(numbers.detach(), torch.tensor(expected as number[], { dtype: float64 }), {
    rtol: 1e-9,
    atol: 1e-12,
  });
}

/** After four steps of PyTorch 1.13: the parameter, and what its state holds. */
const recorded: [Name, object, number[][], Record<string, number[][]>][] = [
  [
    "SGD",
    { lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
    [
      [-1.2855189799999998, -1.2886066864999997],
      [0.4989126885000001, 0.4502039820000001],
      [-0.5597723434999998, -0.5608851089999999],
    ],
    {
      momentum_buffer: [
        [-1.0016302000000001, 0.3878383649999999],
        [-0.6254803850000001, 0.9311981800000001],
        [-1.2863180650000001, 0.47157009000000016],
      ],
    },
  ],
  [
    "AdamW",
    { lr: 0.1 },
    [
      [-1.3704617371654135, -1.174777986726392],
      [0.3488556748505331, 0.5689248958320359],
      [-0.6666631401048274, -0.40807442975370045],
    ],
    {
      exp_avg_sq: [
        [0.002885051307077502, 0.002839665572410002],
        [0.002986361379360002, 0.002791722368677502],
        [0.003139766921860003, 0.002754810617377503],
      ],
    },
  ],
  [
    "Adagrad",
    { lr: 0.1, initialAccumulatorValue: 0.25 },
    [
      [-1.4574457609544604, -1.2141436316748844],
      [0.36244547158179763, 0.6320600869032544],
      [-0.7688885930445288, -0.44911542545437977],
    ],
    {
      sum: [
        [3.1374999999999997, 3.0924999999999994],
        [3.2424999999999997, 3.0475],
        [3.3925, 3.0075000000000003],
      ],
    },
  ],
  [
    "Adadelta",
    { lr: 0.5 },
    [
      [-1.4989824275678403, -1.1514045927173864],
      [0.3508093719206673, 0.698807990209562],
      [-0.8481821767328701, -0.40110717902416915],
    ],
    {},
  ],
  [
    "RMSprop",
    { lr: 0.1, centered: true, momentum: 0.5 },
    [
      [-0.7177618783775456, -1.7655595217228182],
      [0.300606710857817, -0.41900356265974287],
      [0.5371101692741453, -0.8731626804579031],
    ],
    {
      grad_avg: [
        [-0.005451743500000007, 0.009339653000000003],
        [-0.00840400800000001, 0.008357488500000005],
        [-0.011362342000000011, 0.0073694535000000064],
      ],
    },
  ],
  [
    "Rprop",
    { lr: 0.1 },
    [
      [-1.45, -1.0999999999999999],
      [0.3000000000000001, 0.6500000000000002],
      [-0.8, -0.3499999999999999],
    ],
    {
      step_size: [
        [0.025, 0.025],
        [0.025, 0.025],
        [0.025, 0.025],
      ],
    },
  ],
  [
    "ASGD",
    { lr: 0.1 },
    [
      [-1.4449413575755887, -1.2449514568365028],
      [0.4349838454333564, 0.6149742716170051],
      [-0.7349689321128561, -0.47498198112218026],
    ],
    {},
  ],
  [
    "Adamax",
    { lr: 0.1 },
    [
      [-1.3804491910960837, -1.1366950144061085],
      [0.32174328546641406, 0.5783768392453887],
      [-0.6949547622375025, -0.37418187149919796],
    ],
    {},
  ],
];

describe("as in PyTorch", () => {
  for (const [name, options, param, state] of recorded) {
    test(name, () => {
      const z = formula(37, 0).requiresGrad_();
      const optimizer = make(name, [z], options);
      for (let step = 1; step <= 4; step++) advance(optimizer, z, step);
      near(z, param);
      const kept = optimizer.stateDict().state.get(0) as Record<string, Tensor>;
      for (const [key, expected] of Object.entries(state)) {
        assert.equal(kept[key]?.dtype, complex128);
        near(kept[key] as Tensor, expected);
      }
    });
  }
});

const all: [Name, object][] = [
  ...recorded.map(([name, options]): [Name, object] => [name, options]),
  ["SGD", { lr: 0.1, momentum: 0.5, nesterov: true, maximize: true }],
  ["Adam", { lr: 0.1, amsgrad: true, weightDecay: 0.1 }],
  ["NAdam", { lr: 0.1, decoupledWeightDecay: true, weightDecay: 0.1 }],
  ["RAdam", { lr: 0.1 }],
  ["Adam", { lr: 0.1, differentiable: true }],
];

describe("as for both parts, which are real", () => {
  for (const [name, options] of all) {
    for (const dtype of [complex64, complex128]) {
      test(`${name} ${JSON.stringify(options)} ${dtype}`, () => {
        const start = formula(37, 0).to(dtype);
        const isDifferentiable = "differentiable" in options;
        // Memory with gaps, and a parameter that is no leaf where steps are recorded.
        const leaf = torch.stack([start, start]).t();
        const z = isDifferentiable ? start.clone().requiresGrad_().mul(1) : leaf.select(1, 0).requiresGrad_();
        const parts = torch.viewAsReal(start).clone().requiresGrad_();
        const twin = isDifferentiable ? parts.mul(1) : parts;
        const [ours, theirs] = [make(name, [z], options), make(name, [twin], options)];
        for (let step = 1; step <= 3; step++) {
          advance(ours, z, step);
          advance(theirs, twin, step);
        }
        const dict = ours.stateDict();
        torch.testing.assertClose(torch.viewAsReal(z).detach(), twin.detach());
        for (const [key, value] of Object.entries(theirs.stateDict().state.get(0) ?? {})) {
          if (!(value instanceof Tensor) || value.numel() === 1) continue;
          const kept = dict.state.get(0)?.[key] as Tensor;
          assert.equal(kept.dtype, dtype, key);
          torch.testing.assertClose(torch.viewAsReal(kept).detach(), value.detach());
        }
        if (isDifferentiable) return;
        const w = z.detach().clone().requiresGrad_();
        const loaded = make(name, [w], options);
        loaded.loadStateDict(dict);
        advance(loaded, w, 4);
        advance(ours, z, 4);
        torch.testing.assertClose(w, z);
      });
    }
  }

  test("LBFGS", () => {
    for (const options of [{}, { lineSearchFn: "strong_wolfe" as const }]) {
      const target = torch.viewAsReal(formula(11, 5));
      const weights = torch.tensor([[1], [2], [3]], { dtype: float64 });
      const minimize = (param: Tensor, partsOf: (x: Tensor) => Tensor) => {
        const optimizer = new optim.LBFGS([param], { maxIter: 4, ...options });
        return Number(
          optimizer.step(() => {
            optimizer.zeroGrad();
            const loss = partsOf(param).sub(target).square().mul(weights).sum();
            loss.backward();
            return loss;
          }),
        );
      };
      const z = formula(37, 0).requiresGrad_();
      const twin = torch.viewAsReal(formula(37, 0)).clone().requiresGrad_();
      assert.equal(
        minimize(z, torch.viewAsReal),
        minimize(twin, (x) => x),
      );
      torch.testing.assertClose(torch.viewAsReal(z), twin);
    }
  });
});

test("optimizers that have no step for complex parameters say so, and change nothing", () => {
  for (const name of ["Adafactor", "Muon"] as const) {
    const z = torch.ones(2, 2, { dtype: complex64 }).requiresGrad_();
    z.grad = z.detach().clone();
    const optimizer = new optim[name]([z]);
    assert.throws(() => optimizer.step(), {
      name: "TypeError",
      message: `${name} does not support complex parameters`,
    });
    assert.ok(z.eq(1).all().item());
  }
});
