/**
 * A step of an optimizer alone: over the parameters of a residual network of 11 million numbers, and over 10,000
 * parameters of 10 numbers; against PyTorch's default form and against its `foreach` form.
 */
import torch, { optim } from "flambeau";
import type { Case } from "../case.js";

type Shape = readonly number[];

/** The parameters of ResNet-18: convolutions, each with a batch norm, and a last layer. */
function residualNetwork(): Shape[] {
  const block = (to: number, from: number, size: number): Shape[] => [[to, from, size, size], [to], [to]];
  const shapes = block(64, 3, 7);
  let from = 64;
  for (const to of [64, 128, 256, 512]) {
    shapes.push(...block(to, from, 3), ...block(to, to, 3));
    if (to !== from) shapes.push(...block(to, from, 1));
    shapes.push(...block(to, to, 3), ...block(to, to, 3));
    from = to;
  }
  return [...shapes, [1000, 512], [1000]];
}

const models: Readonly<Record<string, readonly Shape[]>> = {
  "a network of 11 million numbers": residualNetwork(),
  "10,000 parameters of 10 numbers": new Array<Shape>(10_000).fill([10]),
};

const optimizers = {
  "SGD with momentum": {
    make: (params: readonly torch.Tensor[]) => new optim.SGD(params, { lr: 0.01, momentum: 0.9 }),
    pytorch: "SGD(params, lr=0.01, momentum=0.9",
  },
  Adam: { make: (params: readonly torch.Tensor[]) => new optim.Adam(params), pytorch: "Adam(params" },
  AdamW: { make: (params: readonly torch.Tensor[]) => new optim.AdamW(params), pytorch: "AdamW(params" },
  RMSprop: { make: (params: readonly torch.Tensor[]) => new optim.RMSprop(params), pytorch: "RMSprop(params" },
  Adagrad: { make: (params: readonly torch.Tensor[]) => new optim.Adagrad(params), pytorch: "Adagrad(params" },
};

/** PyTorch's forms, and what is to be reached against each. */
const forms = {
  "": { option: "", goal: "optimizer" },
  ", against foreach": { option: ", foreach=True", goal: "foreach" },
} as const;

export const optimizerSteps: readonly Case[] = Object.entries(models).flatMap(([model, shapes]) =>
  Object.entries(optimizers).flatMap(([name, { make, pytorch }]) =>
    Object.entries(forms).map(([against, { option, goal }]) => ({
      name: `${name}, ${model}${against}`,
      goals: [goal],
      flambeau: () => {
        const params = shapes.map((shape) => torch.randn([...shape], { requiresGrad: true }));
        for (const param of params) param.grad = torch.randnLike(param.detach());
        const optimizer = make(params);
        return () => optimizer.step();
      },
      pytorch: {
        setup: [
          `params = [torch.randn(shape, requires_grad=True) for shape in ${pythonOf(shapes)}]`,
          "for param in params: param.grad = torch.randn_like(param)",
          `optimizer = torch.optim.${pytorch}${option})`,
        ].join("\n"),
        run: "optimizer.step()",
      },
    })),
  ),
);

/** A list in Python; of one that only repeats a shape, not all of them. */
function pythonOf(shapes: readonly Shape[]): string {
  const [first] = shapes;
  if (shapes.every((shape) => shape === first)) return `[${JSON.stringify(first)}] * ${shapes.length}`;
  return JSON.stringify(shapes);
}
