/** None of the models, and none of the blocks of which they are made, keeps a tensor that it makes on its way. */
import torch from "flambeau";
import * as convNormActivation from "../ops/convNormActivation.js";
import * as misc from "../ops/misc.js";
import * as stochasticDepth from "../ops/stochasticDepth.js";
import * as alexnet from "./alexnet.js";
import * as basicConv2d from "./basicConv2d.js";
import * as convnext from "./convnext.js";
import * as densenet from "./densenet.js";
import * as efficientnet from "./efficientnet.js";
import * as googlenet from "./googlenet.js";
import * as inception from "./inception.js";
import * as intermediateLayerGetter from "./intermediateLayerGetter.js";
import * as maxvit from "./maxvit.js";
import * as mnasnet from "./mnasnet.js";
import * as mobilenetv2 from "./mobilenetv2.js";
import * as mobilenetv3 from "./mobilenetv3.js";
import * as regnet from "./regnet.js";
import * as resnet from "./resnet.js";
import * as deeplabv3 from "./segmentation/deeplabv3.js";
import * as fcn from "./segmentation/fcn.js";
import * as lraspp from "./segmentation/lraspp.js";
import * as shufflenetv2 from "./shufflenetv2.js";
import * as squeezenet from "./squeezenet.js";
import * as swinTransformer from "./swinTransformer.js";
import * as vgg from "./vgg.js";
import * as visionTransformer from "./visionTransformer.js";

const files = [
  convNormActivation,
  misc,
  stochasticDepth,
  alexnet,
  basicConv2d,
  convnext,
  densenet,
  efficientnet,
  googlenet,
  inception,
  intermediateLayerGetter,
  maxvit,
  mnasnet,
  mobilenetv2,
  mobilenetv3,
  regnet,
  resnet,
  shufflenetv2,
  squeezenet,
  swinTransformer,
  vgg,
  visionTransformer,
  deeplabv3,
  fcn,
  lraspp,
];

for (const file of files) torch.memory.keepsNothing(file);
