/** Divergences of distributions, and the table in which they stand. */
import "./different.js";
import "./gaussian.js";
import "./same.js";

export { klDivergence, registerKl } from "./registry.js";
