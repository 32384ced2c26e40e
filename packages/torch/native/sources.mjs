// Prints the C++ sources in the named folders of kernels/, for binding.gyp. Those in folders after `--rest` are left
// out where only the first kernels are wanted (build.mjs).
//
// Up to five files of a folder are compiled as one, which is written here and includes them: half of the time that a
// small one takes goes into its headers.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const filesOfUnit = 5;
// Names without linkage in a file that is included are no mistake here.
const head = `#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif
`;

function unitsOf(folder) {
  const files = readdirSync(join(root, "kernels", folder))
    .filter((name) => name.endsWith(".cpp"))
    .sort();
  const count = Math.ceil(files.length / filesOfUnit);
  return Array.from({ length: count }, (_, i) => {
    const part = files.slice((files.length * i) / count, (files.length * (i + 1)) / count);
    return { path: `build/units/${folder}${i}.cpp`, part: part.map((name) => `kernels/${folder}/${name}`) };
  });
}

const [first, rest = ""] = process.argv.slice(2).join(" ").split("--rest");
const wanted = process.env.FLAMBEAU_KERNELS === "first" ? first : first + rest;
mkdirSync(join(root, "build", "units"), { recursive: true });
for (const { path, part } of wanted.split(" ").filter(Boolean).flatMap(unitsOf)) {
  const file = join(root, path);
  const text = head + part.map((name) => `#include "${name}"\n`).join("");
  // One that is as it was keeps its date, so that make leaves it alone.
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  console.log(path);
}
