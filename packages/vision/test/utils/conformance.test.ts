/** Every recorded call of torchvision.utils: the same pixels, wherever no text is drawn. */
import { utils } from "@flambeau/vision";
import { replayAll } from "../support/recorded.js";

replayAll("utils/utils", utils, { rtol: 1e-6, atol: 1e-6 });
