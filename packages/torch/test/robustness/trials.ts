/** Kinds of random calls: functions, methods, modules, optimizers, data, indexing, generators. */

import type { Param } from "../../src/arguments/params.js";
import torch, { nn, optim, utils } from "../../src/index.js";
import { type Operation, operationOf } from "../../src/ops/define.js";
import * as methodOperations from "../../src/ops/methods.js";
import { autogradKinds } from "./autogradTrials.js";
import { imageKinds } from "./imageTrials.js";
import { internalKinds, memoryKinds } from "./memoryTrials.js";
import { attempt, type Call, excluded, type Members, methods, methodsOf, type Trial } from "./trial.js";
import { dtypes, type Values } from "./values.js";
import { visionKinds } from "./visionTrials.js";

type Class = new (...args: unknown[]) => unknown;

const { data } = utils;

function functionsOf(namespace: object, prefix: string): [name: string, call: Call][] {
  return Object.entries(namespace)
    .filter(([name, value]) => typeof value === "function" && !excluded.has(name) && !/^[A-Z]/.test(name))
    .map(([name, value]) => [`${prefix}${name}`, value as Call]);
}

function classesOf(namespace: object): [name: string, type: Class][] {
  return Object.entries(namespace).filter(([name, value]) => typeof value === "function" && /^[A-Z]/.test(name)) as [
    string,
    Class,
  ][];
}

/** Saves a value, without a file, and loads it again. */
const goRound: Call = (value) => torch.load(torch.save(value));

const functions: [name: string, call: Call][] = [
  ["torch.load(torch.save)", goRound],
  ...functionsOf(torch, "torch."),
  ...functionsOf(torch.autograd, "autograd."),
  ...functionsOf(torch.random, "random."),
  ...functionsOf(torch.memory, "memory."),
  ...functionsOf(torch.special, "special."),
  ...functionsOf(torch.masked, "masked."),
  ...functionsOf(torch.signal.windows, "windows."),
  ...functionsOf(nn.functional, "F."),
  ...functionsOf(nn.init, "init."),
  ...functionsOf(data, "data."),
  ...functionsOf(torch.ops.torchvision, "torchvision."),
];
const operations = [...functions, ...functionsOf(methodOperations, "method ")].filter(
  ([, call]) => operationOf(call) !== undefined,
);
const moduleMethods = methodsOf(nn.Module.prototype);
const modules = classesOf(nn);
const optimizers = classesOf(optim).filter(([name]) => name !== "Optimizer");
const dataClasses = classesOf(data);

export function aFunction(values: Values): Trial {
  const args = values.args(4);
  const [name, call] = values.of(functions);
  if (values.chance(0.6)) args.unshift(values.tensor());
  return { name, args, run: () => call(...args) };
}

export function aMethod(values: Values): Trial {
  const args = values.args(4);
  const self = values.tensor();
  const name = values.of(methods);
  return { name: `x.${name}`, args: [self, ...args], run: () => (self as unknown as Members)[name]?.(...args) };
}

/** A value of the kind that a parameter describes itself to take. */
function fitting(values: Values, param: Param<unknown>, of: torch.Tensor): unknown {
  const { expected } = param;
  if (values.chance(0.04)) return values.value();
  if (expected.startsWith("list of") || expected.startsWith("tuple of T"))
    return values.list(1 + values.below(3), () => partner(values, of));
  if (expected.startsWith("Tensor") || expected === "anything")
    return values.chance(0.15) ? values.number() : partner(values, of);
  if (expected === "bool") return values.chance(0.5);
  if (expected === "int") return values.of([0, 1, 2, -1, -2, 3]);
  if (expected === "float" || expected === "Number") return values.of([0, 1, 2, 0.5, -1, 3, values.number()]);
  if (expected === "torch.dtype") return values.of(dtypes);
  if (expected.includes("ints")) return values.list(values.below(of.ndim + 2), () => values.of([0, 1, 2, 3, -1]));
  if (expected.startsWith("one of")) return values.of([...expected.matchAll(/"([^"]*)"/g)])[1];
  return values.value();
}

/** A tensor that goes well with another: broadcasts with it, is one of indices or a mask for it, or is a matrix beside it. */
function partner(values: Values, of: torch.Tensor): torch.Tensor {
  const sizes = [...of.shape];
  const shape = values.of([
    sizes,
    sizes,
    sizes.slice(1),
    sizes.slice(0, -1),
    sizes.slice(-1),
    [...sizes].reverse(),
    [...sizes.slice(0, -2), sizes.at(-1) ?? 1, 3],
    [],
  ]);
  return values.tensor(shape, values.chance(0.5) ? of.dtype : values.of(dtypes));
}

/** A call of an operation with arguments of the kinds that it takes, so that many get as far as the kernels. */
export function aFittingCall(values: Values): Trial {
  const [name, call] = values.of(operations);
  const { params, out } = (operationOf(call) as Operation).definition;
  const self = values.tensor();
  const options: Record<string, unknown> = {};
  Object.entries(params).forEach(([key, param], i) => {
    if (!param.isOptional || values.chance(0.4)) options[key] = i === 0 ? self : fitting(values, param, self);
  });
  if (out === true && values.chance(0.15)) options.out = values.of([partner(values, self), self]);
  const required = Object.keys(params).filter((key) => !params[key]?.isOptional && !params[key]?.isKeyword);
  const args: unknown[] = required.map((key) => options[key]);
  for (const key of required) delete options[key];
  if (Object.keys(options).length > 0) args.push(options);
  return { name, args, run: () => call(...args) };
}

/** In place on a view, so that what the view shares changes too. */
export function anInplaceMethod(values: Values): Trial {
  const base = values.tensor();
  const view = values.of<(x: torch.Tensor) => torch.Tensor>([
    (x) => x.detach(),
    (x) => x.expand([2, ...x.shape]),
    (x) => x.reshape(-1),
    (x) => x.unsqueeze(0).transpose(0, -1),
    (x) => x.view(x.shape),
  ])(base);
  const name = values.of(methods.filter((method) => method.endsWith("_")));
  const args = [values.chance(0.5) ? base : values.value(), ...values.args(2)];
  return {
    name: `view.${name}`,
    args: [view, ...args],
    run: () => [(view as unknown as Members)[name]?.(...args), base],
  };
}

/** A function with `out`: of another shape or dtype, overlapping the input, or expanded. */
export function anOut(values: Values): Trial {
  const input = values.tensor();
  const out = values.of<() => unknown>([
    () => values.tensor(),
    () => input,
    () => input.T,
    () => [values.tensor(), values.tensor()],
  ])();
  const [name, call] = values.of(functions);
  const args = [input, ...values.list(values.below(3), () => values.value()), { out }];
  return { name, args, run: () => [call(...args), out] };
}

/** Sizes near the limits of numbers, of memory and of dims. */
export function aSize(values: Values): Trial {
  const sizes = values.list(1 + values.below(4), () => values.of([0, 1, 2, 3, -1, values.number()]));
  const name = values.of([
    "torch.zeros",
    "torch.empty",
    "torch.rand",
    "x.view",
    "x.expand",
    "x.repeat",
    "x.resize_",
    "x.newFull",
    "x.asStrided",
  ]);
  const self = values.tensor().detach() as unknown as Members;
  const method = name.split(".")[1] as string;
  const call = name.startsWith("x.") ? self[method]?.bind(self) : (torch as unknown as Members)[method];
  const args = [sizes, name === "x.asStrided" ? values.list(sizes.length, () => values.number()) : values.number()];
  return { name, args, run: () => call?.(...args.slice(0, values.chance(0.5) ? 1 : 2)) };
}

function indexItem(values: Values): unknown {
  return values.of<() => unknown>([
    () =>
      values.of([
        0,
        1,
        -1,
        2,
        5,
        2 ** 53,
        1n,
        0.5,
        true,
        false,
        null,
        "...",
        ":",
        "1:",
        "::2",
        "-2:",
        "9007199254740993:",
      ]),
    () => values.tensor(undefined, values.of([torch.int64, torch.bool, torch.uint8, torch.int32])),
    () => values.list(values.below(3), () => values.of([0, 1, -1, true, 7])),
    () => values.value(),
  ])();
}

export function anIndex(values: Values): Trial {
  const self = values.tensor();
  const items = values.list(values.below(4), () => indexItem(values));
  if (values.chance(0.5))
    return { name: "x.at", args: [self, ...items], run: () => (self.at as Call).apply(self, items) };
  const value = values.chance(0.3) ? self : values.value();
  const target = values.chance(0.5) ? self.detach() : self;
  return {
    name: "x.setAt",
    args: [target, items, value],
    run: () => [(target.setAt as Call).call(target, items, value), self],
  };
}

/** A module made of random arguments, called, and asked for what modules are asked. */
export function aModule(values: Values): Trial {
  const [name, Type] = values.of(modules);
  const args = values.list(values.below(4), () => values.count());
  const inputs = values.list(1 + values.below(2), () => values.tensor());
  const method = values.of(moduleMethods);
  const more = values.args(2);
  const run = () => {
    const module = new Type(...args) as Members & Call;
    if (typeof module !== "function") return module;
    const results = [String(module), attempt(() => module(...inputs))];
    attempt(() => (module as Members)[method]?.(...more));
    return [...results, module(...inputs)];
  };
  return { name: `nn.${name}, ${method}`, args: [...args, "|", ...inputs, "|", ...more], run };
}

/** Spoils a state dict, or takes that of another. */
function spoiled(values: Values, dict: Record<string, unknown>): unknown {
  const keys = Object.keys(dict);
  const key = values.chance(0.1) || keys.length === 0 ? "foo" : values.of(keys);
  const old = dict[key];
  const isDict = typeof old === "object" && old !== null && !(old instanceof torch.Tensor) && values.chance(0.8);
  return Object.assign(Array.isArray(dict) ? dict.slice() : { ...dict }, {
    [key]: isDict ? spoiled(values, old as Record<string, unknown>) : values.value(),
  });
}

export function anOptimizer(values: Values): Trial {
  const [name, Type] = values.of(optimizers);
  const params = values.chance(0.1) ? values.value() : values.list(1 + values.below(2), () => values.parameter());
  const options = {
    lr: 0.1,
    ...values.of<object>([{}, { momentum: 0.9 }, { amsgrad: true }, { differentiable: true }, values.options()]),
  };
  const groups =
    values.chance(0.3) && Array.isArray(params) && params.length < 100
      ? params.map((one) => ({ params: [one], ...values.options() }))
      : params;
  const run = () => {
    const optimizer = new Type(groups, options) as optim.SGD;
    const step = () => {
      for (const { params } of optimizer.paramGroups) {
        for (const param of params) attempt(() => (param.grad = values.tensor([...param.shape], param.dtype).detach()));
      }
      optimizer.step();
    };
    attempt(step);
    attempt(() => optimizer.loadStateDict(spoiled(values, optimizer.stateDict() as never) as never));
    attempt(() => ((optimizer.paramGroups[0]?.params[0] as torch.Tensor).data = values.tensor() as torch.Tensor));
    attempt(() => optimizer.addParamGroup(values.value() as never));
    attempt(step);
    attempt(() => optimizer.zeroGrad(values.value() as never));
    step();
    return [String(optimizer), ...optimizer.paramGroups.flatMap(({ params }) => params)];
  };
  return { name: `optim.${name}`, args: [groups, options], run };
}

function aDataset(values: Values): unknown {
  return values.of<() => unknown>([
    () => [1, 2, 3, 4, 5],
    () => values.list(4, () => [values.tensor([2], torch.float32), 1]),
    () => new data.TensorDataset(torch.zeros(5, 2), torch.ones(5)),
    () => values.list(values.below(4), () => values.value()),
    () => values.value(),
  ])();
}

/** A sampler, data set or loader, and a few of the items it gives. */
export function aDataClass(values: Values): Trial {
  const [name, Type] = values.of(dataClasses);
  const options = values.options(() => values.count());
  for (const key of ["batchSize", "shuffle", "replacement", "numSamples", "dropLast"])
    if (values.chance(0.2)) options[key] = values.count();
  const args = [
    aDataset(values),
    ...values.list(values.below(3), () => values.count()),
    ...(values.chance(0.5) ? [options] : []),
  ];
  const run = () => {
    const made = new Type(...args) as Partial<Iterable<unknown>> & { length?: number; at?: Call };
    attempt(() => made.length);
    attempt(() => made.at?.(values.count()));
    if (typeof made[Symbol.iterator] !== "function") return made;
    const items: unknown[] = [];
    for (const item of made as Iterable<unknown>) if (items.push(item) > 8) break;
    return items;
  };
  return { name: `data.${name}`, args, run };
}

/** A generator that goes on from random bytes. */
export function aGenerator(values: Values): Trial {
  const generator = new torch.Generator();
  const bytes = generator.getState().asTypedArray();
  for (let i = values.below(6); i > 0; i--) bytes[values.below(values.of([24, bytes.length]))] = values.below(256);
  const state = values.chance(0.1) ? values.value() : torch.fromTypedArray(bytes);
  const size = values.of([1, 5, 16, 700]);
  const run = () => {
    generator.setState(state as torch.Tensor);
    const draws = ["rand", "randn", "randperm"].map((name) =>
      (torch as unknown as Members)[name]?.(size, { generator }),
    );
    return [
      ...draws,
      torch.empty(size).exponential_({ generator }),
      torch.ones(size).bernoulli_(0.5, { generator }),
      generator.getState(),
    ];
  };
  return { name: "generator.setState", args: [state], run };
}

/** Kinds with how often they come. */
export const kinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [
  [30, aFunction],
  [30, aMethod],
  [60, aFittingCall],
  [6, anInplaceMethod],
  [6, anOut],
  [4, aSize],
  [8, anIndex],
  [5, aModule],
  [3, anOptimizer],
  [3, aDataClass],
  [1, aGenerator],
  ...autogradKinds,
  ...memoryKinds,
  ...internalKinds,
  ...visionKinds,
  ...imageKinds,
];
