/** Every recorded call of torchvision.ops, with its gradients. */
import { ops } from "@flambeau/vision";
import { replayAll } from "../support/recorded.js";

replayAll("ops/ops", ops);
