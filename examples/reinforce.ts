/** REINFORCE: a network learns to balance a pole, by making what it did in good episodes more likely. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { PoleWorld, returnsOf } from "./support/poleWorld.js";

const { Categorical } = torch.distributions;

torch.manualSeed(0);
torch.setDefaultDtype(torch.float64);

const policy = new nn.Sequential(new nn.Linear(4, 32), new nn.ReLU(), new nn.Linear(32, 2));
const optimizer = new optim.Adam(policy.parameters(), 0.01);
const world = new PoleWorld();

/** Plays one episode. */
function play(): { logProbs: Tensor[]; rewards: number[] } {
  const logProbs: Tensor[] = [];
  const rewards: number[] = [];
  let state = world.reset();
  for (let done = false; !done; ) {
    const actions = new Categorical({ logits: policy(state) });
    const action = actions.sample();
    logProbs.push(actions.logProb(action));
    const next = world.step(action.item());
    rewards.push(next.reward);
    ({ state, done } = next);
  }
  return { logProbs, rewards };
}

let steps = 0;
for (let episode = 1; episode <= 150; episode++) {
  const { logProbs, rewards } = play();
  const returns = returnsOf(rewards, 0.99);
  const advantages = returns.sub(returns.mean()).div(returns.std().add(1e-9));
  const loss = torch.stack(logProbs).mul(advantages).sum().neg();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  steps += rewards.length;
  if (episode % 15 === 0) {
    console.log(`episode ${episode}: ${(steps / 15).toFixed(1)} steps, loss ${loss.item().toFixed(3)}`);
    steps = 0;
  }
}
