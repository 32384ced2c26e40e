/** Specificity, and the rates of wrong decisions. */
import { divide } from "../inputs.js";
import { classByTask, functionByTask } from "./byTask.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";

const specificityFamily = statFamily()({
  name: "specificity",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: ({ tn, fp }) => divide(tn, tn.add(fp)),
});

/** The specificity of two classes; see `specificity`. */
export const binarySpecificity = specificityFamily.binary.function;
/** The specificity of each class, and by default their mean; see `specificity`. */
export const multiclassSpecificity = specificityFamily.multiclass.function;
/** The specificity of each label, and by default their mean; see `specificity`. */
export const multilabelSpecificity = specificityFamily.multilabel.function;

/** The metric of `binarySpecificity`. */
export class BinarySpecificity extends specificityFamily.binary.Class {}
/** The metric of `multiclassSpecificity`. */
export class MulticlassSpecificity extends specificityFamily.multiclass.Class {}
/** The metric of `multilabelSpecificity`. */
export class MultilabelSpecificity extends specificityFamily.multilabel.Class {}

/**
 * Of those that are not of a class, the share that is not predicted to be, the true negative rate: `TN / (TN + FP)`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/specificity.html
 */
export const specificity = functionByTask<StatFunction>("specificity", specificityFamily, byMicro);

/** The metric of `specificity`: an instance of the class of its task. */
export const Specificity = classByTask<StatClass>(
  "Specificity",
  { binary: BinarySpecificity, multiclass: MulticlassSpecificity, multilabel: MultilabelSpecificity },
  byMicro,
);

const falseNegativeRateFamily = statFamily()({
  name: "falseNegativeRate",
  traits: { higherIsBetter: false, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: ({ tp, fn }) => divide(fn, fn.add(tp)),
});

/** The false negative rate of two classes; see `falseNegativeRate`. */
export const binaryFalseNegativeRate = falseNegativeRateFamily.binary.function;
/** The false negative rate of each class, and by default their mean; see `falseNegativeRate`. */
export const multiclassFalseNegativeRate = falseNegativeRateFamily.multiclass.function;
/** The false negative rate of each label, and by default their mean; see `falseNegativeRate`. */
export const multilabelFalseNegativeRate = falseNegativeRateFamily.multilabel.function;

/** The metric of `binaryFalseNegativeRate`. */
export class BinaryFalseNegativeRate extends falseNegativeRateFamily.binary.Class {}
/** The metric of `multiclassFalseNegativeRate`. */
export class MulticlassFalseNegativeRate extends falseNegativeRateFamily.multiclass.Class {}
/** The metric of `multilabelFalseNegativeRate`. */
export class MultilabelFalseNegativeRate extends falseNegativeRateFamily.multilabel.Class {}

/**
 * Of those that are of a class, the share that is missed: `FN / (FN + TP)`, 1 - recall. It averages as recall does.
 *
 * torchmetrics does not have it.
 */
export const falseNegativeRate = functionByTask<StatFunction>("falseNegativeRate", falseNegativeRateFamily, byMicro);

/** The metric of `falseNegativeRate`: an instance of the class of its task. */
export const FalseNegativeRate = classByTask<StatClass>(
  "FalseNegativeRate",
  { binary: BinaryFalseNegativeRate, multiclass: MulticlassFalseNegativeRate, multilabel: MultilabelFalseNegativeRate },
  byMicro,
);

const falsePositiveRateFamily = statFamily()({
  name: "falsePositiveRate",
  traits: { higherIsBetter: false, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: ({ fp, tn }) => divide(fp, fp.add(tn)),
});

/** The false positive rate of two classes; see `falsePositiveRate`. */
export const binaryFalsePositiveRate = falsePositiveRateFamily.binary.function;
/** The false positive rate of each class, and by default their mean; see `falsePositiveRate`. */
export const multiclassFalsePositiveRate = falsePositiveRateFamily.multiclass.function;
/** The false positive rate of each label, and by default their mean; see `falsePositiveRate`. */
export const multilabelFalsePositiveRate = falsePositiveRateFamily.multilabel.function;

/** The metric of `binaryFalsePositiveRate`. */
export class BinaryFalsePositiveRate extends falsePositiveRateFamily.binary.Class {}
/** The metric of `multiclassFalsePositiveRate`. */
export class MulticlassFalsePositiveRate extends falsePositiveRateFamily.multiclass.Class {}
/** The metric of `multilabelFalsePositiveRate`. */
export class MultilabelFalsePositiveRate extends falsePositiveRateFamily.multilabel.Class {}

/**
 * Of those that are not of a class, the share that is taken for one: `FP / (FP + TN)`, 1 - specificity. It averages as
 * specificity does.
 *
 * torchmetrics does not have it.
 */
export const falsePositiveRate = functionByTask<StatFunction>("falsePositiveRate", falsePositiveRateFamily, byMicro);

/** The metric of `falsePositiveRate`: an instance of the class of its task. */
export const FalsePositiveRate = classByTask<StatClass>(
  "FalsePositiveRate",
  { binary: BinaryFalsePositiveRate, multiclass: MulticlassFalsePositiveRate, multilabel: MultilabelFalsePositiveRate },
  byMicro,
);

const negativePredictiveValueFamily = statFamily()({
  name: "negativePredictiveValue",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: ({ tn, fn }) => divide(tn, tn.add(fn)),
});

/** The negative predictive value of two classes; see `negativePredictiveValue`. */
export const binaryNegativePredictiveValue = negativePredictiveValueFamily.binary.function;
/** The negative predictive value of each class, and by default their mean; see `negativePredictiveValue`. */
export const multiclassNegativePredictiveValue = negativePredictiveValueFamily.multiclass.function;
/** The negative predictive value of each label, and by default their mean; see `negativePredictiveValue`. */
export const multilabelNegativePredictiveValue = negativePredictiveValueFamily.multilabel.function;

/** The metric of `binaryNegativePredictiveValue`. */
export class BinaryNegativePredictiveValue extends negativePredictiveValueFamily.binary.Class {}
/** The metric of `multiclassNegativePredictiveValue`. */
export class MulticlassNegativePredictiveValue extends negativePredictiveValueFamily.multiclass.Class {}
/** The metric of `multilabelNegativePredictiveValue`. */
export class MultilabelNegativePredictiveValue extends negativePredictiveValueFamily.multilabel.Class {}

/**
 * Of those predicted not to be of a class, the share that is not: `TN / (TN + FN)`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/negative_predictive_value.html
 */
export const negativePredictiveValue = functionByTask<StatFunction>(
  "negativePredictiveValue",
  negativePredictiveValueFamily,
  byMicro,
);

/** The metric of `negativePredictiveValue`: an instance of the class of its task. */
export const NegativePredictiveValue = classByTask<StatClass>(
  "NegativePredictiveValue",
  {
    binary: BinaryNegativePredictiveValue,
    multiclass: MulticlassNegativePredictiveValue,
    multilabel: MultilabelNegativePredictiveValue,
  },
  byMicro,
);
