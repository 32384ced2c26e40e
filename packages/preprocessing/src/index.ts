/** scikit-learn's part of Flambeau: encoders of labels and scalers of features. */
export {};
