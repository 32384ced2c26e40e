// Prints the C++ sources in the named folders of kernels/, for binding.gyp.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(join(root, "kernels", folder)).sort()) {
    if (name.endsWith(".cpp")) console.log(`kernels/${folder}/${name}`);
  }
}
