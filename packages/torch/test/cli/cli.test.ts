/** The command that looks into files and converts them. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import torch, { nn } from "../../src/index.js";
import { folderFor, recorded } from "../serialization/support.js";

const program = fileURLToPath(new URL("../../src/cli/program.js", import.meta.url));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

function output(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("inspect lists what is in files of every kind", () => {
  const trained = output("inspect", recorded("trained.pt"));
  assert.match(
    trained,
    /PyTorch, 27 tensors, 117 elements, 472 bytes\nmodel\n {2}0\.weight +float32 \[4, 3\] {2}48 bytes/,
  );
  assert.match(trained, /\n {4}\[0\]\n {6}lr +0\.001\n {6}betas +\[0\.9, 0\.999\]/);
  assert.match(
    output("inspect", recorded("everything.legacy.pt")),
    /parameter +parameter float32 \[3\] {2}12 bytes[\s\S]*circular/,
  );
  assert.match(output("inspect", recorded("gpu.pt")), /x {2}float32 \[6\]/);
  assert.match(output("inspect", recorded("old.tar")), /3 tensors/);
  assert.match(
    output("inspect", recorded("all.safetensors")),
    /metadata: {"format":"pt"}[\s\S]*of\.bfloat16 +bfloat16 \[2, 2\]/,
  );
  assert.match(output("inspect", recorded("model.safetensors.index.json")), /2 tensors[\s\S]*b\.c +float32 \[3\]/);
  assert.match(output("inspect", recorded("all.npz")), /11 tensors/);
  assert.match(output("inspect", recorded("fortran.npy")), /1 tensor, 6 elements.*\nfloat32 \[2, 3\]/);
});

test("convert goes from every kind to every other", (t) => {
  const folder = folderFor(t);
  const to = (name: string) => join(folder, name);
  const state = new nn.Linear(3, 2).stateDict();
  torch.save(state, to("a.pt"));
  for (const [from, name] of [
    ["a.pt", "b.safetensors"],
    ["b.safetensors", "c.npz"],
    ["c.npz", "d.pth"],
    ["d.pth", "e.npz"],
    ["e.npz", "f.safetensors"],
  ] as const) {
    output("convert", to(from), to(name));
  }
  const [d, f] = [torch.load(to("d.pth")), torch.safetensors.loadFile(to("f.safetensors"))];
  for (const [name, tensor] of Object.entries(state)) {
    assert.deepEqual(d[name].tolist(), tensor.tolist());
    assert.deepEqual(f[name]?.tolist(), tensor.tolist());
  }
  output("convert", to("a.pt"), to("w.npy"), "--key", "weight");
  assert.deepEqual(torch.numpy.load<torch.Tensor>(to("w.npy")).tolist(), state.weight?.tolist());
});

test("parts of a checkpoint, and weights that are shared", (t) => {
  const folder = folderFor(t);
  const [file, model] = [join(folder, "x.safetensors"), recorded("trained.pt")];
  output("convert", model, file, "--key", "model");
  assert.equal(Object.keys(torch.safetensors.loadFile(file)).length, 9);
  output("convert", model, join(folder, "w.npy"), "--key", "model.0.weight");
  const shared = torch.ones(2);
  torch.save({ a: shared, b: shared }, join(folder, "tied.pt"));
  output("convert", join(folder, "tied.pt"), file);
  assert.deepEqual(Object.keys(torch.safetensors.loadFile(file)), ["a", "b"]);
});

test("what cannot be done says so, and leaves no file", (t) => {
  const folder = folderFor(t);
  const model = recorded("trained.pt");
  for (const [args, message] of [
    [[], /Usage:/],
    [["inspect"], /Usage:/],
    [["inspect", join(folder, "missing")], /ENOENT/],
    [["inspect", recorded("module.pt")], /__main__\.Net/],
    [["convert", model, join(folder, "x.safetensors")], /--key model/],
    [["convert", model, join(folder, "x.safetensors"), "--key", "nothing"], /no 'nothing'/],
    [["convert", model, join(folder, "x.onnx")], /ending must be one of/],
    [["convert", model, join(folder, "x.npy"), "--key", "model"], /one tensor/],
    [["inspect", model, "--frobnicate"], /frobnicate/],
  ] as const) {
    const { status, stderr } = run(...args);
    assert.equal(status, 1);
    assert.match(stderr, message);
  }
  assert.match(output("--help"), /flambeau inspect FILE/);
  assert.deepEqual(readdirSync(folder), []);
});

test("the board serves a folder, in a package of its own", async () => {
  const board = spawn(process.execPath, [program, "board", "no-such-folder", "--port", "0"]);
  try {
    const line = await new Promise<string>((said) => board.stdout.once("data", (text) => said(String(text))));
    const url = /^(http:\/\/localhost:\d+\/) shows what is written into no-such-folder/.exec(line)?.[1];
    assert.ok(url !== undefined, line);
    assert.match(await (await fetch(url)).text(), /<title>Flambeau board<\/title>/);
  } finally {
    board.kill();
  }
  assert.match(run("board", "x", "--port", "many").stderr, /--port cannot be "many"/);
});
