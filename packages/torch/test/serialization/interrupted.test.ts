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
