/** What runs when the command is called. */
import "../index.js";
import { main } from "./index.js";

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
