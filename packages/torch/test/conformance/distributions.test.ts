/**
 * `torch.distributions` is PyTorch's: printed forms, shapes, moments, samples from a seed, densities, distribution
 * functions, divergences, transforms, constraints, the gradients of all of them, and what is said of wrong arguments.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import torch, { Tensor } from "../../src/index.js";
import { camelCase, difference, gradientDifference } from "./compare.js";
import { dtypeNamed, Golden, type GoldenError, type GoldenGradients, type GoldenResult, type Json } from "./golden.js";

/** An object that is made, or a tensor, a number, a list. */
interface Made {
  readonly new: string;
  readonly a: readonly Json[];
  readonly k: { readonly [name: string]: Json };
  /** Whether the inverse is meant. */
  readonly inv?: true;
}

/** What a property or a method gives from a seed. */
interface Step {
  readonly m: string;
  readonly seed: number;
  readonly a: readonly Json[];
  readonly k?: { readonly [name: string]: Json };
  readonly r?: GoldenResult | { readonly text: string };
  readonly e?: GoldenError;
  readonly g?: GoldenGradients;
}

interface Case extends Made {
  readonly e?: GoldenError;
  readonly repr: string;
  readonly steps: readonly Step[];
}

// biome-ignore lint/suspicious/noExplicitAny: things of all classes are made by their names
type Anything = any;

const folder = new URL("../../../../../conformance/data/distributions/", import.meta.url);
const families = readdirSync(folder).map((name) => name.slice(0, -".gz".length));
const { distributions } = torch as Anything;

/** Makes what was recorded, and keeps the tensors in their order. */
class Maker {
  readonly leaves: Tensor[] = [];

  constructor(
    readonly golden: Golden,
    readonly requiresGrad = false,
  ) {}

  value(value: Json): unknown {
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== "object" || value === null) return value;
    if ("new" in value) return this.make(value as unknown as Made);
    const [[kind, content]] = Object.entries(value) as [[string, Json]];
    if (kind === "d") return dtypeNamed(content as string);
    if (kind === "f") return Number((content as string).replace("inf", "Infinity"));
    if (kind !== "t") return this.named(value as { readonly [name: string]: Json });
    const tensor = this.golden.tensor(content as number);
    if (this.requiresGrad && tensor.dtype.isFloatingPoint) tensor.requiresGrad_();
    this.leaves.push(tensor);
    return tensor;
  }

  named(values: { readonly [name: string]: Json }): Record<string, unknown> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), this.value(value)]));
  }

  list(a: readonly Json[], k: { readonly [name: string]: Json } = {}): Anything[] {
    const positional = a.map((value) => this.value(value));
    return Object.keys(k).length === 0 ? positional : [...positional, this.named(k)];
  }

  make({ new: name, a, k, inv }: Made): Anything {
    const made = this.#object(name, this.list(a, k));
    return inv ? made.inv : made;
  }

  #object(name: string, args: Anything[]): Anything {
    if (name === "expand") return args[0].expand(args[1]);
    const [space, member] = name.split(".") as [string, string | undefined];
    if (member !== undefined) {
      const found = distributions[space][camelCase(member)];
      return args.length === 0 ? found : found(...args);
    }
    if (/^[a-z]/.test(name)) return distributions[camelCase(name)](...args);
    return new distributions[name](...args);
  }
}

/** Whole bounds are printed as Python's floats. */
const plain = (text: string) => text.replace(/(_bound=-?\d+)\.0(?=[,)])/g, "$1");

/** What PyTorch makes of parameters in other distributions, and refuses there. */
const inner = /of distribution (Chi2\(\)|Gamma|Dirichlet)/;

function checkError(run: () => unknown, { class: name, message }: GoldenError): void {
  assert.throws(run, (error: Anything) => {
    assert.ok(error instanceof Error);
    // Only what distributions say themselves is compared by its words; what kind an argument has is told as everywhere.
    const isOwn = !(error instanceof TypeError) && !(inner.test(message) && !inner.test(error.message));
    if (name === "ValueError" && isOwn) {
      const said = error.message.replace(/,\s+(requires_grad=True|grad_fn=<\w+>)/g, "");
      assert.equal(plain(said), plain(message));
    } else if (name !== "AssertionError") {
      assert.doesNotMatch(error.message, /Cannot read|is not a function|undefined/);
    }
    return true;
  });
}

/** Names whose samples move by derivatives that PyTorch approximates to three digits. */
const approximated = /Gamma|Beta|Dirichlet|Chi2|StudentT|FisherSnedecor|Wishart|LKJ/;

function approximates(golden: Golden, actual: Tensor | null | undefined, index: number | null): boolean {
  if (index === null || !actual) return false;
  const expected = golden.tensor(index).double();
  return torch.allclose(actual.double(), expected, { rtol: 5e-3, atol: 1e-4, equalNan: true });
}

/** The gradient of a lower triangle: PyTorch gives some of what stands above, which functions do not read. */
function withoutUpper(x: Tensor, grad: Tensor | null | undefined): Tensor | null | undefined {
  const [rows, columns] = [x.shape.at(-2) ?? 0, x.shape.at(-1)];
  const isTriangle = rows > 1 && rows === columns && torch.countNonzero(x.detach().triu(1)).item() === 0;
  return grad && isTriangle ? grad.tril() : grad;
}

/** Whether a method is of a later version than the recorded one, which says that it has none. */
function isLater(made: unknown, { m, e }: Step): boolean {
  return m === "cdf" && e?.class === "NotImplementedError" && made instanceof distributions.Gamma;
}

function checkStep(golden: Golden, recorded: Case, step: Step): void {
  const maker = new Maker(golden, true);
  const made = maker.make(recorded);
  const args = maker.list(step.a, step.k);
  const run = () => {
    torch.manualSeed(step.seed);
    if (step.m === "()") return made(...args);
    if (step.m === "kl") return distributions.klDivergence(made, ...args);
    const found = made[camelCase(step.m)];
    return typeof found === "function" && Object.getPrototypeOf(found) === Function.prototype
      ? made[camelCase(step.m)](...args)
      : found;
  };
  if (isLater(made, step)) return assert.ok(run().ge(0).all().item());
  if (step.e !== undefined) return checkError(run, step.e);
  const result = run();
  const { r: expected, g: gradients } = step;
  if (typeof expected === "object" && expected !== null && "text" in expected) {
    return assert.equal(plain(String(result)), plain(String(expected.text)));
  }
  assert.equal(difference(golden, result, expected as GoldenResult, maker.leaves), undefined);
  assert.equal(result instanceof Tensor && result.requiresGrad, gradients !== undefined, "whether it has gradients");
  if (gradients === undefined) return;
  const leaves = maker.leaves.filter(({ requiresGrad }) => requiresGrad);
  const outer = gradients.o.map((index) => golden.tensor(index));
  const found: (Tensor | null | undefined)[] = [
    ...torch.autograd.grad([result as Tensor], leaves, outer, { allowUnused: true }),
  ];
  for (const [i, index] of gradients.i.entries()) {
    found[i] = withoutUpper(leaves[i] as Tensor, found[i]);
    if (step.m === "rsample" && approximated.test(JSON.stringify(recorded)) && approximates(golden, found[i], index))
      continue;
    assert.equal(gradientDifference(golden, found[i], index), undefined, `gradient ${i}`);
  }
}

const show = ({ new: name, a, k, inv }: Made): string => {
  const value = (one: Json): string =>
    typeof one === "object" && one !== null && "new" in one ? show(one as unknown as Made) : JSON.stringify(one);
  const named = Object.entries(k).map(([key, one]) => `${key}=${value(one)}`);
  return `${name}(${[...a.map(value), ...named].join(", ")})${inv ? ".inv" : ""}`;
};

for (const family of families) {
  const golden = new Golden(`distributions/${family}`);
  describe(family, () => {
    for (const recorded of golden.operations as unknown as readonly Case[]) {
      const { e: error } = recorded;
      test(show(recorded), () => {
        if (error !== undefined) return checkError(() => new Maker(golden).make(recorded), error);
        assert.equal(plain(String(new Maker(golden).make(recorded))), plain(recorded.repr));
        for (const [i, step] of recorded.steps.entries()) {
          try {
            checkStep(golden, recorded, step);
          } catch (failure) {
            throw new Error(`step ${i}, ${step.m}(${step.a.map((value) => JSON.stringify(value)).join(", ")})`, {
              cause: failure,
            });
          }
        }
      });
    }
  });
}
