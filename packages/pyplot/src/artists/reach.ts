/** Room that is kept free. */
import { Artist, type Bounds } from "./artist.js";

/** Nothing that is seen, but that counts for the limits. */
export class Reach extends Artist {
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    super({}, 0);
    this.#bounds = bounds;
  }

  override draw(): void {}

  override bounds(): Bounds {
    return this.#bounds;
  }
}
