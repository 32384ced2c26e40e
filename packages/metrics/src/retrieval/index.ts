/** How well documents are found. */
export {
  type Aggregation,
  type EmptyTargetAction,
  type FirstKOption,
  RetrievalMetric,
  type RetrievalOptions,
} from "./queries.js";
export * from "./retrieval.js";
