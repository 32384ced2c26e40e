// Prints the C++ sources in the named folders of kernels/, for binding.gyp. Those in folders after `--rest` are left
// out where only the first kernels are wanted (build.mjs).
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const [first, rest = ""] = process.argv.slice(2).join(" ").split("--rest");
const wanted = process.env.FLAMBEAU_KERNELS === "first" ? first : first + rest;
for (const folder of wanted.split(" ").filter(Boolean)) {
  for (const name of readdirSync(join(root, "kernels", folder)).sort()) {
    if (name.endsWith(".cpp")) console.log(`kernels/${folder}/${name}`);
  }
}
