/** `torch.amp`: training in a precision lower than float32. */
export { GradScaler, type GradScalerOptions, type GradScalerStateDict } from "./gradScaler.js";
