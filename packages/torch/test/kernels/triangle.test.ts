/** `tril` and `triu` against their rule, for every diagonal, layout and dtype. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";

const layouts: Record<string, (dtype: DType) => Tensor> = {
  contiguous: (dtype) => torch.ones(3, 5, { dtype }),
  transposed: (dtype) => torch.ones(5, 3, { dtype }).t(),
  "with gaps": (dtype) => torch.ones(6, 10, { dtype }).at("::2", "::2"),
  "a batch": (dtype) => torch.ones(2, 3, 4, 2, { dtype }),
  "a permuted batch": (dtype) => torch.ones(4, 3, 2, 5, { dtype }).permute(2, 0, 3, 1),
  "one row": (dtype) => torch.ones(1, 4, { dtype }),
  "no rows": (dtype) => torch.ones(2, 0, 4, { dtype }),
};

function kept(row: number, column: number, diagonal: number, lower: boolean): boolean {
  return lower ? column - row <= diagonal : column - row >= diagonal;
}

for (const [layout, make] of Object.entries(layouts)) {
  test(`the triangles of matrices that are ${layout}`, () => {
    for (const dtype of [torch.bool, torch.int16, torch.float32, torch.int64]) {
      for (const diagonal of [-1000, -6, -3, -2, -1, 0, 1, 2, 4, 5, 6, 2 ** 53 - 1, -(2 ** 53 - 1)]) {
        for (const name of ["tril", "triu"] as const) {
          const input = make(dtype);
          const [rows, columns] = input.shape.slice(-2) as [number, number];
          const single = Array.from({ length: rows * columns }, (_, i) =>
            Number(kept(Math.floor(i / columns), i % columns, diagonal, name === "tril")),
          );
          const expected = torch.tensor(single, { dtype }).view(rows, columns).expand(input.shape).tolist();
          assert.deepEqual(input[name](diagonal).tolist(), expected, `${name}(${diagonal}) of ${dtype}`);
          const sum = Number(input.sum().item());
          assert.equal(sum, input.numel(), "the input was changed");
          assert.deepEqual(input[`${name}_`](diagonal).tolist(), expected, `${name}_(${diagonal}) of ${dtype}`);
        }
      }
    }
  });
}

test("what lies between the elements of a view stays", () => {
  const whole = torch.ones(6, 10);
  whole.at("::2", "::2").triu_(100);
  assert.equal(whole.sum().item(), 45);
});
