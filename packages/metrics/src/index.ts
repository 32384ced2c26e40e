/** torchmetrics' part of Flambeau: measures of how well a model does. */
export {};
