/** Actor and critic: one head of a network acts, balancing a pole, and another tells how much is to be expected. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { PoleWorld, returnsOf } from "./support/poleWorld.js";

const { Categorical } = torch.distributions;
const F = nn.functional;

torch.manualSeed(1);
torch.setDefaultDtype(torch.float64);

class ActorCritic extends nn.Module {
  shared = new nn.Linear(4, 64);
  actor = new nn.Linear(64, 2);
  critic = new nn.Linear(64, 1);

  /** The logits of the actions, and the reward that is still to come. */
  override forward(state: Tensor): [logits: Tensor, value: Tensor] {
    const hidden = F.relu(this.shared(state));
    return [this.actor(hidden), this.critic(hidden).squeeze(-1)];
  }
}

const model = new ActorCritic();
const optimizer = new optim.Adam(model.parameters(), 0.01);
const world = new PoleWorld();
const scale = 100;

let steps = 0;
for (let episode = 1; episode <= 96; episode++) {
  const logProbs: Tensor[] = [];
  const values: Tensor[] = [];
  const entropies: Tensor[] = [];
  const rewards: number[] = [];
  let state = world.reset();
  for (let done = false; !done; ) {
    const [logits, value] = model(state) as [Tensor, Tensor];
    const actions = new Categorical({ logits });
    const action = actions.sample();
    logProbs.push(actions.logProb(action));
    entropies.push(actions.entropy());
    values.push(value);
    const next = world.step(action.item());
    rewards.push(next.reward);
    ({ state, done } = next);
  }
  const returns = returnsOf(rewards, 0.99).div(scale);
  const value = torch.stack(values);
  const advantages = returns.sub(value.detach());
  const actorLoss = torch.stack(logProbs).mul(advantages).mean().neg();
  const criticLoss = F.smoothL1Loss(value, returns);
  const loss = actorLoss.add(criticLoss).sub(torch.stack(entropies).mean().mul(0.001));
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  steps += rewards.length;
  if (episode % 12 === 0) {
    const numbers = `actor ${actorLoss.item().toFixed(4)}, critic ${criticLoss.item().toFixed(4)}`;
    console.log(`episode ${episode}: ${(steps / 12).toFixed(2)} steps, ${numbers}`);
    steps = 0;
  }
}
