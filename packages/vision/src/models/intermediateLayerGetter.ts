/** A model's first layers, and what some of them give. */
import { nn, type Tensor } from "flambeau";

/**
 * The children of a model up to the last one that is wanted, run one after the other; gives an object of the outputs
 * of those that are named. They must stand in the model in the order in which it uses them, each once.
 *
 * @param returnLayers the names of children, each with the name of its output.
 * @throws Error if the model has no such child.
 * @example
 * const features = new IntermediateLayerGetter(models.resnet18(), { layer1: "low", layer4: "high" });
 * const { low, high } = features(images);
 */
export class IntermediateLayerGetter extends nn.ModuleDict {
  declare returnLayers: Readonly<Record<string, string>>;

  constructor(model: nn.Module, returnLayers: Readonly<Record<string, string>>) {
    const children = model.namedChildren();
    const names = children.map(([name]) => name);
    const wanted = Object.keys(returnLayers);
    if (!wanted.every((name) => names.includes(name))) throw new Error("return_layers are not present in model");
    const last = Math.max(...wanted.map((name) => names.indexOf(name)));
    super(children.slice(0, last + 1));
    this.returnLayers = returnLayers;
  }

  override forward(input: Tensor): Record<string, Tensor> {
    const outputs: Record<string, Tensor> = {};
    let x = input;
    for (const [name, layer] of this.items()) {
      x = layer(x);
      const output = this.returnLayers[name];
      if (output !== undefined) outputs[output] = x;
    }
    return outputs;
  }
}
