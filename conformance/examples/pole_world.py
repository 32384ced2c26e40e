"""The world of examples/support/poleWorld.ts."""
import math

import torch

GRAVITY, CART_MASS, POLE_MASS, LENGTH, FORCE, SECONDS = 9.8, 1, 0.1, 0.5, 10, 0.02
TOTAL_MASS = CART_MASS + POLE_MASS
FARTHEST, STEEPEST, LONGEST = 2.4, (12 * math.pi) / 180, 200


class PoleWorld:
    def observe(self):
        return torch.tensor(self.state, dtype=torch.float64)

    def reset(self):
        self.state = torch.empty(4, dtype=torch.float64).uniform_(-0.05, 0.05).tolist()
        self.steps = 0
        return self.observe()

    def step(self, action):
        x, x_speed, angle, angle_speed = self.state
        push = FORCE if action == 1 else -FORCE
        cos, sin = math.cos(angle), math.sin(angle)
        inertia = (push + POLE_MASS * LENGTH * angle_speed * angle_speed * sin) / TOTAL_MASS
        turning = (GRAVITY * sin - cos * inertia) / (LENGTH * (4 / 3 - (POLE_MASS * cos * cos) / TOTAL_MASS))
        acceleration = inertia - (POLE_MASS * LENGTH * turning * cos) / TOTAL_MASS
        self.state = [
            x + SECONDS * x_speed,
            x_speed + SECONDS * acceleration,
            angle + SECONDS * angle_speed,
            angle_speed + SECONDS * turning,
        ]
        self.steps += 1
        fell = abs(self.state[0]) > FARTHEST or abs(self.state[2]) > STEEPEST
        return self.observe(), 1, fell or self.steps == LONGEST


def returns_of(rewards, discount):
    returns, later = [], 0
    for reward in reversed(rewards):
        later = reward + discount * later
        returns.insert(0, later)
    return torch.tensor(returns, dtype=torch.float64)
