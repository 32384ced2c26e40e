/**
 * Short-time Fourier transforms: of overlapping frames of a signal.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#spectral-ops
 */
import { flag, flagOn, int, keyword, nullable, openFlag, optional, tensor, word } from "../../arguments/params.js";
import { warn } from "../../arguments/warn.js";
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import { holdsAnywhere } from "../numbers.js";
import { type PadMode, pad } from "../pad/pad.js";
import { viewAsReal } from "../shape/complexViews.js";
import type { Args, Op } from "../types.js";
import { floating } from "./arguments.js";
import { halfOf, transformComplex, transformOf, transformReal, transformToReal } from "./transform.js";

const frames = {
  input: tensor,
  nFft: int,
  hopLength: optional(nullable(int)),
  winLength: optional(nullable(int)),
  window: optional(nullable(tensor)),
  center: flagOn,
};

type FrameArgs<O> = Args<
  [hopLength?: number | null, winLength?: number | null, window?: Tensor | null],
  ["hopLength", "winLength", "window"],
  O
>;

interface Frames {
  readonly nFft: number;
  readonly hopLength: number;
  readonly winLength: number;
  readonly window: Tensor | null | undefined;
}

/** The arguments that a message of PyTorch begins with. */
function describe(name: string, input: string, { nFft, hopLength, winLength, window }: Frames, rest: object): string {
  const shown = window ? `torch.${scalarTypeName(window.dtype)}Tensor{${formatShape(window.sizes)}}` : "None";
  const others = Object.entries(rest).map(([key, value]) => `, ${key}=${value == null ? "None" : Number(value)}`);
  return `${name}(${input}, n_fft=${nFft}, hop_length=${hopLength}, win_length=${winLength}, window=${shown}${others.join("")})`;
}

/** The frame lengths that were asked for, those that were not by their defaults. */
function framesOf(args: {
  readonly nFft: number;
  readonly hopLength: number | null | undefined;
  readonly winLength: number | null | undefined;
  readonly window: Tensor | null | undefined;
}): Frames {
  const { nFft, hopLength, winLength, window } = args;
  return { nFft, hopLength: hopLength ?? Math.trunc(nFft / 4), winLength: winLength ?? nFft, window };
}

/** A window in the middle of zeros, as long as the transform. */
function centered(window: Tensor, { nFft, winLength }: Frames): Tensor {
  if (winLength === nFft) return window;
  const before = Math.floor((nFft - winLength) / 2);
  return pad(window, [before, nFft - winLength - before]);
}

/**
 * The transforms of the frames of a signal: frame t is multiplied by the window, and begins at `t hopLength`.
 *
 * @param input a signal, or a batch of them.
 * @param nFft the length of the frames.
 * @param args.hopLength how far frames are apart; a quarter of their length by default.
 * @param args.winLength the length of the window, which stands in the middle of a frame; that of the frame by default.
 * @param args.window ones by default.
 * @param options.center whether frame t has its middle at `t hopLength`: the signal is padded, in the mode `padMode`.
 * @param options.normalized whether to divide by the root of `nFft`.
 * @param options.onesided whether to give only the first half, of which the rest follows where all is real.
 * @param options.returnComplex required for a real signal; without it the last dim holds real and imaginary parts.
 * @returns frequencies × frames, with a batch in front.
 * @throws Error for lengths that do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.stft.html
 */
export const stft: Op<
  (
    input: Tensor,
    nFft: number,
    ...args: FrameArgs<{
      center?: boolean;
      padMode?: PadMode;
      normalized?: boolean;
      onesided?: boolean | null;
      returnComplex?: boolean | null;
    }>
  ) => Tensor
> = op({
  name: "stft",
  params: {
    ...frames,
    padMode: optional(word<PadMode>("constant", "reflect", "replicate", "circular"), "reflect"),
    normalized: flag,
    onesided: nullable(openFlag),
    returnComplex: nullable(openFlag),
  },
  composite: ({ input, center, padMode, normalized, onesided, returnComplex, ...lengths }) => {
    const wanted = framesOf(lengths);
    const { nFft, hopLength, winLength, window } = wanted;
    const ndim = input.sizes.length;
    let signal = input;
    if (center) {
      const half = Math.trunc(nFft / 2);
      const inFront = new Array<number>(Math.max(3 - ndim, 0)).fill(1);
      const padded = pad(input.view([...inFront, ...input.sizes]), [half, half], { mode: padMode });
      signal = padded.view(padded.sizes.slice(inFront.length));
    }
    const isComplex = input.dtype.isComplex || (window?.dtype.isComplex ?? false);
    if (returnComplex == null && !isComplex) {
      throw new Error("stft requires the return_complex parameter be given for real inputs: { returnComplex: true }");
    }
    const refuse = (words: string): Error => {
      const shown = `torch.${scalarTypeName(signal.dtype)}Tensor${formatShape(signal.sizes)}`;
      const rest = { normalized, onesided, return_complex: returnComplex };
      return new Error(`${describe("stft", shown, wanted, rest)} : expected ${words}`);
    };
    if (!input.dtype.isFloatingPoint && !input.dtype.isComplex) {
      throw refuse("a tensor of floating point or complex values");
    }
    floating(input);
    if (ndim < 1 || ndim > 2) throw refuse("a 1D or 2D tensor");
    const length = signal.sizes.at(-1) as number;
    if (nFft <= 0 || nFft > length) throw refuse(`0 < n_fft < ${length}, but got n_fft=${nFft}`);
    if (hopLength <= 0) throw refuse(`hop_length > 0, but got hop_length=${hopLength}`);
    if (winLength <= 0 || winLength > nFft) {
      throw refuse(`0 < win_length <= n_fft, but got win_length=${winLength}`);
    }
    if (window && (window.sizes.length !== 1 || window.sizes[0] !== winLength)) {
      const size = formatShape(window.sizes);
      throw refuse(`a 1D window tensor of size equal to win_length=${winLength}, but got window with size ${size}`);
    }
    checkSided(onesided, isComplex);
    let parts = signal.unfold(-1, nFft, hopLength);
    if (window) parts = parts.mul(centered(window, wanted));
    else if (winLength < nFft) parts = parts.mul(centered(parts.newOnes([winLength]), wanted));
    const factor = normalized ? 1 / Math.sqrt(nFft) : 1;
    const half = onesided ?? !isComplex;
    const result = (half ? transformReal : transformOf)(parts, [ndim], false, factor).transpose(-1, -2);
    return (returnComplex ?? true) ? result : viewAsReal(result);
  },
});

function checkSided(onesided: boolean | null | undefined, isComplex: boolean): void {
  if (onesided && isComplex) throw new Error("Cannot have onesided output if window or input is complex");
}

/** The sum of frames (… × frames × length), each at its place in the signal. */
function overlapped(parts: Tensor, hopLength: number): Tensor {
  const [count, length] = parts.sizes.slice(-2) as [number, number];
  const total = length + hopLength * (count - 1);
  const places = arange(total).unfold(0, length, hopLength).reshape(-1);
  return parts.newZeros([...parts.sizes.slice(0, -2), total]).indexAdd(-1, places, parts.flatten(-2));
}

/**
 * The signal of which `stft` with the same arguments makes such transforms: the least squares estimate, that is the sum
 * of the windowed frames over that of the squared windows.
 *
 * @param input complex: frequencies × frames, with a batch in front.
 * @param options.length how long the signal is; it is cut off, or zeros are added. By default what the frames tell.
 * @param options.returnComplex whether the signal is complex; then all frequencies are needed.
 * @throws Error for lengths that do not fit, and where the windows leave a place of the signal unknown.
 * @see https://pytorch.org/docs/stable/generated/torch.istft.html
 */
export const istft: Op<
  (
    input: Tensor,
    nFft: number,
    ...args: FrameArgs<{
      center?: boolean;
      normalized?: boolean;
      onesided?: boolean | null;
      length?: number | null;
      returnComplex?: boolean;
    }>
  ) => Tensor
> = op({
  name: "istft",
  params: {
    ...frames,
    normalized: flag,
    onesided: nullable(openFlag),
    length: keyword(optional(nullable(int))),
    returnComplex: flag,
  },
  composite: ({ input, center, normalized, onesided, length, returnComplex, ...lengths }) => {
    const wanted = framesOf(lengths);
    const { nFft, hopLength, winLength, window } = wanted;
    const refuse = (words: string): Error => {
      const shown = `CPU${scalarTypeName(input.dtype)}Type${formatShape(input.sizes)}`;
      const rest = { center, normalized, onesided, length, return_complex: returnComplex };
      return new Error(`${describe("istft", shown, wanted, rest)}${words}`);
    };
    if (!input.dtype.isComplex) {
      throw new TypeError(
        "istft requires a complex-valued input tensor matching the output from stft with return_complex=True.",
      );
    }
    floating(input);
    const ndim = input.sizes.length;
    if (input.numel() === 0) throw refuse(" : input tensor cannot be empty.");
    if (ndim < 2 || ndim > 3) throw refuse(` : expected a tensor with 2 or 3 dimensions, but got ${ndim}`);
    const [frequencies, count] = input.sizes.slice(-2) as [number, number];
    const half = onesided ?? frequencies !== nFft;
    if (half && frequencies !== halfOf(nFft)) {
      throw refuse(
        ` : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when onesided=True, but got ${frequencies}`,
      );
    }
    if (!half && frequencies !== nFft) {
      throw refuse(
        ` : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when onesided=False, but got ${frequencies}`,
      );
    }
    if (hopLength <= 0 || hopLength > winLength) throw refuse(" : expected 0 < hop_length <= win_length");
    if (winLength <= 0 || winLength > nFft) throw refuse(" : expected 0 < win_length <= n_fft");
    if (window && (window.sizes.length !== 1 || window.sizes[0] !== winLength)) {
      throw refuse(" : Invalid window shape. window has to be 1D and length of `win_length`");
    }
    if (!returnComplex && window?.dtype.isComplex) {
      throw new Error("Complex windows are incompatible with return_complex=False");
    }
    const total = nFft + hopLength * (count - 1);
    const start = center ? Math.floor(nFft / 2) : 0;
    const end = length != null ? start + length : total - start;
    if (end <= start) throw refuse(` : expected a signal of at least one element, but got ${end - start}`);
    checkSided(half, returnComplex);

    const spectra = input.transpose(-1, -2);
    const factor = 1 / (normalized ? Math.sqrt(nFft) : nFft);
    const last = ndim - 1;
    const full = returnComplex
      ? transformComplex(spectra, [last], true, factor)
      : transformToReal(half ? spectra : spectra.narrow(-1, 0, halfOf(nFft)), [last], true, factor, nFft);
    const weights = centered(window ?? full.newOnes([winLength], { dtype: full.dtype.toReal() }), wanted);
    const known = Math.min(end, total) - start;
    const envelope = overlapped(weights.pow(2).expand(count, nFft), hopLength).narrow(-1, start, known);
    if (holdsAnywhere(envelope.abs().lt(1e-11))) throw refuse(" window overlap add min: 1");
    const signal = overlapped(full.mul(weights), hopLength).narrow(-1, start, known).div(envelope);
    if (end <= total) return signal;
    warn(
      "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please check your center and hop_length settings.",
    );
    return pad(signal, [0, end - total]);
  },
});
