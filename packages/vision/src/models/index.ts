/**
 * `torchvision.models`: known networks, with random weights or with given ones.
 *
 * @example
 * const model = models.resnet18({ numClasses: 10 });
 * const scores = model.eval()(torch.rand(1, 3, 224, 224));
 */
export {
  type Builder,
  type BuilderOptions,
  getModel,
  getModelBuilder,
  getModelWeights,
  getWeight,
  listModels,
  type WeightsOption,
} from "./builder.js";
export * as mobilenetv3 from "./mobilenetv3.js";
export {
  MobileNet_V3_Large_Weights,
  MobileNet_V3_Small_Weights,
  MobileNetV3,
  mobilenetV3Large,
  mobilenetV3Small,
} from "./mobilenetv3.js";
export * as resnet from "./resnet.js";
export {
  ResNet,
  ResNet18_Weights,
  ResNet34_Weights,
  ResNet50_Weights,
  ResNet101_Weights,
  ResNet152_Weights,
  ResNeXt50_32X4D_Weights,
  ResNeXt101_32X8D_Weights,
  ResNeXt101_64X4D_Weights,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  Wide_ResNet50_2_Weights,
  Wide_ResNet101_2_Weights,
  wideResnet50_2,
  wideResnet101_2,
} from "./resnet.js";
export * as vgg from "./vgg.js";
export {
  VGG,
  VGG11_BN_Weights,
  VGG11_Weights,
  VGG13_BN_Weights,
  VGG13_Weights,
  VGG16_BN_Weights,
  VGG16_Weights,
  VGG19_BN_Weights,
  VGG19_Weights,
  vgg11,
  vgg11Bn,
  vgg13,
  vgg13Bn,
  vgg16,
  vgg16Bn,
  vgg19,
  vgg19Bn,
} from "./vgg.js";
export { type Preset, Weights, type WeightsEnum, type WeightsMeta } from "./weights.js";
