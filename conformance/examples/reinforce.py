"""The program of examples/reinforce.ts: python3 reinforce.py"""
import torch
from torch import nn
from torch.distributions import Categorical

from pole_world import PoleWorld, returns_of

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

policy = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.Adam(policy.parameters(), 0.01)
world = PoleWorld()


def play():
    log_probs, rewards = [], []
    state, done = world.reset(), False
    while not done:
        actions = Categorical(logits=policy(state))
        action = actions.sample()
        log_probs.append(actions.log_prob(action))
        state, reward, done = world.step(action.item())
        rewards.append(reward)
    return log_probs, rewards


steps = 0
for episode in range(1, 151):
    log_probs, rewards = play()
    returns = returns_of(rewards, 0.99)
    advantages = (returns - returns.mean()) / (returns.std() + 1e-9)
    loss = -(torch.stack(log_probs) * advantages).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    steps += len(rewards)
    if episode % 15 == 0:
        print(f"episode {episode}: {steps / 15:.1f} steps, loss {loss.item():.3f}")
        steps = 0
