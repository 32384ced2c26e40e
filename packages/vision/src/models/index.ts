/**
 * `torchvision.models`: known networks, with random weights or with given ones.
 *
 * A family's blocks are in a namespace of its own, as in torchvision: `models.resnet.BasicBlock`.
 *
 * @example
 * const model = models.resnet18({ numClasses: 10 });
 * const scores = model.eval()(torch.rand(1, 3, 224, 224));
 */
import "./memory.js";

export { AlexNet, AlexNet_Weights, alexnet } from "./alexnet.js";
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
export * as convnext from "./convnext.js";
export {
  ConvNeXt,
  ConvNeXt_Base_Weights,
  ConvNeXt_Large_Weights,
  ConvNeXt_Small_Weights,
  ConvNeXt_Tiny_Weights,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from "./convnext.js";
export * as densenet from "./densenet.js";
export {
  DenseNet,
  DenseNet121_Weights,
  DenseNet161_Weights,
  DenseNet169_Weights,
  DenseNet201_Weights,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
} from "./densenet.js";
export * as detection from "./detection/index.js";
export * as efficientnet from "./efficientnet.js";
export {
  EfficientNet,
  EfficientNet_B0_Weights,
  EfficientNet_B1_Weights,
  EfficientNet_B2_Weights,
  EfficientNet_B3_Weights,
  EfficientNet_B4_Weights,
  EfficientNet_B5_Weights,
  EfficientNet_B6_Weights,
  EfficientNet_B7_Weights,
  EfficientNet_V2_L_Weights,
  EfficientNet_V2_M_Weights,
  EfficientNet_V2_S_Weights,
  efficientnetB0,
  efficientnetB1,
  efficientnetB2,
  efficientnetB3,
  efficientnetB4,
  efficientnetB5,
  efficientnetB6,
  efficientnetB7,
  efficientnetV2L,
  efficientnetV2M,
  efficientnetV2S,
} from "./efficientnet.js";
export * as featureExtraction from "./featureExtraction.js";
export { createFeatureExtractor, FeatureExtractor, getGraphNodeNames } from "./featureExtraction.js";
export { GoogLeNet, GoogLeNet_Weights, type GoogLeNetOutputs, googlenet } from "./googlenet.js";
export * as inception from "./inception.js";
export { Inception_V3_Weights, Inception3, type InceptionOutputs, inceptionV3 } from "./inception.js";
export * as maxvit from "./maxvit.js";
export { MaxVit, MaxVit_T_Weights, maxvitT } from "./maxvit.js";
export * as mnasnet from "./mnasnet.js";
export {
  MNASNet,
  MNASNet0_5_Weights,
  MNASNet0_75_Weights,
  MNASNet1_0_Weights,
  MNASNet1_3_Weights,
  mnasnet0_5,
  mnasnet0_75,
  mnasnet1_0,
  mnasnet1_3,
} from "./mnasnet.js";
export * as mobilenetv2 from "./mobilenetv2.js";
export { MobileNet_V2_Weights, MobileNetV2, mobilenetV2 } from "./mobilenetv2.js";
export * as mobilenetv3 from "./mobilenetv3.js";
export {
  MobileNet_V3_Large_Weights,
  MobileNet_V3_Small_Weights,
  MobileNetV3,
  mobilenetV3Large,
  mobilenetV3Small,
} from "./mobilenetv3.js";
export type { PresetOptions } from "./presets.js";
export * as regnet from "./regnet.js";
export {
  RegNet,
  RegNet_X_1_6GF_Weights,
  RegNet_X_3_2GF_Weights,
  RegNet_X_8GF_Weights,
  RegNet_X_16GF_Weights,
  RegNet_X_32GF_Weights,
  RegNet_X_400MF_Weights,
  RegNet_X_800MF_Weights,
  RegNet_Y_1_6GF_Weights,
  RegNet_Y_3_2GF_Weights,
  RegNet_Y_8GF_Weights,
  RegNet_Y_16GF_Weights,
  RegNet_Y_32GF_Weights,
  RegNet_Y_128GF_Weights,
  RegNet_Y_400MF_Weights,
  RegNet_Y_800MF_Weights,
  regnetX1_6gf,
  regnetX3_2gf,
  regnetX8gf,
  regnetX16gf,
  regnetX32gf,
  regnetX400mf,
  regnetX800mf,
  regnetY1_6gf,
  regnetY3_2gf,
  regnetY8gf,
  regnetY16gf,
  regnetY32gf,
  regnetY128gf,
  regnetY400mf,
  regnetY800mf,
} from "./regnet.js";
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
export * as segmentation from "./segmentation/index.js";
export * as shufflenetv2 from "./shufflenetv2.js";
export {
  ShuffleNet_V2_X0_5_Weights,
  ShuffleNet_V2_X1_0_Weights,
  ShuffleNet_V2_X1_5_Weights,
  ShuffleNet_V2_X2_0_Weights,
  ShuffleNetV2,
  shufflenetV2X0_5,
  shufflenetV2X1_0,
  shufflenetV2X1_5,
  shufflenetV2X2_0,
} from "./shufflenetv2.js";
export * as squeezenet from "./squeezenet.js";
export {
  SqueezeNet,
  SqueezeNet1_0_Weights,
  SqueezeNet1_1_Weights,
  squeezenet1_0,
  squeezenet1_1,
} from "./squeezenet.js";
export * as swinTransformer from "./swinTransformer.js";
export {
  Swin_B_Weights,
  Swin_S_Weights,
  Swin_T_Weights,
  Swin_V2_B_Weights,
  Swin_V2_S_Weights,
  Swin_V2_T_Weights,
  SwinTransformer,
  swinB,
  swinS,
  swinT,
  swinV2B,
  swinV2S,
  swinV2T,
} from "./swinTransformer.js";
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
export * as visionTransformer from "./visionTransformer.js";
export {
  VisionTransformer,
  ViT_B_16_Weights,
  ViT_B_32_Weights,
  ViT_H_14_Weights,
  ViT_L_16_Weights,
  ViT_L_32_Weights,
  vitB16,
  vitB32,
  vitH14,
  vitL16,
  vitL32,
} from "./visionTransformer.js";
export { Weights, type WeightsEnum, type WeightsMeta } from "./weights.js";
