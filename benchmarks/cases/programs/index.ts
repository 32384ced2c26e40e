/** Whole programs: what a person waits for, with the memory that it takes and its start apart. */
import type { Case } from "../../case.js";
import { autoencoder } from "./autoencoder.js";
import { characters } from "./characters.js";
import { convolutional } from "./convolutional.js";
import { gan } from "./gan.js";
import { languageModel } from "./languageModel.js";
import { residual } from "./residual.js";
import { sineWaves } from "./sineWaves.js";
import { encoderInference } from "./transformer.js";

export const programs: readonly Case[] = [
  convolutional,
  residual,
  languageModel,
  characters,
  autoencoder,
  gan,
  sineWaves,
  ...encoderInference,
];
