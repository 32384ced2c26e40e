/**
 * Trains a small network with everything that training can consist of, for the tests: `program.js FOLDER STEPS MODE ORDER`.
 *
 * It prints the loss of each step and the weights at the end. MODE `die` kills the process after STEPS steps, `term`
 * waits for SIGTERM in a loop that never comes back to the event loop, `run` goes on to the end. ORDER `own` gives the
 * loader a generator of its own.
 */
import torch, { DataLoader, F, nn, optim, TensorDataset } from "../../src/index.js";

const [folder, steps, mode, order] = process.argv.slice(2) as [string, string, string, string];

torch.manualSeed(7);
const features = torch.rand(40, 6);
const data = new TensorDataset(features, features.sum(1, { keepdim: true }));
const loader = new DataLoader(data, 4, {
  shuffle: true,
  generator: order === "own" ? new torch.Generator().manualSeed(3) : undefined,
});
const model = new nn.Sequential(new nn.Linear(6, 8), new nn.BatchNorm1d(8), new nn.Dropout(0.3), new nn.Linear(8, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 30);
const noise = new torch.Generator().manualSeed(5);
const parts = { model, optimizer, scheduler, loader, noise };
const checkpointer = new torch.utils.Checkpointer(folder, parts, { everySteps: 1, background: mode !== "die" });

let { epoch, step } = checkpointer.restore({ epoch: 0, step: 0 });
for (; epoch < 3; epoch++) {
  for (const [x, y] of loader) {
    optimizer.zeroGrad();
    const loss = F.mseLoss(model(x.add(torch.rand(x.shape, { generator: noise }).mul(0.01))), y);
    loss.backward();
    optimizer.step();
    step++;
    console.log(step, loss.item());
    checkpointer.step({ epoch, step });
    if (mode === "die" && step === Number(steps)) process.kill(process.pid, "SIGKILL");
    if (mode === "term" && step === Number(steps)) {
      process.kill(process.pid, "SIGTERM");
      for (;;) checkpointer.step({ epoch, step });
    }
  }
  scheduler.step();
  checkpointer.save({ epoch: epoch + 1, step });
}
console.log(JSON.stringify(Object.values(model.stateDict()).map((tensor) => tensor.tolist())));
