/** Maps from matrices to orthogonal ones, made of operations through which gradients flow. */
import { withoutRecording } from "../../autograd/modes.js";
import { float64 } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { eye } from "../../ops/creation/ranges.js";
import { stack } from "../../ops/shape/joining.js";
import { orthonormalColumns } from "../orthonormal.js";

function identityLike(x: Tensor, columns = x.sizes.at(-1) as number): Tensor {
  return eye(x.sizes.at(-2) as number, columns, { dtype: x.dtype, device: x.device });
}

/** Terms of the series of e^x that are taken where x is at most 1/2. */
const terms = 18;

/** The exponential of matrices, by its series for a part of them and squares of that. */
export function byExponential(x: Tensor): Tensor {
  const size = x.numel() === 0 ? 0 : Math.max(x.detach().abs().sum(-1).max().item(), 2 ** -20);
  const halvings = Math.max(0, Math.ceil(Math.log2(size || 1)) + 1);
  const part = x.div(2 ** halvings);
  const identity = identityLike(x);
  let result = identity.expand(x.sizes);
  for (let i = terms; i >= 1; i--) result = part.matmul(result).div(i).add(identity);
  for (let i = 0; i < halvings; i++) result = result.matmul(result);
  return result;
}

/** (I + x/2) (I - x/2)⁻¹ of skew-symmetric matrices. */
export function cayley(x: Tensor): Tensor {
  const identity = identityLike(x);
  const [plus, minus] = [identity.add(x, { alpha: 0.5 }), identity.sub(x, { alpha: 0.5 })];
  const inverse = withoutRecording(() => inverted(minus.detach()));
  // One more step of Newton's method changes nothing but has the derivative of the inverse.
  return inverse.matmul(identity.mul(2).sub(minus.matmul(inverse))).matmul(plus);
}

/** Inverses, by Newton's method in float64. */
function inverted(matrix: Tensor): Tensor {
  const wide = matrix.to(float64);
  const identity = identityLike(wide);
  const [rows, columns] = [-1, -2].map((dim) => wide.abs().sum(dim).amax(-1));
  let inverse = wide.mT.div(
    (rows as Tensor)
      .mul(columns as Tensor)
      .unsqueeze(-1)
      .unsqueeze(-1),
  );
  for (let i = 0; i < 100; i++) {
    const left = identity.sub(wide.matmul(inverse));
    if (left.abs().max().item() < 1e-14) break;
    inverse = inverse.add(inverse.matmul(left));
  }
  return inverse.to(matrix.dtype);
}

/** The first columns of a product of reflections, whose directions are below the diagonal and whose signs are on it. */
export function reflected(x: Tensor): Tensor {
  const [n, k] = x.sizes.slice(-2) as [number, number];
  const below = x.tril(-1);
  const directions = below.add(identityLike(x));
  const factors = below.square().sum(-2).add(1).reciprocal().mul(2);
  let result = identityLike(x).expand([...x.sizes.slice(0, -2), n, k]);
  for (let i = k - 1; i >= 0; i--) {
    const v = directions.narrow(-1, i, 1);
    const factor = factors.narrow(-1, i, 1).unsqueeze(-1);
    result = result.sub(v.mul(factor).matmul(v.mT.matmul(result)));
  }
  return result.mul(x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2));
}

/** A matrix whose `reflected` has the columns of another one, made orthogonal. */
export function reflectorsOf(x: Tensor): Tensor {
  if (x.sizes.length > 2) return stack([...x].map(reflectorsOf));
  const [n, k] = x.sizes as [number, number];
  const result = x.to(float64, { copy: true });
  for (let i = 0; i < k; i++) {
    const column = result.select(1, i).narrow(0, i, n - i);
    const [head, norm] = [column.select(0, 0).item(), column.norm().item()];
    const below = column.narrow(0, 1, n - i - 1);
    const isDone = n - i === 1 || below.norm().item() === 0;
    const end = isDone ? head : head > 0 ? -norm : norm;
    if (!isDone) {
      below.div_(head - end);
      const v = column.clone();
      v.select(0, 0).fill_(1);
      const others = result.narrow(1, i + 1, k - i - 1).narrow(0, i, n - i);
      others.sub_(
        v
          .unsqueeze(1)
          .matmul(v.unsqueeze(0).matmul(others))
          .mul(1 - head / end),
      );
    }
    // A column that is not reflected keeps its sign.
    column.select(0, 0).fill_(isDone ? -Math.sign(end) : Math.sign(end));
  }
  return result.to(x.dtype);
}

/** Orthogonal columns of length 1 that span what the columns of matrices span. */
export function completed(x: Tensor): Tensor {
  return x.sizes.length > 2 ? stack([...x].map(completed)) : orthonormalColumns(x);
}
