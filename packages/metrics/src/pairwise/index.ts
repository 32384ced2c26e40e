/** Distances of all pairs of rows. */
export * from "./pairwise.js";
