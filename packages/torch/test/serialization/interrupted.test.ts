/** Saving that does not get to its end: the old file is whole, the error says what happened, and nothing is left behind. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import torch from "../../src/index.js";
import { randomFrom } from "./mutate.js";
import { folderFor } from "./support.js";

const library = JSON.stringify(new URL("../../src/index.js", import.meta.url).href);

/** A program that saves a large file to a path, and prints the error. */
const saving = (path: string) => `
  import torch from ${library};
  try { torch.save(torch.zeros(1_000_000), ${JSON.stringify(path)}); } catch (error) { console.log(error.code, error.message); }
`;

const program = (text: string) => ["--input-type=module", "--eval", text];

test("a disk that is full", { skip: process.platform === "win32" && "no such limit" }, (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.pt");
  torch.save("old", path);
  // A limit to the size of files stands for the disk.
  const { stdout } = spawnSync(
    "sh",
    ["-c", 'ulimit -f 1000; exec "$@"', "sh", process.execPath, ...program(saving(path))],
    {
      encoding: "utf8",
    },
  );
  assert.match(stdout, /^EFBIG .*x\.pt could not be written, what was there stays as it was: EFBIG/);
  assert.equal(torch.load(path), "old");
  assert.deepEqual(readdirSync(folder), ["x.pt"]);
});

test("a folder that may not be written to", { skip: process.platform === "win32" && "no such permission" }, (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.pt");
  torch.save("old", path);
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  // Root may write everywhere.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = spawnSync(process.execPath, program(saving(path)), { encoding: "utf8", ...nobody });
  chmodSync(folder, 0o755);
  assert.match(stdout, /^EACCES .*x\.pt could not be written, what was there stays as it was: EACCES/);
  assert.equal(torch.load(path), "old");
  assert.deepEqual(readdirSync(folder), ["x.pt"]);
});

test("a process that is killed while it saves, again and again", async (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.pt");
  torch.save({ i: 0, x: torch.zeros(200_000) }, path);
  const forever = `
    import torch from ${library};
    const x = torch.zeros(200_000);
    console.log("ready");
    for (let i = 1; ; i++) torch.save({ i, x: x.fill_(i) }, ${JSON.stringify(path)});
  `;
  const random = randomFrom(4);
  for (let kill = 0; kill < 8; kill++) {
    const child = spawn(process.execPath, program(forever), { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, random(60)));
    child.kill("SIGKILL");
    await once(child, "exit");
    const { i, x } = torch.load(path);
    assert.deepEqual([x.min().item(), x.max().item()], [i, i]);
  }
  torch.save("new", path);
  assert.deepEqual(readdirSync(folder), ["x.pt"], "what killed processes left is gone");
});

const { safetensors } = torch;

/** A state dict of tensors of 400, 800 and 800 kilobytes, all of one value. */
const valued = (value: number) =>
  `{ a: torch.full([100_000], ${value}), b: torch.full([200_000], ${value}), c: torch.full([200_000], ${value}) }`;

/** The state dict that a folder has: that of its index, or else of its one file. */
function found(folder: string): Set<unknown> {
  const names = readdirSync(folder);
  const index = "model.safetensors.index.json";
  const file = safetensors.loadFile(join(folder, names.includes(index) ? index : "model.safetensors"));
  assert.deepEqual(Object.keys(file).sort(), ["a", "b", "c"]);
  return new Set(Object.values(file).flatMap((x) => [x.min().item(), x.max().item()]));
}

/** A program that saves a state dict of ones, and ends itself where it would rename or take away its n-th file. */
const endingAt = (folder: string, size: number, n: number) => `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  import torch from ${library};
  let count = 0;
  for (const name of ["renameSync", "rmSync"]) {
    const whole = fs[name];
    fs[name] = (...args) => ++count === ${n} ? process.kill(process.pid, "SIGKILL") : whole(...args);
  }
  syncBuiltinESMExports();
  torch.safetensors.saveTorchStateDict(${valued(1)}, ${JSON.stringify(folder)}, { maxShardSize: ${size} });
`;

for (const [title, before, after] of [
  ["shards in place of as many", 900_000, 900_000],
  ["shards in place of fewer", 1_300_000, 900_000],
  ["one file in place of shards", 900_000, 9_000_000],
  ["shards in place of one file", 9_000_000, 900_000],
] as const) {
  test(`a process that ends at any step while it saves ${title}`, (t) => {
    const folder = folderFor(t);
    const old = { a: torch.zeros(100_000), b: torch.zeros(200_000), c: torch.zeros(200_000) };
    let ended = true;
    for (let n = 1; ended; n++) {
      safetensors.saveTorchStateDict(old, folder, { maxShardSize: before });
      const child = spawnSync(process.execPath, program(endingAt(folder, after, n)));
      ended = child.signal === "SIGKILL";
      assert.ok(ended || child.status === 0, String(child.stderr));
      assert.equal(found(folder).size, 1, `old beside new after ${n} steps: ${readdirSync(folder)}`);
      if (!ended) assert.deepEqual([...found(folder)], [1]);
    }
    safetensors.saveTorchStateDict(old, folder, { maxShardSize: before });
    safetensors.saveTorchStateDict(old, folder);
    assert.deepEqual(readdirSync(folder), ["model.safetensors"], "what ended processes left is gone");
  });
}

test("a disk that is full before the last shard", { skip: process.platform === "win32" && "no such limit" }, (t) => {
  const folder = folderFor(t);
  const old = { a: torch.zeros(100), b: torch.zeros(100), c: torch.zeros(100) };
  safetensors.saveTorchStateDict(old, folder, { maxShardSize: 400 });
  const names = readdirSync(folder);
  const text = `
    import torch from ${library};
    const state = { a: torch.ones(100), b: torch.ones(80_000), c: torch.ones(200_000) };
    try { torch.safetensors.saveTorchStateDict(state, ${JSON.stringify(folder)}, { maxShardSize: 320_000 }); }
    catch (error) { console.log(error.code, error.message); }
  `;
  const limited = ["-c", 'ulimit -f 1000; exec "$@"', "sh", process.execPath, ...program(text)];
  const { stdout } = spawnSync("sh", limited, { encoding: "utf8" });
  assert.match(stdout, /^EFBIG .*could not be written/);
  assert.deepEqual([...found(folder)], [0]);
  assert.deepEqual(readdirSync(folder), names);
});
