/**
 * scikit-learn's part of Flambeau: encoders of labels and scalers of features.
 *
 * @example
 * import { LabelBinarizer } from "@flambeau/preprocessing";
 *
 * const binarizer = new LabelBinarizer().fit(torch.arange(10));
 * binarizer.transform([3]).at(0); // tensor([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
 * @see https://scikit-learn.org/stable/modules/preprocessing.html
 */
export { Estimator } from "./estimator.js";
export type { Matrix } from "./features/matrix.js";
export { MinMaxScaler } from "./features/minMaxScaler.js";
export { OneHotEncoder, type OneHotEncoderOptions, type Table } from "./features/oneHotEncoder.js";
export { StandardScaler } from "./features/standardScaler.js";
export { LabelBinarizer } from "./labels/labelBinarizer.js";
export { LabelEncoder } from "./labels/labelEncoder.js";
export type { Label, Labels } from "./labels/labels.js";
