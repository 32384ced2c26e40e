/** What runs when the command is called. */
import "../index.js";
import { main } from "./index.js";

process.exitCode = main(process.argv.slice(2));
