/** All rules by the ids of operations. */
import { mapBatchesBy } from "../../autograd/batched.js";
import { complexRules } from "./complex.js";
import { countingRules } from "./counting.js";
import { creationRules } from "./creation.js";
import { reductionRules, viewRules } from "./dims.js";
import { indexingRules } from "./indexing.js";
import { BatchLevel } from "./level.js";
import { matrixRules } from "./matrices.js";
import { networkCompositions, networkRules, transparent } from "./networks.js";
import { placingCompositions, transparentPlacing } from "./placing.js";
import { productCompositions, productRules } from "./products.js";
import { setTables } from "./rules.js";
import { spatialRules } from "./spatial.js";

/** Gradients of a batch go through a graph as one that stands for all. */
mapBatchesBy((tensors, body) => {
  const level = new BatchLevel(tensors[0]?.sizes[0] ?? 0, "error");
  const found = level.run(() => body(tensors.map((tensor) => level.wrap(tensor))));
  return found.map((one) => one && level.full(one));
});

setTables({
  rules: new Map(
    Object.entries({
      ...viewRules,
      ...reductionRules,
      ...matrixRules,
      ...productRules,
      ...indexingRules,
      ...countingRules,
      ...spatialRules,
      ...networkRules,
      ...creationRules,
      ...complexRules,
    }),
  ),
  transparent: new Map(Object.entries({ ...transparent, ...transparentPlacing })),
  compositions: new Map(Object.entries({ ...productCompositions, ...networkCompositions, ...placingCompositions })),
});
