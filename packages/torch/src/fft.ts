/** `torch.fft`: Fourier transforms. */
export * from "./ops/fourier/fft.js";
export * from "./ops/fourier/frequencies.js";
