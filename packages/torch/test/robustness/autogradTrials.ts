/** Random calls that reach autograd with what it did not make itself: gradients, results of hooks, custom functions. */
import torch, { nn } from "../../src/index.js";
import { attempt, type Call, type Members, type Trial } from "./trial.js";
import { dtypes, type Values } from "./values.js";

/** A leaf that wants a gradient, at times large enough for several threads. */
function aLeaf(values: Values): torch.Tensor {
  const shape = values.chance(0.05) ? [40_000] : values.shape();
  return torch.randn(shape, { dtype: values.of([torch.float32, torch.float64]) }).requiresGrad_();
}

const steps: readonly ((x: torch.Tensor, values: Values) => torch.Tensor)[] = [
  (x) => x.tanh(),
  (x) => x.mul(2),
  (x) => x.mul(x),
  (x) => x.exp().log(),
  (x) => x.softmax(x.ndim - 1),
  (x) => x.reshape(-1),
  (x) => x.T,
  (x) => x.sum(),
  (x) => x.cumsum(0),
  (x) => x.sort(0).values,
  (x) => x.at("::2"),
  (x) => x.clone().relu_(),
  (x) => x.clone().mul_(x),
  (x) => x.to(torch.float64),
  (x) => x.expand([2, ...x.shape]),
  (x) => x.matmul(x.transpose(-1, -2)),
  (x) => torch.cat([x, x]),
  (x) => nn.functional.dropout(x, 0.5),
  (x, values) => x.add(values.tensor()),
  (x, values) => x.where(values.tensor(undefined, torch.bool), values.tensor()),
];

/** A few operations one after the other, as far as they fit. */
function chain(values: Values, x: torch.Tensor): torch.Tensor {
  let y = x;
  for (let i = 1 + values.below(3); i > 0; i--) {
    const next = attempt(() => values.of(steps)(y, values));
    if (next instanceof torch.Tensor && next.requiresGrad) y = next;
  }
  return y;
}

/** What may come where a gradient is expected. */
function aGradientFor(values: Values, of: torch.Tensor): unknown {
  return values.of<() => unknown>([
    () => torch.ones(of.shape, { dtype: of.dtype }),
    () => torch.ones(of.shape, { dtype: values.of(dtypes) }),
    () => torch.ones(of.shape.length > 0 ? of.shape.slice(1) : [2], { dtype: of.dtype }),
    () => torch.ones([], { dtype: of.dtype }).expand(of.shape),
    () => of,
    () => of.data,
    () => values.tensor(),
    () => values.returned(),
  ])();
}

function aGradient(values: Values): Trial {
  const leaf = aLeaf(values);
  const output = chain(values, leaf);
  const gradient = aGradientFor(values, output);
  const options = values.of<object>([{}, { retainGraph: true }, { createGraph: true }, values.options()]);
  const name = values.of(["x.backward", "autograd.backward", "autograd.grad", "x.grad =", "x.data ="]);
  const run = (): unknown => {
    switch (name) {
      case "x.backward":
        return [(output.backward as Call).call(output, gradient, options), leaf.grad];
      case "autograd.backward":
        return [(torch.autograd.backward as Call)([output, output], [gradient, gradient], options), leaf.grad];
      case "autograd.grad":
        return (torch.autograd.grad as Call)([output], [leaf, output], [gradient], options);
      case "x.grad =":
        attempt(() => ((leaf as { grad: unknown }).grad = gradient));
        return [output.sum().backward(), leaf.grad];
      default:
        attempt(() => ((leaf as { data: unknown }).data = gradient));
        return [output.sum().backward(), leaf.grad];
    }
  };
  return { name, args: [leaf, output, gradient, options], run };
}

/** Hooks that return what is no gradient, keep what they got, or change it. */
function aHook(values: Values): Trial {
  const leaf = aLeaf(values);
  const kept: unknown[] = [];
  const result = aGradientFor(values, leaf);
  const hook = values.of<Call>([
    () => result,
    () => [result],
    (...args) => kept.push(...args),
    (grad) => (grad instanceof torch.Tensor ? grad.resize_([1]) : [grad]),
    (grad) => (grad instanceof torch.Tensor ? grad.data.to(torch.int64) : null),
    values.callback(),
  ]);
  const place = values.of(["registerHook", "node.registerHook", "node.registerPrehook"]);
  const run = () => {
    const middle = chain(values, leaf);
    const on = (place === "registerHook" ? middle : middle.gradFn) as unknown as Members | null;
    on?.[place.replace("node.", "")]?.(hook);
    if (values.chance(0.3)) middle.retainGrad();
    const output = chain(values, middle);
    return [attempt(() => output.sum().backward({ retainGraph: true })), output.sum().backward(), leaf.grad, kept];
  };
  return { name: place, args: [leaf, result, hook], run };
}

/** A function of the user's whose results, gradients and marks are wrong. */
function aCustomFunction(values: Values): Trial {
  const leaf = aLeaf(values);
  const result = values.chance(0.5) ? undefined : values.returned();
  const gradient = values.chance(0.3) ? undefined : aGradientFor(values, leaf);
  const mark = values.of(["", "", "markDirty", "markNonDifferentiable", "saveForBackward", "setMaterializeGrads"]);
  const marked = values.chance(0.5) ? undefined : values.value();
  const kept: unknown[] = [];
  class Custom extends torch.autograd.Function {
    static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor, other: unknown) {
      (ctx as unknown as Members)[mark]?.(mark === "setMaterializeGrads" ? false : (marked ?? x));
      if (mark === "markDirty") x.mul_(2);
      return result ?? values.of<() => unknown>([() => x, () => x.mul(2), () => [x.mul(2), other], () => x.data])();
    }
    static override backward(ctx: torch.autograd.FunctionContext, ...grads: torch.Tensor[]): never {
      kept.push(...grads, ...ctx.savedTensors);
      return (gradient ?? [grads[0], grads[0]]) as never;
    }
  }
  const other = values.value();
  const run = () => {
    const input = values.of<() => torch.Tensor>([() => leaf, () => leaf.mul(2), () => leaf.clone().view(-1)])();
    const output = Custom.apply(input, other) as unknown;
    const first = (Array.isArray(output) ? output[0] : output) as torch.Tensor;
    if (!(first instanceof torch.Tensor) || !first.requiresGrad) return output;
    attempt(() => chain(values, first).sum().backward({ retainGraph: true }));
    first.sum().backward();
    return [output, leaf.grad, kept];
  };
  return { name: `Function.apply, ${mark}`, args: [leaf, other, result, gradient, marked], run };
}

/** Hooks of a module that replace inputs, outputs and gradients. */
function aModuleHook(values: Values): Trial {
  const name = values.of([
    "registerForwardPreHook",
    "registerForwardHook",
    "registerFullBackwardPreHook",
    "registerFullBackwardHook",
  ]);
  const leaf = torch.randn([values.of([0, 1, 3]), 4]).requiresGrad_();
  const result = aGradientFor(values, leaf);
  const hook = values.of<Call>([() => result, () => [result], values.callback()]);
  const run = () => {
    const module = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh());
    const on = values.of<unknown>([module, module.at(0), module.at(1)]) as Members;
    on[name]?.(hook);
    const output = module(leaf) as unknown;
    if (!(output instanceof torch.Tensor)) return output;
    return [attempt(() => output.sum().backward({ retainGraph: true })), output.sum().backward(), leaf.grad];
  };
  return { name: `module.${name}`, args: [leaf, result, hook], run };
}

/** Kinds with how often they come. */
export const autogradKinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [
  [8, aGradient],
  [5, aHook],
  [4, aCustomFunction],
  [2, aModuleHook],
];
