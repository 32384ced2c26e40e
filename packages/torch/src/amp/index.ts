/** `torch.amp`: training in a precision lower than float32. */

export { type AutocastOptions, autocast, isAutocastAvailable } from "../ops/autocast.js";
export { GradScaler, type GradScalerOptions, type GradScalerStateDict } from "./gradScaler.js";
