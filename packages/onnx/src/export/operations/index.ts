/** How each operation is said in ONNX, by its id. Composites that are not here are taken apart. */
import type { Translations } from "../call.js";
import { activations } from "./activations.js";
import { counting } from "./counting.js";
import { deform } from "./deform.js";
import { elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { layers } from "./layers.js";
import { losses } from "./losses.js";
import { matrices } from "./matrices.js";
import { polynomials } from "./polynomials.js";
import { products } from "./products.js";
import { random } from "./random.js";
import { reductions } from "./reductions.js";
import { regions } from "./regions.js";
import { scans } from "./scans.js";
import { shapes } from "./shapes.js";

export const translations: Translations = {
  ...elementwise,
  ...activations,
  ...shapes,
  ...reductions,
  ...scans,
  ...products,
  ...matrices,
  ...counting,
  ...polynomials,
  ...layers,
  ...indexing,
  ...losses,
  ...random,
  ...regions,
  ...deform,
};
