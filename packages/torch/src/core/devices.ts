/** The names of devices, and questions about those other than the CPU, so that programs which ask can run here. */

/**
 * Where tensors live. `"meta"` has no memory: shapes and dtypes alone. `"cuda"` and `"mps"` cannot be used; they are
 * names that programs may ask for.
 */
export type Device = "cpu" | "meta" | "cuda" | "mps";

/** `torch.cuda` */
export const cuda = {
  /** Whether an NVIDIA GPU can be used: never. */
  isAvailable: (): boolean => false,
  /** The number of GPUs that can be used. */
  deviceCount: (): number => 0,
};

/** `torch.backends` */
export const backends = {
  /** Apple's GPUs. */
  mps: {
    isAvailable: (): boolean => false,
    isBuilt: (): boolean => false,
  },
};
