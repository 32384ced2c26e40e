/** `transforms`: what is done to images before they reach a model. */
export * as functional from "./functional/index.js";
export { Transform } from "./transform.js";
export { Compose, ConvertImageDtype, Lambda, Normalize, PILToTensor, ToTensor } from "./transforms.js";
