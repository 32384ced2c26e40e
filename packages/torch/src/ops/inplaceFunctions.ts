/**
 * Functions that change their first argument in place: `torch.exp_(x)` is `x.exp_()`.
 *
 * PyTorch has a function beside the method for these; for other operations there is the method alone.
 */

import { sigmoid, tanh } from "./activation/activation.js";
import { inplace } from "./define.js";
import { indexPut } from "./indexing/advanced.js";
import { neg, negative } from "./pointwise/arithmetic.js";
import { exp, exp2, expm1, log, log1p, log2, log10, reciprocal, rsqrt, sqrt, square } from "./pointwise/exponential.js";
import { clamp, clampMax, clampMin, clip } from "./pointwise/extremes.js";
import { gcd, lcm, ldexp, nanToNum } from "./pointwise/numbers.js";
import { abs, ceil, fix, floor, frac, round, trunc } from "./pointwise/rounding.js";
import { erf, erfc, i0, logit, xlogy } from "./pointwise/special.js";
import {
  acos,
  acosh,
  arccos,
  arccosh,
  arcsin,
  arcsinh,
  arctan,
  arctanh,
  asin,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  deg2rad,
  rad2deg,
  sin,
  sinc,
  sinh,
  tan,
} from "./pointwise/trigonometry.js";
import { addmv } from "./products/added.js";
import { asStrided } from "./shape/views.js";
import type { InplaceFunction } from "./types.js";

export const abs_: InplaceFunction<typeof abs> = inplace(abs);
export const acos_: InplaceFunction<typeof acos> = inplace(acos);
export const acosh_: InplaceFunction<typeof acosh> = inplace(acosh);
export const addmv_: InplaceFunction<typeof addmv> = inplace(addmv);
export const arccos_: InplaceFunction<typeof arccos> = inplace(arccos);
export const arccosh_: InplaceFunction<typeof arccosh> = inplace(arccosh);
export const arcsin_: InplaceFunction<typeof arcsin> = inplace(arcsin);
export const arcsinh_: InplaceFunction<typeof arcsinh> = inplace(arcsinh);
export const arctan_: InplaceFunction<typeof arctan> = inplace(arctan);
export const arctanh_: InplaceFunction<typeof arctanh> = inplace(arctanh);
export const asStrided_: InplaceFunction<typeof asStrided> = inplace(asStrided);
export const asin_: InplaceFunction<typeof asin> = inplace(asin);
export const asinh_: InplaceFunction<typeof asinh> = inplace(asinh);
export const atan_: InplaceFunction<typeof atan> = inplace(atan);
export const atanh_: InplaceFunction<typeof atanh> = inplace(atanh);
export const ceil_: InplaceFunction<typeof ceil> = inplace(ceil);
export const clamp_: InplaceFunction<typeof clamp> = inplace(clamp);
export const clampMax_: InplaceFunction<typeof clampMax> = inplace(clampMax);
export const clampMin_: InplaceFunction<typeof clampMin> = inplace(clampMin);
export const clip_: InplaceFunction<typeof clip> = inplace(clip);
export const cos_: InplaceFunction<typeof cos> = inplace(cos);
export const cosh_: InplaceFunction<typeof cosh> = inplace(cosh);
export const deg2rad_: InplaceFunction<typeof deg2rad> = inplace(deg2rad);
export const erf_: InplaceFunction<typeof erf> = inplace(erf);
export const erfc_: InplaceFunction<typeof erfc> = inplace(erfc);
export const exp_: InplaceFunction<typeof exp> = inplace(exp);
export const exp2_: InplaceFunction<typeof exp2> = inplace(exp2);
export const expm1_: InplaceFunction<typeof expm1> = inplace(expm1);
export const fix_: InplaceFunction<typeof fix> = inplace(fix);
export const floor_: InplaceFunction<typeof floor> = inplace(floor);
export const frac_: InplaceFunction<typeof frac> = inplace(frac);
export const gcd_: InplaceFunction<typeof gcd> = inplace(gcd);
export const i0_: InplaceFunction<typeof i0> = inplace(i0);
export const indexPut_: InplaceFunction<typeof indexPut> = inplace(indexPut);
export const lcm_: InplaceFunction<typeof lcm> = inplace(lcm);
export const ldexp_: InplaceFunction<typeof ldexp> = inplace(ldexp);
export const log_: InplaceFunction<typeof log> = inplace(log);
export const log10_: InplaceFunction<typeof log10> = inplace(log10);
export const log1p_: InplaceFunction<typeof log1p> = inplace(log1p);
export const log2_: InplaceFunction<typeof log2> = inplace(log2);
export const logit_: InplaceFunction<typeof logit> = inplace(logit);
export const nanToNum_: InplaceFunction<typeof nanToNum> = inplace(nanToNum);
export const neg_: InplaceFunction<typeof neg> = inplace(neg);
export const negative_: InplaceFunction<typeof negative> = inplace(negative);
export const rad2deg_: InplaceFunction<typeof rad2deg> = inplace(rad2deg);
export const reciprocal_: InplaceFunction<typeof reciprocal> = inplace(reciprocal);
export const round_: InplaceFunction<typeof round> = inplace(round);
export const rsqrt_: InplaceFunction<typeof rsqrt> = inplace(rsqrt);
export const sigmoid_: InplaceFunction<typeof sigmoid> = inplace(sigmoid);
export const sin_: InplaceFunction<typeof sin> = inplace(sin);
export const sinc_: InplaceFunction<typeof sinc> = inplace(sinc);
export const sinh_: InplaceFunction<typeof sinh> = inplace(sinh);
export const sqrt_: InplaceFunction<typeof sqrt> = inplace(sqrt);
export const square_: InplaceFunction<typeof square> = inplace(square);
export const tan_: InplaceFunction<typeof tan> = inplace(tan);
export const tanh_: InplaceFunction<typeof tanh> = inplace(tanh);
export const trunc_: InplaceFunction<typeof trunc> = inplace(trunc);
export const xlogy_: InplaceFunction<typeof xlogy> = inplace(xlogy);
