/** The functional transforms against what torchvision gave, recorded by golden/makeFunctional.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { Image, transforms } from "../src/index.js";
import { golden } from "./support/golden.js";
import { compare, type Recorded, valueOf } from "./support/goldenImages.js";

interface Case {
  readonly name: string;
  readonly input: string;
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  readonly result: unknown;
}

interface Golden {
  readonly inputs: Record<string, Recorded>;
  readonly cases: Case[];
}

const { inputs, cases } = golden<Golden>("functional");

const names = [...new Set(cases.map(({ name }) => name))];

type AnyFunction = (...args: unknown[]) => unknown;

for (const name of names) {
  test(`${name} gives torchvision's results`, () => {
    for (const { input, args, options, result } of cases.filter((one) => one.name === name)) {
      const given = valueOf(inputs[input]);
      const before = given instanceof Image ? given.pixels.clone() : (given as Tensor).clone();
      const named = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, valueOf(value)]));
      const label = `${name} of ${input} ${JSON.stringify([args, options])}`;
      const call = transforms.functional[name as "hflip"] as AnyFunction;
      const got = call(given, ...args.map(valueOf), ...(Object.keys(named).length > 0 ? [named] : []));
      const isNearest = options.interpolation === "nearest" && !(given instanceof Image) && !name.startsWith("resize");
      compare(got, result, isNearest, label);
      const after = given instanceof Image ? given.pixels : (given as Tensor);
      assert.ok(torch.equal(after, before), `${label} changed its input`);
    }
  });
}
