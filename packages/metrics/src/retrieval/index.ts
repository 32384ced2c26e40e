/** How well documents are found. */
export * from "./retrieval.js";
