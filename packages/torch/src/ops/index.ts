/** Every operation, and the methods that they give to tensors. */
import { Tensor } from "../core/tensor.js";
import * as activations from "./activations.js";
import * as arithmetic from "./arithmetic.js";
import * as comparison from "./comparison.js";
import * as creation from "./creation.js";
import * as creationRanges from "./creationRanges.js";
import * as differences from "./differences.js";
import * as distances from "./distances.js";
import * as exponential from "./exponential.js";
import * as extremes from "./extremes.js";
import * as fused from "./fused.js";
import * as indexingAdvanced from "./indexingAdvanced.js";
import * as indexingAlong from "./indexingAlong.js";
import * as indexingGather from "./indexingGather.js";
import * as indexingMasks from "./indexingMasks.js";
import * as indexingReduce from "./indexingReduce.js";
import * as joining from "./joining.js";
import * as joiningStacks from "./joiningStacks.js";
import * as linearAdded from "./linearAdded.js";
import * as linearEinsum from "./linearEinsum.js";
import * as linearProducts from "./linearProducts.js";
import * as memory from "./memory.js";
import * as norms from "./norms.js";
import * as numbers from "./numbers.js";
import * as products from "./products.js";
import * as random from "./random.js";
import * as randomInplace from "./randomInplace.js";
import * as reductionExtremes from "./reductionExtremes.js";
import * as rectifiers from "./rectifiers.js";
import * as reductions from "./reductions.js";
import * as rounding from "./rounding.js";
import * as scans from "./scans.js";
import * as searching from "./searching.js";
import * as shape from "./shape.js";
import * as shapeDiagonals from "./shapeDiagonals.js";
import * as shapeGrids from "./shapeGrids.js";
import * as shapeMethods from "./shapeMethods.js";
import * as shapeRepeat from "./shapeRepeat.js";
import * as shapeScatter from "./shapeScatter.js";
import * as sorting from "./sorting.js";
import * as special from "./special.js";
import * as specialMethods from "./specialMethods.js";
import * as statistics from "./statistics.js";
import * as trigonometry from "./trigonometry.js";
import * as unique from "./unique.js";
import * as variances from "./variances.js";
import * as views from "./views.js";
import { operationOf } from "./define.js";
import type { MethodsOf } from "./types.js";

/** @internal Operations by the module that defines them. */
export const modules = {
  activations,
  arithmetic,
  comparison,
  creation,
  creationRanges,
  differences,
  distances,
  exponential,
  extremes,
  fused,
  indexingAdvanced,
  indexingAlong,
  indexingGather,
  indexingMasks,
  indexingReduce,
  joining,
  joiningStacks,
  linearAdded,
  linearEinsum,
  linearProducts,
  memory,
  norms,
  numbers,
  products,
  random,
  randomInplace,
  reductionExtremes,
  rectifiers,
  reductions,
  rounding,
  scans,
  searching,
  shape,
  shapeDiagonals,
  shapeGrids,
  shapeMethods,
  shapeRepeat,
  shapeScatter,
  sorting,
  special,
  specialMethods,
  statistics,
  trigonometry,
  unique,
  variances,
  views,
};

type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;

/** The methods of all modules above. */
export type OperationMethods = Intersection<{ [M in keyof typeof modules]: MethodsOf<(typeof modules)[M]> }[keyof typeof modules]>;

function define(name: string, method: (this: Tensor, ...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

/** Makes methods of the operations. */
for (const module of Object.values(modules)) {
  for (const [name, exported] of Object.entries(module)) {
    const operation = operationOf(exported);
    if (operation === undefined) continue;
    const { variants } = operation;
    if (variants !== "function") {
      define(name, function (...args) {
        return operation.call([this, ...args]);
      });
    }
    if (variants.endsWith("inplace")) {
      define(`${name}_`, function (...args) {
        return operation.callInplace([this, ...args]);
      });
    }
  }
}
