/** Every recorded call of torchvision.ops, with its gradients. */
import { ops } from "@flambeau/vision";
import { replayAll } from "../support/recorded.js";

replayAll(new URL("../../../test/golden/ops/ops.json.gz", import.meta.url), ops);
