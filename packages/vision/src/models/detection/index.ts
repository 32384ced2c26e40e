/**
 * `torchvision.models.detection`: networks that find objects in images.
 *
 * @example
 * const model = models.detection.fasterrcnnResnet50Fpn({ numClasses: 3, weightsBackbone: null });
 * const losses = model([image], [{ boxes, labels }]); // { loss_classifier, loss_box_reg, loss_objectness, loss_rpn_box_reg }
 * const [found] = model.eval()([image]); // { boxes, labels, scores }
 */
export { AnchorGenerator, DefaultBoxGenerator } from "./anchors.js";
export {
  BackboneWithFPN,
  mobilenetBackbone,
  resnetFpnBackbone,
} from "./backbones.js";
export { BoxCoder, BoxLinearCoder } from "./boxCoder.js";
export type { DetectorOptions } from "./builders.js";
export {
  FasterRCNN,
  FasterRCNN_MobileNet_V3_Large_320_FPN_Weights,
  FasterRCNN_MobileNet_V3_Large_FPN_Weights,
  FasterRCNN_ResNet50_FPN_V2_Weights,
  FasterRCNN_ResNet50_FPN_Weights,
  type FasterRCNNOptions,
  FastRCNNConvFCHead,
  FastRCNNPredictor,
  fasterrcnnMobilenetV3Large320Fpn,
  fasterrcnnMobilenetV3LargeFpn,
  fasterrcnnResnet50Fpn,
  fasterrcnnResnet50FpnV2,
  TwoMLPHead,
} from "./fasterRcnn.js";
export {
  FCOS,
  FCOS_ResNet50_FPN_Weights,
  FCOSClassificationHead,
  FCOSHead,
  type FCOSOptions,
  FCOSRegressionHead,
  fcosResnet50Fpn,
} from "./fcos.js";
export { GeneralizedRCNN } from "./generalizedRcnn.js";
export {
  KeypointRCNN,
  KeypointRCNN_ResNet50_FPN_Weights,
  KeypointRCNNHeads,
  type KeypointRCNNOptions,
  KeypointRCNNPredictor,
  keypointrcnnResnet50Fpn,
} from "./keypointRcnn.js";
export {
  MaskRCNN,
  MaskRCNN_ResNet50_FPN_V2_Weights,
  MaskRCNN_ResNet50_FPN_Weights,
  MaskRCNNHeads,
  type MaskRCNNOptions,
  MaskRCNNPredictor,
  maskrcnnResnet50Fpn,
  maskrcnnResnet50FpnV2,
} from "./maskRcnn.js";
export { BalancedPositiveNegativeSampler, Matcher, SSDMatcher } from "./matching.js";
export {
  RetinaNet,
  RetinaNet_ResNet50_FPN_V2_Weights,
  RetinaNet_ResNet50_FPN_Weights,
  RetinaNetClassificationHead,
  RetinaNetHead,
  type RetinaNetOptions,
  RetinaNetRegressionHead,
  retinanetResnet50Fpn,
  retinanetResnet50FpnV2,
} from "./retinanet.js";
export { RoIHeads } from "./roiHeads.js";
export { RegionProposalNetwork, RPNHead } from "./rpn.js";
export {
  SSD,
  SSD300_VGG16_Weights,
  SSDClassificationHead,
  SSDHead,
  type SSDOptions,
  SSDRegressionHead,
  ssd300Vgg16,
} from "./ssd.js";
export { SSDLite320_MobileNet_V3_Large_Weights, type SSDLiteOptions, ssdlite320MobilenetV3Large } from "./ssdlite.js";
export { GeneralizedRCNNTransform } from "./transform.js";
export { type Detection, ImageList, type Losses, type Target } from "./types.js";
