/**
 * The iteration of `lobpcg`: locally optimal block preconditioned conjugate gradients, after Knyazev (2001), with a basis
 * that is kept orthonormal after Duersch, Shao, Yang and Gu (2018).
 *
 * Approximate eigenvectors X are improved within the span of themselves, of the directions P in which they moved last, and
 * of their residuals W.
 */
import type { Tensor } from "../../core/tensor.js";
import { cat } from "../shape/joining.js";
import { cholesky } from "./cholesky.js";
import { eigh } from "./eigen.js";
import { eyeLike } from "./matrices.js";
import { qr } from "./qr.js";
import { solveTriangular } from "./triangular.js";

/** `"ortho"` keeps the basis orthonormal, and is the default; `"basic"` does less in each step, and may break down. */
export type LobpcgMethod = "ortho" | "basic";

/** Whole numbers: how often columns are made orthogonal to the others, and orthonormal, at most. */
export interface OrthoIparams {
  orthoIMax?: number;
  orthoJMax?: number;
}

/** Bounds: when columns count as orthogonal, and which share of the largest makes one count or stands for smaller ones. */
export interface OrthoFparams {
  orthoTol?: number;
  orthoTolDrop?: number;
  orthoTolReplace?: number;
}

/** Whether columns that add little are left out. */
export interface OrthoBparams {
  orthoUseDrop?: boolean;
}

export interface LobpcgProblem {
  readonly A: Tensor;
  readonly B: Tensor | undefined;
  readonly iK: Tensor | undefined;
}

export interface LobpcgSettings {
  readonly method: LobpcgMethod;
  readonly iparams: {
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly niter: number;
  } & OrthoIparams;
  readonly fparams: { readonly tol: number } & OrthoFparams;
  readonly bparams: { readonly largest: boolean } & OrthoBparams;
}

function times(matrix: Tensor | undefined, x: Tensor): Tensor {
  return matrix === undefined ? x : matrix.matmul(x);
}

function form(matrix: Tensor | undefined, x: Tensor): Tensor {
  return x.mT.matmul(times(matrix, x));
}

/** The iteration and all that it knows; what is told of each step. */
export class Lobpcg {
  readonly A: Tensor;
  readonly B: Tensor | undefined;
  readonly iK: Tensor | undefined;
  readonly iparams: LobpcgSettings["iparams"];
  readonly fparams: LobpcgSettings["fparams"];
  readonly bparams: LobpcgSettings["bparams"];
  readonly ivars = { istep: 0, convergedCount: 0, iterationsLeft: 0 };
  readonly fvars = { XNorm: 0, ANorm: 0, BNorm: 0 };
  readonly bvars = { forceStop: false };
  readonly tvars: { rerr?: Tensor } = {};
  readonly #method: LobpcgMethod;
  /** Approximate eigenvectors, and their eigenvalues. */
  X: Tensor;
  E: Tensor;
  /** What A X - B X E is. */
  R: Tensor;
  #P: Tensor;
  #W: Tensor;

  constructor({ A, B, iK }: LobpcgProblem, X: Tensor, { method, iparams, fparams, bparams }: LobpcgSettings) {
    this.A = A;
    this.B = B;
    this.iK = iK;
    this.iparams = iparams;
    this.fparams = fparams;
    this.bparams = bparams;
    this.#method = method;
    this.ivars.iterationsLeft = iparams.niter;
    this.X = X;
    this.E = X.newZeros([iparams.n]);
    this.R = X.newZeros(X.sizes);
    this.#P = X.narrow(1, 0, 0);
    this.#W = this.#P;
  }

  /** The basis within which the next step looks. */
  get S(): Tensor {
    return cat([this.X, this.#P, this.#W], 1);
  }

  /** Goes on until enough pairs have converged, or no steps are left. */
  run(tracker: ((worker: Lobpcg) => unknown) | undefined): void {
    do {
      if (this.ivars.istep === 0) this.#begin();
      else this.#improve();
      this.ivars.iterationsLeft--;
      this.ivars.istep++;
      tracker?.(this);
    } while (!this.#isDone());
  }

  #isDone(): boolean {
    const { convergedCount, iterationsLeft } = this.ivars;
    const isStuck = this.#P.sizes[1] === 0 && this.#W.sizes[1] === 0;
    return this.bvars.forceStop || iterationsLeft === 0 || convergedCount >= this.iparams.k || isStuck;
  }

  #begin(): void {
    const norm = (x: Tensor) => x.norm().item();
    const { fvars } = this;
    fvars.XNorm = norm(this.X);
    fvars.ANorm = norm(this.A.matmul(this.X)) / fvars.XNorm;
    fvars.BNorm = norm(times(this.B, this.X)) / fvars.XNorm;
    const { values, turn } = this.#ritzPairs(this.X, true);
    this.X = this.X.matmul(turn);
    this.E = values;
    this.#look();
  }

  #improve(): void {
    const { n } = this.iparams;
    const done = this.ivars.convergedCount;
    const active = n - done;
    const found = this.X.narrow(1, 0, done);
    let S = cat([this.X.narrow(1, done, active), this.#P, this.#W], 1);
    // Directions that are not orthogonal to what has been found would lead there again.
    if (this.#method === "basic") S = S.sub(found.matmul(found.mT.matmul(times(this.B, S))));
    const { values, turn } = this.#ritzPairs(S, this.#method === "basic");
    const best = turn.narrow(1, 0, active);
    if (this.#method === "basic") {
      this.#P = S.narrow(1, active, (S.sizes[1] as number) - active).matmul(
        best.narrow(0, active, (best.sizes[0] as number) - active),
      );
    } else {
      // Of what is orthogonal to the new vectors, the part that came from the old ones.
      const rest = turn.narrow(1, active, (turn.sizes[1] as number) - active);
      const { Q } = qr(rest.narrow(0, 0, active).mT);
      this.#P = S.matmul(rest.matmul(Q));
    }
    this.X = cat([found, S.matmul(best)], 1);
    this.E = cat([this.E.narrow(0, 0, done), values.narrow(0, 0, active)], 0);
    this.#look();
  }

  /** The eigenvalues of A in a basis, the wanted ones first, and how the basis is turned into their vectors. */
  #ritzPairs(basis: Tensor, isAnyBasis: boolean): { values: Tensor; turn: Tensor } {
    const transform = isAnyBasis ? this.#orthonormalizing(basis) : undefined;
    const inner = form(this.A, transform === undefined ? basis : basis.matmul(transform));
    let { eigenvalues: values, eigenvectors: turn } = eigh(inner.add(inner.mT).div(2));
    if (this.bparams.largest) [values, turn] = [values.flip(-1), turn.flip(-1)];
    return { values, turn: times(transform, turn) };
  }

  /** The triangle that makes the columns of a basis orthonormal; they are brought to length 1 before. */
  #orthonormalizing(basis: Tensor): Tensor {
    const products = form(this.B, basis);
    const scales = products.diagonal(0, -2, -1).rsqrt();
    const R = cholesky(products.mul(scales).mul(scales.unsqueeze(1)), { upper: true });
    return solveTriangular(R, scales.diagEmbed(), { upper: true, left: false });
  }

  /** Looks at the residuals: how many of the first pairs have converged, and where those of the others point. */
  #look(): void {
    const { X, E, fvars, ivars } = this;
    this.R = this.A.matmul(X).sub(times(this.B, X).mul(E));
    const scales = X.norm(2, 0).mul(E.abs().mul(fvars.BNorm).add(fvars.ANorm));
    const rerr = this.R.norm(2, 0).div(scales);
    this.tvars.rerr = rerr;
    const first = (rerr.tolist() as number[]).findIndex((error) => !(error < this.fparams.tol));
    ivars.convergedCount = Math.max(ivars.convergedCount, first < 0 ? this.iparams.n : first);
    const done = ivars.convergedCount;
    const residuals = times(this.iK, this.R.narrow(1, done, this.iparams.n - done));
    this.#W = this.#method === "basic" ? residuals : this.#orthogonal(residuals, cat([X, this.#P], 1));
  }

  /** Orthonormal columns that span what U adds to V. */
  #orthogonal(U: Tensor, V: Tensor): Tensor {
    const { orthoIMax = 3, orthoJMax = 3 } = this.iparams;
    const { tol, orthoTol = tol, orthoTolDrop = tol, orthoTolReplace = tol } = this.fparams;
    const { orthoUseDrop = false } = this.bparams;
    const norm = (x: Tensor) => x.norm().item();
    const VNorm = norm(times(this.B, V));
    for (let i = 0; i < orthoIMax; i++) {
      U = U.sub(V.matmul(V.mT.matmul(times(this.B, U))));
      for (let j = 0; j < orthoJMax; j++) {
        const isFirst = j === 0 && orthoUseDrop;
        U = this.#orthonormal(U, orthoUseDrop && !isFirst, isFirst ? orthoTolDrop : orthoTolReplace);
        if (U.numel() === 0) return U;
        const excess = form(this.B, U).sub(eyeLike(U, U.sizes[1] as number));
        if (norm(excess) < orthoTol * norm(times(this.B, U)) * norm(U)) break;
      }
      const along = V.mT.matmul(times(this.B, U));
      if (norm(along) < orthoTol * VNorm * norm(U)) break;
    }
    return U;
  }

  /** Columns of the same span that are orthonormal, by the eigenvectors of their products; those that are 0 are left out. */
  #orthonormal(given: Tensor, drops: boolean, tau: number): Tensor {
    const lengths = form(this.B, given).diagonal(0, -2, -1);
    const U = given.indexSelect(1, lengths.ne(0).nonzero().flatten());
    if (U.numel() === 0) return U;
    const products = form(this.B, U);
    const scales = products.diagonal(0, -2, -1).rsqrt();
    const { eigenvalues, eigenvectors } = eigh(products.mul(scales).mul(scales.unsqueeze(1)));
    const least = eigenvalues.abs().max().mul(tau);
    const turned = U.mul(scales).matmul(eigenvectors.mul(eigenvalues.maximum(least).rsqrt()));
    return drops ? turned.indexSelect(1, eigenvalues.gt(least).nonzero().flatten()) : turned;
  }
}
