/** Fetching weights from a server on this machine. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import torch from "../../src/index.js";
import { folderFor } from "../serialization/support.js";

const state = { weight: torch.arange(3000, { dtype: torch.float32 }) };
const content = torch.save(state);
const hash = createHash("sha256").update(content).digest("hex");

/** Starts a server; `log` has the number of requests, and from which byte on the last one wanted the file. */
async function start(t: TestContext): Promise<{ address: string; log: Int32Array; folder: string }> {
  const log = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("./server.js", import.meta.url), { workerData: { content, log } });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, "message")) as [number];
  return { address: `http://127.0.0.1:${port}`, log, folder: folderFor(t) };
}

test("a file is fetched, checked by its hash, and put in its place", async (t) => {
  const { address, folder } = await start(t);
  const path = join(folder, "x.pt");
  torch.hub.downloadUrlToFile(`${address}/plain/x.pt`, path, hash.slice(0, 8), { progress: false });
  assert.deepEqual(new Uint8Array(readFileSync(path)), content);
  torch.hub.downloadUrlToFile(`${address}/chunked/x.pt`, join(folder, "y.pt"));
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, "y.pt"))), content);
  assert.deepEqual(readdirSync(folder).sort(), ["x.pt", "y.pt"]);
});

test("what is not there, or is another file, leaves the old one", async (t) => {
  const { address, folder } = await start(t);
  const path = join(folder, "x.pt");
  writeFileSync(path, "old");
  assert.throws(
    () => torch.hub.downloadUrlToFile(`${address}/missing/x.pt`, path),
    /x\.pt could not be fetched: HTTP Error 404/,
  );
  const wrong = new RegExp(`invalid hash value \\(expected "0000", got "${hash}"\\)`);
  assert.throws(() => torch.hub.downloadUrlToFile(`${address}/plain/x.pt`, path, { hashPrefix: "0000" }), wrong);
  assert.throws(() => torch.hub.downloadUrlToFile("http://127.0.0.1:1/x.pt", path), /could not be fetched/);
  const broken = () => torch.hub.downloadUrlToFile(`${address}/chunked/1000/x.pt`, path);
  assert.throws(broken, /the connection broke after 1000 bytes$/, "without a length, too");
  assert.throws(() => torch.hub.downloadUrlToFile("no address", path), /could not be fetched/);
  assert.equal(readFileSync(path, "utf8"), "old");
  assert.deepEqual(readdirSync(folder), ["x.pt"]);
});

test("a connection that breaks is taken up where it broke, at once and by the next call", async (t) => {
  const { address, folder, log } = await start(t);
  const path = join(folder, "x.pt");
  torch.hub.downloadUrlToFile(`${address}/cut/4000/x.pt`, path, hash);
  assert.deepEqual([...log], [Math.ceil(content.length / 4000), 4000 * Math.floor(content.length / 4000)]);
  const later = join(folder, "later.pt");
  const broken = () => torch.hub.downloadUrlToFile(`${address}/cut/1000/x.pt`, later);
  assert.throws(broken, /broke after 5000 bytes; another call goes on from there/);
  assert.deepEqual(readdirSync(folder).length, 2, "what has come is kept");
  torch.hub.downloadUrlToFile(`${address}/plain/x.pt`, later, hash);
  assert.equal(log[1], 5000);
  assert.deepEqual(readdirSync(folder).sort(), ["later.pt", "x.pt"]);
});

test("a part of another version of the file is not continued", async (t) => {
  const { address, folder } = await start(t);
  const path = join(folder, "x.pt");
  assert.throws(() => torch.hub.downloadUrlToFile(`${address}/other/1000/x.pt`, path), /broke/);
  torch.hub.downloadUrlToFile(`${address}/plain/x.pt`, path, hash);
  assert.deepEqual(readdirSync(folder), ["x.pt"]);
});

test("published weights are fetched once, and kept under their name", async (t) => {
  const { address, folder, log } = await start(t);
  torch.hub.setDir(folder);
  assert.equal(torch.hub.getDir(), folder);
  const name = `model-${hash.slice(0, 8)}.pth`;
  for (let i = 0; i < 2; i++) {
    const loaded = torch.hub.loadStateDictFromUrl(`${address}/plain/${name}`, { progress: false, checkHash: true });
    assert.deepEqual(loaded.weight.tolist(), state.weight.tolist());
  }
  assert.equal(log[0], 1);
  assert.deepEqual(readdirSync(join(folder, "checkpoints")), [name]);
  const meta = torch.hub.loadStateDictFromUrl(`${address}/plain/a.pth`, folder, {
    fileName: "b.pth",
    mapLocation: "meta",
  });
  assert.equal(meta.weight.device, "meta");
  assert.ok(readdirSync(folder).includes("b.pth"));
  const wrong = () => torch.hub.loadStateDictFromUrl(`${address}/plain/model-00000000.pth`, { checkHash: true });
  assert.throws(wrong, /invalid hash value/);
});

test("the folder is that of PyTorch", () => {
  torch.hub.setDir("~/weights");
  assert.equal(torch.hub.getDir(), join(homedir(), "weights"));
});
