/** How well samples are grouped. */
export * from "./data.js";
export * from "./labels.js";
