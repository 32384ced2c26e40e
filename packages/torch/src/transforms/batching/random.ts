/** Random numbers in a batch: the same for all entries, different ones, or none at all, as `vmap` was asked. */
import { Tensor } from "../../core/tensor.js";
import type { CallForm, OperationCall } from "../../ops/dispatch.js";
import type { Result } from "../../ops/results.js";
import { aligned } from "./align.js";
import type { BatchedCall } from "./call.js";

type RandomRule = (batch: BatchedCall, form: CallForm, call: OperationCall) => Result;

function checkAllowed({ level }: BatchedCall): void {
  if (level.randomness !== "error") return;
  throw new Error(
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap",
  );
}

/** What makes tensors of a size. */
const making: RandomRule = (batch, form, call) => {
  checkAllowed(batch);
  if (batch.level.randomness === "same" || form === "out") return call.run();
  const size = batch.arg("size") as readonly number[];
  return batch.level.wrap(batch.run({ size: [batch.size, ...size] }) as Tensor);
};

/** What makes a tensor like another one. */
const alike: RandomRule = (batch, _form, call) => {
  checkAllowed(batch);
  const { level, operation } = batch;
  const [input, ...rest] = batch.given as [Tensor, ...unknown[]];
  if (level.randomness === "same") {
    return level.owns(input) ? operation.invoke("call", [input.value.select(0, 0), ...rest]) : call.run();
  }
  return level.wrap(operation.invoke("call", [batch.level.full(input), ...rest]) as Tensor);
};

/** What draws for each entry a whole result that no other size makes. */
const eachForItself: RandomRule = (batch, form, call) => {
  checkAllowed(batch);
  if (form === "out" || (batch.level.randomness === "same" && !batch.given.some((arg) => batch.level.holds(arg)))) {
    return call.run();
  }
  if (batch.level.randomness === "same") throw sameOfBatched(batch);
  return batch.level.each(batch);
};

function sameOfBatched({ operation }: BatchedCall): Error {
  return new Error(
    `Vmap does not currently support same randomness with batched tensor input to ${operation.definition.name}. Please rerun with randomness='different'`,
  );
}

/** What fills a tensor. */
const filling: RandomRule = (batch, _form, call) => {
  checkAllowed(batch);
  const { level, operation } = batch;
  const [self] = batch.given as [Tensor];
  const isDifferent = level.randomness === "different";
  if (!level.owns(self)) {
    if (!isDifferent && !batch.given.some((arg) => level.holds(arg))) return call.run();
    throw new Error(
      "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. If this is necessary for your usage, please file an issue with functorch.",
    );
  }
  if (isDifferent) {
    operation.invoke("inplace", aligned(batch, self.sizes.length));
    return self;
  }
  if (batch.given.slice(1).some((arg) => level.holds(arg))) throw sameOfBatched(batch);
  const drawn = self.value.newEmpty([...self.sizes]);
  operation.invoke("inplace", [drawn, ...batch.values.slice(1)]);
  self.value.copy_(drawn);
  return self;
};

/** What draws an element for each element of its tensors. */
const drawing: RandomRule = (batch, form, call) => {
  const { level } = batch;
  if (form === "inplace") return filling(batch, form, call);
  checkAllowed(batch);
  const isBatched = batch.given.some((arg) => level.holds(arg));
  if (level.randomness === "same") {
    if (isBatched) throw sameOfBatched(batch);
    return call.run();
  }
  const tensors = batch.given.filter((arg) => arg instanceof Tensor);
  if (tensors.length === 0) return making(batch, form, call);
  const full = aligned(batch).map((arg, i) => {
    const given = batch.given[i];
    return given instanceof Tensor && !isBatched ? given.expand([batch.size, ...given.sizes]) : arg;
  });
  return level.wrap(batch.operation.invoke("call", full) as Tensor);
};

const rulesByKind: readonly (readonly [RandomRule, string])[] = [
  [making, "rand randn randint"],
  [alike, "randLike randnLike randintLike"],
  [eachForItself, "randperm multinomial sampleDirichlet"],
  [filling, "uniform_ normal_ logNormal_ exponential_ geometric_ cauchy_ bernoulli_ random_"],
  [drawing, "normal bernoulli poisson binomial"],
];

/** What is done for operations that draw random numbers, by id. */
export const randomRules: ReadonlyMap<string, RandomRule> = new Map(
  rulesByKind.flatMap(([rule, ids]) => ids.split(" ").map((id) => [id, rule] as const)),
);
