/** How near texts are to those that they should be. */
export * from "./bleu.js";
export * from "./chrf.js";
export * from "./errorRates.js";
export * from "./perplexity.js";
export * from "./rouge.js";
export * from "./squad.js";
export type { References, Texts } from "./tokens.js";
