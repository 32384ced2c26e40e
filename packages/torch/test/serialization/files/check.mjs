// Writes files of every kind into a folder, for check.py, which has Python read them: node check.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import torch, { nn, optim } from "../../../dist/src/index.js";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const to = (name) => join(folder, name);

torch.manualSeed(0);
const x = torch.arange(24, { dtype: torch.float32 }).reshape(2, 3, 4);
const names = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
  "complex64",
  "complex128",
];
const dtypes = Object.fromEntries(names.map((name) => [name, torch.tensor([0, 1, 100]).to(torch[name])]));
const shared = [1, 2];
const circular = { shared, again: shared };
circular.itself = circular;
torch.save(
  {
    dtypes,
    x,
    permuted: x.permute(2, 0, 1),
    part: x.at(":", "::2", 1),
    scalar: torch.tensor(2.5),
    empty: torch.empty(0, 3),
    expanded: torch.tensor([7]).expand(3, 2),
    parameter: new nn.Parameter(torch.ones(2)),
    wantsGrad: torch.ones(2, { requiresGrad: true }),
    meta: torch.empty(2, 3, { device: "meta" }),
    numbers: [0, -1, 255, 256, 65536, -(2 ** 31), 2 ** 40, 2 ** 53 - 1, 1.5, -0, Infinity, 2n ** 100n, -(2n ** 63n)],
    others: [null, true, false, "naïve 🔥", "half \ud83d", torch.bfloat16],
    bytes: new Uint8Array([0, 128, 255]),
    set: new Set([1, "a"]),
    complex: new torch.Complex(1, -2.5),
    map: new Map([
      [0, "zero"],
      [1, "one"],
    ]),
    circular,
    long: Array.from({ length: 2500 }, (_, i) => i),
    rng: torch.getRngState(),
  },
  to("everything.pt"),
);

const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const scheduler = new optim.lrScheduler.StepLR(optimizer, 2);
const input = torch.arange(15, { dtype: torch.float32 }).reshape(5, 3);
const step = () => {
  optimizer.zeroGrad();
  const loss = model(input).pow(2).sum();
  loss.backward();
  optimizer.step();
  scheduler.step();
  return loss.item();
};
step();
const parts = { model: model.stateDict(), optimizer: optimizer.stateDict(), scheduler: scheduler.stateDict() };
const copied = torch.load(torch.save(parts));
torch.save({ ...copied, input, losses: [step(), step()] }, to("training.pt"));

const { complex128, ...others } = dtypes;
const tensors = { ...others, x, transposed: x.permute(2, 1, 0), scalar: torch.tensor(7), empty: torch.zeros(0, 3) };
torch.safetensors.saveFile({ ...tensors, x: x.clone() }, to("all.safetensors"), { format: "pt", a: "ü" });
const { bfloat16: _, ...some } = tensors;
const numpy = { ...some, complex128 };
torch.numpy.savez(to("all.npz"), numpy);
torch.numpy.savezCompressed(to("compressed.npz"), numpy);
torch.numpy.save(to("x.npy"), x);
torch.numpy.save(to("fortran.npy"), x.permute(2, 1, 0));
const many = Object.fromEntries(Array.from({ length: 66_000 }, (_, i) => [`t${i}`, torch.tensor(i)]));
torch.save(many, to("many.pt"));
const checkpointer = new torch.utils.Checkpointer(to("run"), { model, optimizer, scheduler });
checkpointer.save({ epoch: 3 }, { metric: 0.5 });
checkpointer.close();
