/**
 * What PyTorch's reference lists and no recorded call stands for: tables of docs/operations.md by subject, each with
 * where it is described or tested. Reads the reference, so that a name that is new there needs a table here.
 */
import { readFileSync } from "node:fs";
import torch from "../../src/index.js";
import { toCamel } from "../api/signatures.js";

/** A namespace of the reference: how the page names it, and where its names are here. */
export interface Place {
  readonly prefix: string;
  readonly object: object;
}

export const places: Readonly<Record<string, Place>> = {
  torch: { prefix: "", object: torch },
  Tensor: { prefix: "Tensor.", object: torch.Tensor.prototype },
  linalg: { prefix: "linalg.", object: torch.linalg },
  fft: { prefix: "fft.", object: torch.fft },
  special: { prefix: "special.", object: torch.special },
  functional: { prefix: "F.", object: torch.nn.functional },
  nn: { prefix: "nn.", object: torch.nn },
  init: { prefix: "nn.init.", object: torch.nn.init },
  distributions: { prefix: "distributions.", object: torch.distributions },
  optim: { prefix: "optim.", object: torch.optim },
  lrScheduler: { prefix: "optim.lrScheduler.", object: torch.optim.lrScheduler },
  autograd: { prefix: "autograd.functional.", object: torch.autograd.functional },
  nnUtils: { prefix: "nn.utils.", object: torch.nn.utils },
  masked: { prefix: "masked.", object: torch.masked },
  func: { prefix: "func.", object: torch.func },
  forwardAd: { prefix: "autograd.forwardAd.", object: torch.autograd.forwardAd },
  windows: { prefix: "signal.windows.", object: torch.signal.windows },
};

/** A name of the reference, in Python's spelling. */
export interface Name {
  readonly namespace: string;
  readonly name: string;
}

const file = new URL("../../../test/api/reference.json", import.meta.url);

/** All names of the reference. */
export const reference: readonly Name[] = Object.entries(
  JSON.parse(readFileSync(file, "utf8")) as Record<string, string>,
).flatMap(([namespace, list]) => list.split(" ").map((name) => ({ namespace, name })));

/** A method of PyTorch whose name the library uses for the memory itself; `untypedStorage` gives the object. */
const otherwise = new Set(["Tensor.storage"]);

export function isOtherwise({ namespace, name }: Name): boolean {
  return otherwise.has(`${namespace}.${name}`);
}

export function isHere(one: Name): boolean {
  const { object } = places[one.namespace] as Place;
  return (one.name in object || toCamel(one.name) in object) && !isOtherwise(one);
}

/** The name as the page has it. */
export function pageName({ namespace, name }: Name): string {
  const { prefix, object } = places[namespace] as Place;
  return prefix + (name in object ? name : toCamel(name));
}

interface Subject {
  readonly title: string;
  readonly where: string;
  /** Names of `torch` and `Tensor`, or whole namespaces. */
  readonly names: Readonly<Record<string, string>> | readonly string[];
}

const subjects: readonly Subject[] = [
  {
    title: "Random numbers",
    where:
      "compared bit for bit with PyTorch's, from the same seed: `packages/torch/test/random`, `test/ops/random.test.ts`",
    names: {
      torch:
        "bernoulli multinomial normal poisson rand rand_like randint randint_like randn randn_like randperm manual_seed seed initial_seed get_rng_state set_rng_state",
      Tensor: "bernoulli bernoulli_ cauchy_ exponential_ geometric_ log_normal_ multinomial normal_ random_ uniform_",
      functional: "alpha_dropout dropout1d dropout2d dropout3d feature_alpha_dropout gumbel_softmax",
    },
  },
  {
    title: "New tensors",
    where: "`packages/torch/test/ops/creation.test.ts`, `test/api/construction.test.ts`",
    names: {
      torch: "as_tensor asarray empty empty_like empty_strided frombuffer",
      Tensor: "new_empty new_empty_strided",
    },
  },
  {
    title: "Vectors that belong to eigenvalues and singular values",
    where:
      "unique but for signs and phases, so that products of them are compared: `packages/torch/test/ops/linalg*.test.ts`, `lobpcg.test.ts`",
    names: { torch: "lobpcg pca_lowrank svd_lowrank", linalg: "eig eigh eigvals svd" },
  },
  {
    title: "Members of tensors",
    where: "`packages/torch/test/ops`, `test/autograd`, `test/api`",
    names: {
      Tensor:
        "H T mH mT real imag ndim device grad data_ptr get_device is_cpu is_cuda is_leaf is_meta is_pinned is_quantized is_set_to is_shared is_sparse pin_memory share_memory_ resize_ resize_as_ set_ apply_ map_ where polygamma polygamma_ backward detach_ register_hook requires_grad requires_grad_ retain_grad retains_grad",
    },
  },
  {
    title: "Conversions",
    where: "`packages/torch/test/api/dtypes.test.ts`",
    names: { Tensor: "bfloat16 cdouble cfloat chalf half cpu type" },
  },
  {
    title: "Settings and questions",
    where: "`packages/torch/test/api`, `test/autograd`, [testing.md](testing.md)",
    names: {
      torch:
        "are_deterministic_algorithms_enabled get_default_dtype get_deterministic_debug_mode get_float32_matmul_precision get_num_interop_threads get_num_threads is_deterministic_algorithms_warn_only_enabled is_grad_enabled is_inference_mode_enabled is_storage is_tensor is_warn_always_enabled set_default_dtype set_default_tensor_type set_deterministic_debug_mode set_float32_matmul_precision set_flush_denormal set_num_interop_threads set_num_threads set_printoptions set_warn_always use_deterministic_algorithms",
    },
  },
  { title: "Files", where: "[files.md](files.md)", names: { torch: "load save" } },
  {
    title: "Attention",
    where: "the function of `nn.MultiheadAttention`: `packages/torch/test/nn/attention.test.ts`",
    names: { functional: "multi_head_attention_forward" },
  },
  { title: "Layers", where: "[modules.md](modules.md)", names: ["nn"] },
  { title: "First values of parameters", where: "`packages/torch/test/nn/initialization.test.ts`", names: ["init"] },
  { title: "Utilities of layers", where: "`packages/torch/test/nn/utilities.test.ts`", names: ["nnUtils"] },
  { title: "Distributions", where: "[distributions.md](distributions.md)", names: ["distributions"] },
  { title: "Optimizers", where: "[optimizers.md](optimizers.md)", names: ["optim", "lrScheduler"] },
  {
    title: "Functions of functions",
    where: "[functions-of-functions.md](functions-of-functions.md)",
    names: ["func", "autograd", "forwardAd"],
  },
  { title: "Windows", where: "`packages/torch/test/ops/windows.test.ts`", names: ["windows"] },
];

function namesOf({ names }: Subject): Name[] {
  const all = Array.isArray(names)
    ? reference.filter(({ namespace }) => names.includes(namespace))
    : Object.entries(names).flatMap(([namespace, list]: [string, string]) =>
        list.split(" ").map((name) => ({ namespace, name })),
      );
  return all.filter(isHere);
}

/** The lines of the tables. */
export function tables(): string[] {
  return subjects.flatMap((subject) => [
    `## ${subject.title}`,
    "",
    `${subject.where[0]?.toUpperCase()}${subject.where.slice(1)}.`,
    "",
    "| name | here |",
    "| --- | --- |",
    ...namesOf(subject).map((name) => `| \`${pageName(name)}\` | yes |`),
    "",
  ]);
}

/** The names that the page says "yes" of: `add`, `Tensor.add`, `Tensor.add_`, `F.relu`, … */
export function namesOnPage(page: string): Set<string> {
  const found = new Set<string>();
  for (const [, name, rest] of page.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)) {
    const [first, method, inplace] = (rest as string).split(" | ").map((cell) => cell.trim());
    if (first === "yes") found.add(name as string);
    if (method === "yes") found.add(`Tensor.${name}`);
    if (inplace === "yes") found.add(`${name}_`).add(`Tensor.${name}_`);
  }
  return found;
}
