/** Questions about devices other than the CPU, so that programs which ask can run here. */

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
