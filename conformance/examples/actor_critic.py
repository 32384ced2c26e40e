"""The program of examples/actorCritic.ts: python3 actor_critic.py"""
import torch
from torch import nn
from torch.distributions import Categorical
from torch.nn import functional as F

from pole_world import PoleWorld, returns_of

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Linear(4, 64)
        self.actor = nn.Linear(64, 2)
        self.critic = nn.Linear(64, 1)

    def forward(self, state):
        hidden = F.relu(self.shared(state))
        return self.actor(hidden), self.critic(hidden).squeeze(-1)


model = ActorCritic()
optimizer = torch.optim.Adam(model.parameters(), 0.01)
world = PoleWorld()
SCALE = 100

steps = 0
for episode in range(1, 97):
    log_probs, values, entropies, rewards = [], [], [], []
    state, done = world.reset(), False
    while not done:
        logits, value = model(state)
        actions = Categorical(logits=logits)
        action = actions.sample()
        log_probs.append(actions.log_prob(action))
        entropies.append(actions.entropy())
        values.append(value)
        state, reward, done = world.step(action.item())
        rewards.append(reward)
    returns = returns_of(rewards, 0.99) / SCALE
    value = torch.stack(values)
    advantages = returns - value.detach()
    actor_loss = -(torch.stack(log_probs) * advantages).mean()
    critic_loss = F.smooth_l1_loss(value, returns)
    loss = actor_loss + critic_loss - torch.stack(entropies).mean() * 0.001
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    steps += len(rewards)
    if episode % 12 == 0:
        numbers = f"actor {actor_loss.item():.4f}, critic {critic_loss.item():.4f}"
        print(f"episode {episode}: {steps / 12:.2f} steps, {numbers}")
        steps = 0
