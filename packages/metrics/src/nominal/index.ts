/** Associations of variables whose values are names. */
export * from "./nominal.js";
