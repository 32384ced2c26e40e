// What editors and the compiler see of the library is made of the definitions here, in two steps.
//
// `methods` writes packages/torch/src/ops/tensorMethods.ts: the methods that operations give to tensors, with the doc
// comments of their definitions. Which there are is read from compiled operations, so the compiler runs before.
//
// `overloads` changes the declarations that the compiler wrote: where the arguments of a function or constructor are a
// union of lists (`...args: Args<…>`), it declares one overload for each, which is shown with the names of its places.
// Constructors get the comments of their classes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const torch = join(dirname(fileURLToPath(import.meta.url)), "..", "packages", "torch");
const sources = join(torch, "src", "ops");
const compiled = join(torch, "dist", "src");
const methodsFile = join(sources, "tensorMethods.ts");

const head = `/** The methods of tensors that operations are. Written by tools/declarations.mjs from the definitions; not in git. */
import type * as functions from "./functions.js";
import type * as methods from "./methods.js";
import type { InplaceMethod, Method } from "./types.js";
`;

/** Writes what stands in a file, and tells whether that is new. */
function update(file, text) {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  writeFileSync(file, text);
  return true;
}

/** The doc comments of the constants that the files of a list export, by name. */
function docsOf(list) {
  const docs = new Map();
  for (const [, path] of readFileSync(join(sources, list), "utf8").matchAll(/^export \* from "(.*)\.js";$/gm)) {
    const text = readFileSync(join(sources, `${path}.ts`), "utf8");
    const lists = [...text.matchAll(/^export \{ (.*) \};$/gm)].map(([, names]) => names);
    const renamed = new Map([...lists.join().matchAll(/(\w+) as (\w+)/g)].map(([, from, to]) => [from, to]));
    for (const [, doc, name] of text.matchAll(/^\/\*\*\s((?:(?!\*\/)[\s\S])*?)\s*\*\/\n(?:export )?const (\w+)/gm)) {
      docs.set(
        renamed.get(name) ?? name,
        doc.split("\n").map((line) => line.replace(/^\s*\* ?/, "")),
      );
    }
  }
  return docs;
}

function comment(lines) {
  return lines.length === 0 ? "" : `  /**\n${lines.map((line) => `   * ${line}`.trimEnd()).join("\n")}\n   */\n`;
}

/** The members that the operations of a list give. */
function membersOf(list, operations, operationOf) {
  const docs = docsOf(`${list}.ts`);
  return Object.entries(operations).flatMap(([name, exported]) => {
    const variants = operationOf(exported)?.variants ?? "";
    const doc = docs.get(name) ?? [];
    const type = `<typeof ${list}.${name}>`;
    const inPlace = [`\`${name}\` in place: the result is written into this tensor.`, "", ...doc];
    return [
      ...(variants.includes("method") ? [`${comment(doc)}  ${name}: Method${type};`] : []),
      ...(variants.endsWith("inplace") ? [`${comment(inPlace)}  ${name}_: InplaceMethod${type};`] : []),
    ];
  });
}

/** Makes sure that there is a file at all, for the first compilation; tells whether there was none. */
export function prepareMethods() {
  if (existsSync(methodsFile)) return false;
  writeFileSync(methodsFile, `${head}\nexport interface OperationMethods {}\n`);
  return true;
}

/** Writes the methods that the operations give which were compiled into a folder; tells whether the file has changed. */
export async function methods(folder) {
  const load = (name) => import(pathToFileURL(join(folder, "ops", `${name}.js`)).href);
  const { operationOf } = await load("define");
  const members = [
    ...membersOf("functions", await load("functions"), operationOf),
    ...membersOf("methods", await load("methods"), operationOf),
  ];
  return update(methodsFile, `${head}\nexport interface OperationMethods {\n${members.join("\n")}\n}\n`);
}

/** The place of the bracket that closes the one at `open`. */
function closing(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if ("([{<".includes(text[i])) depth++;
    else if (")]}".includes(text[i]) || (text[i] === ">" && text[i - 1] !== "=")) depth--;
    if (depth === 0) return i;
  }
  return text.length;
}

/**
 * In how many ways arguments of a type can be given: one more than it has places that may be named. `find` gives the
 * alias that a name is in a file, and the file where that stands.
 */
function formsOf(type, file, find, seen = new Set()) {
  const names = /Args<[\s\S]*?\[\s*("\w+"(?:,\s*"\w+")*)\s*\]/.exec(type)?.[1];
  if (names !== undefined) return names.split(",").length + 1;
  for (const [word] of type.matchAll(/\b[A-Z]\w*/g)) {
    const alias = find(file, word);
    if (alias === undefined || seen.has(alias)) continue;
    const forms = formsOf(alias.type, alias.file, find, seen.add(alias));
    if (forms > 1) return forms;
  }
  return 1;
}

/** The text of a declaration file with overloads in the place of unions. */
function withOverloads(text, file, find, args) {
  let result = "";
  let end = 0;
  for (const match of text.matchAll(/^(?:export declare function | {4})(?:protected )?\w+(?=\()/gm)) {
    const open = match.index + match[0].length;
    const close = closing(text, open);
    const stop = text.indexOf(";", close) + 1;
    const parameters = text.slice(open + 1, close);
    const rest = /^([\s\S]*?)\.\.\.(\w+): ([\s\S]*)$/.exec(parameters);
    const isDone = rest === null || match.index < end || rest[3].includes(".Forms<");
    const forms = isDone ? 1 : formsOf(rest[3], file, find);
    if (forms === 1) continue;
    const [, before, name, type] = rest;
    const declare = (list) => `${match[0]}(${before}...${name}: ${list})${text.slice(close + 1, stop)}`.trimStart();
    const overload = (_, i) => declare(`import("${args}").Forms<${type}>[${i}]`).replaceAll(/\s+/g, " ");
    // The lines stay where they are, as the source map has them.
    const breaks = "\n".repeat(text.slice(match.index, stop).split("\n").length - 1);
    const indent = /^ */.exec(match[0])[0];
    result += text.slice(end, match.index) + indent + Array.from({ length: forms }, overload).join(" ") + breaks;
    end = stop;
  }
  return result + text.slice(end);
}

/** Gives the comment of a class to its constructor, which is what an editor shows behind `new`. */
function withConstructorDocs(text, mappings) {
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    if (!/^export declare (abstract )?class /.test(lines[i]) || lines[i - 1] !== " */") continue;
    const doc = lines.slice(lines.lastIndexOf("/**", i), i).map((line) => `    ${line}`);
    const end = lines.indexOf("}", i);
    const at = lines.findIndex((line, n) => n > i && n < end && line.startsWith("    constructor("));
    if (at < 0 || lines[at - 1].endsWith("*/")) continue;
    lines.splice(at, 0, ...doc);
    mappings.splice(at, 0, ...doc.map(() => ""));
  }
  return lines.join("\n");
}

/** The type aliases of a declaration file, where other names in it come from, and which files it hands on whole. */
function scopeOf(file, text) {
  const aliases = text.matchAll(/^(?:export )?(?:declare )?type (\w+)(?:<.*?>)? =\s([\s\S]*?);(?=\n[^\s}\])]|\s*$)/gm);
  const place = (specifier) => join(dirname(file), `${specifier}.d.ts`);
  const origins = [...text.matchAll(/^(?:import|export)(?: type)? \{([^}]*)\} from "(\..*)\.js";$/gm)].flatMap(
    ([, names, specifier]) =>
      names.split(",").map((item) => {
        const [name, local = name] = item
          .trim()
          .replace(/^type /, "")
          .split(" as ");
        return [local, { name, file: place(specifier) }];
      }),
  );
  return {
    aliases: new Map([...aliases].map(([, name, type]) => [name, { type, file }])),
    origins: new Map(origins),
    whole: [...text.matchAll(/^export \* from "(\..*)\.js";$/gm)].map(([, specifier]) => place(specifier)),
  };
}

/** The alias that a name is in a file, or in the one that it comes from. */
function finder(scopes) {
  return function find(file, name) {
    const { aliases, origins, whole } = scopes.get(file) ?? {};
    if (aliases === undefined || aliases.has(name)) return aliases?.get(name);
    const origin = origins.get(name);
    if (origin !== undefined) return find(origin.file, origin.name);
    for (const other of whole) {
      const found = find(other, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function overloads() {
  const files = readdirSync(compiled, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
  const texts = new Map(files.map((name) => [name, readFileSync(join(compiled, name), "utf8")]));
  const find = finder(new Map([...texts].map(([name, text]) => [name, scopeOf(name, text)])));
  for (const [name, text] of texts) {
    const args = relative(dirname(join(compiled, name)), join(compiled, "arguments", "args.js"));
    const specifier = (args.startsWith(".") ? args : `./${args}`).replaceAll("\\", "/");
    const map = JSON.parse(readFileSync(join(compiled, `${name}.map`), "utf8"));
    const mappings = map.mappings.split(";");
    const changed = withOverloads(text, name, find, specifier);
    update(join(compiled, name), withConstructorDocs(changed, mappings));
    update(join(compiled, `${name}.map`), JSON.stringify({ ...map, mappings: mappings.join(";") }));
  }
}
