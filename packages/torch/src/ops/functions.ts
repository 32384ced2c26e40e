/** The operations that are functions of the namespace `torch` (methods without a function are left out). */
export * from "./arithmetic.js";
export * from "./creation.js";
