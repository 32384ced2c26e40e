/**
 * A world in which a pole stands on a cart, as in Barto, Sutton and Anderson (1983): pushes from the left or from the right keep
 * it from falling.
 */
import torch, { type Tensor } from "flambeau";

const gravity = 9.8;
const cartMass = 1;
const poleMass = 0.1;
const totalMass = cartMass + poleMass;
/** Half of the pole. */
const length = 0.5;
const force = 10;
const seconds = 0.02;

const farthest = 2.4;
const steepest = (12 * Math.PI) / 180;

/** Steps after which an episode ends. */
const longest = 200;

/** Place and speed of the cart, angle and speed of the pole. */
type State = readonly [x: number, xSpeed: number, angle: number, angleSpeed: number];

export class PoleWorld {
  #state: State = [0, 0, 0, 0];
  #steps = 0;

  #observe(): Tensor {
    return torch.tensor([...this.#state], { dtype: torch.float64 });
  }

  /** Begins an episode near to where everything stands still; the state is drawn by torch's generator. */
  reset(): Tensor {
    this.#state = torch.empty(4, { dtype: torch.float64 }).uniform_(-0.05, 0.05).tolist() as unknown as State;
    this.#steps = 0;
    return this.#observe();
  }

  /** Pushes from the left (1) or from the right (0). Each step is worth a reward of 1. */
  step(action: number): { state: Tensor; reward: number; done: boolean } {
    const [x, xSpeed, angle, angleSpeed] = this.#state;
    const push = action === 1 ? force : -force;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const inertia = (push + poleMass * length * angleSpeed * angleSpeed * sin) / totalMass;
    const turning = (gravity * sin - cos * inertia) / (length * (4 / 3 - (poleMass * cos * cos) / totalMass));
    const acceleration = inertia - (poleMass * length * turning * cos) / totalMass;
    this.#state = [
      x + seconds * xSpeed,
      xSpeed + seconds * acceleration,
      angle + seconds * angleSpeed,
      angleSpeed + seconds * turning,
    ];
    this.#steps++;
    const fell = Math.abs(this.#state[0]) > farthest || Math.abs(this.#state[2]) > steepest;
    return { state: this.#observe(), reward: 1, done: fell || this.#steps === longest };
  }
}

/** The reward from each step on, with what comes later worth less. */
export function returnsOf(rewards: readonly number[], discount: number): Tensor {
  const returns: number[] = [];
  let later = 0;
  for (const reward of rewards.toReversed()) {
    later = reward + discount * later;
    returns.unshift(later);
  }
  return torch.tensor(returns, { dtype: torch.float64 });
}
