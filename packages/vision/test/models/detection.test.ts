/** The parts of detectors, with values that torchvision gives, and what detectors refuse. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { models } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";

const { detection } = models;
type Target = models.detection.Target;

const rounded = (tensor: Tensor) => tensor.mul(1000).round().div(1000).tolist();
const images = new detection.ImageList(torch.zeros(1, 3, 32, 48), [[30, 40]]);

describe("anchors", () => {
  test("stand around every place of every map", () => {
    const generator = new detection.AnchorGenerator([[16], [32]], [0.5, 2]);
    assert.deepEqual(generator.numAnchorsPerLocation(), [2, 2]);
    const [anchors] = generator(images, [torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 1, 1)]) as [Tensor];
    assert.deepEqual(anchors.at(":4").tolist(), [
      [-11, -6, 11, 6],
      [-6, -11, 6, 11],
      [13, -6, 35, 6],
      [18, -11, 30, 11],
    ]);
    assert.deepEqual(anchors.at("8:").tolist(), [
      [-23, -11, 23, 11],
      [-11, -23, 11, 23],
    ]);
    assert.throws(() => generator(images, [torch.zeros(1, 1, 2, 2)]), /There needs to be a match between the number/);
    assert.equal(String(new detection.AnchorGenerator()), "AnchorGenerator()");
  });

  test("the default boxes of SSD", () => {
    const generator = new detection.DefaultBoxGenerator([[2], [2, 3]], { scales: [0.2, 0.5, 1.1] });
    assert.deepEqual(generator.numAnchorsPerLocation(), [4, 6]);
    const [boxes] = generator(images, [torch.zeros(1, 1, 1, 2), torch.zeros(1, 1, 1, 1)]) as [Tensor];
    const expected = [
      [7.2, 12.8, 16.8, 19.2],
      [4.411, 10.94, 19.589, 21.06],
      [5.212, 13.737, 18.788, 18.263],
      [8.606, 11.475, 15.394, 20.525],
      [31.2, 12.8, 40.8, 19.2],
    ];
    assert.ok(torch.allclose(boxes.at(":5"), torch.tensor(expected), 0, 6e-4), String(rounded(boxes.at(":5"))));
    assert.ok(torch.allclose(boxes.at(-1), torch.tensor([17.072, 2.144, 30.928, 29.856]), 0, 6e-4));
    assert.equal(
      String(new detection.DefaultBoxGenerator([[2], [2, 3]], { steps: [8, 16] })),
      "DefaultBoxGenerator(aspect_ratios=[[2], [2, 3]], clip=True, scales=[0.15, 0.9, 1.0], steps=[8, 16])",
    );
    assert.equal(
      String(new detection.DefaultBoxGenerator([[2]], 0.2, 0.95, { clip: false })),
      "DefaultBoxGenerator(aspect_ratios=[[2]], clip=False, scales=[0.2, 0.95], steps=None)",
    );
    assert.throws(() => new detection.DefaultBoxGenerator([[2]], { steps: [8, 16] }), /should have the same length/);
  });
});

describe("matching", () => {
  const quality = torch.tensor([
    [0.8, 0.5, 0.1, 0.25],
    [0.2, 0.6, 0.1, 0.25],
  ]);

  test("by thresholds, and by the best of each box", () => {
    assert.deepEqual(new detection.Matcher(0.7, 0.3).match(quality).tolist(), [0, -2, -1, -1]);
    assert.deepEqual(new detection.Matcher(0.7, 0.3, true).match(quality).tolist(), [0, 1, -1, -1]);
    assert.deepEqual(new detection.SSDMatcher(0.5).match(quality).tolist(), [0, 1, -1, -1]);
    assert.throws(() => new detection.Matcher(0.3, 0.7), /low_threshold should be <= high_threshold/);
    const matcher = new detection.Matcher(0.7, 0.3);
    assert.throws(() => matcher.match(torch.zeros(0, 3)), /No ground-truth boxes available/);
    assert.throws(() => matcher.match(torch.zeros(3, 0)), /No proposal boxes available/);
  });

  test("samples are as many as there are, of both kinds", () => {
    const labels = torch.tensor([1, 0, 0, -1, 2, 0, 0, 0]);
    const { positive, negative } = new detection.BalancedPositiveNegativeSampler(4, 0.25).sample([labels]);
    const [chosen, others] = [positive[0], negative[0]] as [Tensor, Tensor];
    assert.equal(chosen.sum().item(), 1);
    assert.equal(others.sum().item(), 3);
    assert.ok(labels.at(chosen).gt(0).all().item() && labels.at(others).eq(0).all().item());
  });
});

test("boxes come back from their codes", () => {
  const boxes = torch
    .tensor([
      [5, 6, 40, 50],
      [20, 10, 70, 55],
    ])
    .double();
  const reference = boxes.add(torch.tensor([1, -2, 8, 3]));
  const coder = new detection.BoxCoder([10, 10, 5, 5]);
  const [codes] = coder.encode([boxes], [reference]) as [Tensor];
  assert.ok(torch.allclose(coder.decode(codes, [reference]).squeeze(1), boxes));
  for (const bySize of [true, false]) {
    const linear = new detection.BoxLinearCoder(bySize);
    assert.ok(torch.allclose(linear.decode(linear.encode(reference, boxes), reference), boxes));
  }
  assert.deepEqual(coder.decode(torch.zeros(0, 8).double(), [boxes.at(":0")]).shape, [0, 8]);
});

describe("the transform", () => {
  const transform = new detection.GeneralizedRCNNTransform(32, 64, [0.5], [0.5], { sizeDivisible: 16 });

  test("makes images one batch, and takes targets along", () => {
    const target = {
      boxes: torch.tensor([[2, 4, 10, 20]]),
      labels: torch.tensor([1n]),
      masks: torch.ones(1, 40, 20),
      keypoints: torch.tensor([[[2, 4, 1]]]),
    };
    const [batch, targets] = transform([torch.ones(1, 40, 20), torch.zeros(1, 20, 20)], [target, target]) as [
      models.detection.ImageList,
      Target[],
    ];
    assert.deepEqual(batch.tensors.shape, [2, 1, 64, 32]);
    assert.deepEqual(batch.imageSizes, [
      [64, 32],
      [32, 32],
    ]);
    assert.equal(batch.tensors.at(1, 0, 40, 5).item(), 0);
    const [moved] = targets as [Target];
    assert.ok(torch.allclose(moved.boxes, torch.tensor([[3.2, 6.4, 16, 32]])));
    assert.deepEqual(moved.masks?.shape, [1, 64, 32]);
    assert.ok(torch.allclose(moved.keypoints as Tensor, torch.tensor([[[3.2, 6.4, 1]]])));
    assert.deepEqual(target.boxes.tolist(), [[2, 4, 10, 20]]);
  });

  test("is printed as torchvision's", () => {
    assert.equal(
      String(new detection.GeneralizedRCNNTransform([640, 800], 1333, [0.485], [0.229])),
      "GeneralizedRCNNTransform(\n    Normalize(mean=[0.485], std=[0.229])\n    Resize(min_size=(640, 800), max_size=1333, mode='bilinear')\n)",
    );
    assert.match(String(transform), /min_size=\(32,\)/);
  });

  test("refuses what is no image", () => {
    assert.throws(() => transform([torch.zeros(1, 1, 4, 4)]), /images is expected to be a list of 3d tensors/);
    assert.throws(() => transform([torch.zeros(1, 4, 4).to(torch.uint8)]), TypeError);
  });
});

/** A backbone of one convolution. */
class Backbone extends nn.Module {
  conv = new nn.Conv2d(3, 4, 3, 8, 1);
  outChannels = 4;
  override forward(x: Tensor): Tensor {
    return this.conv(x);
  }
}

function small(): models.detection.FasterRCNN {
  const anchors = new detection.AnchorGenerator([[16, 32]], [1]);
  const options = { minSize: 32, maxSize: 64, rpnAnchorGenerator: anchors, boxBatchSizePerImage: 8 };
  return new detection.FasterRCNN(new Backbone(), 3, options);
}

describe("detectors", () => {
  const image = torch.rand(3, 40, 48);
  const target = (...boxes: number[][]) => ({
    boxes: torch.tensor(boxes).view(-1, 4),
    labels: torch.ones([boxes.length], { dtype: torch.int64 }),
  });

  test("take a backbone of one map, images without objects, and learn", () => {
    torch.manualSeed(0);
    const model = small();
    const losses = model([image, image], [target([4, 4, 30, 30]), target()]) as models.detection.Losses;
    assert.deepEqual(Object.keys(losses), ["loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg"]);
    torch.stack(Object.values(losses)).sum().backward();
    for (const [name, { grad }] of model.namedParameters()) assert.ok(grad?.isfinite().all().item(), name);
    const [found] = model.eval()([image]) as models.detection.Detection[];
    assert.deepEqual(Object.keys(found as object), ["boxes", "labels", "scores"]);
  });

  test("learn under autocast, with regions and losses in float32", () => {
    torch.manualSeed(0);
    const model = small();
    const losses = torch.autocast("cpu", () => model([image], [target([4, 4, 30, 30])])) as models.detection.Losses;
    for (const loss of Object.values(losses)) assert.equal(loss.dtype, torch.float32);
    torch.stack(Object.values(losses)).sum().backward();
    assert.equal(model.namedParameters()[0]?.[1].grad?.dtype, torch.float32);
    assert.ok(torch.autocast("cpu", () => model.eval()([image])));
  });

  test("a copy detects the same", () => {
    torch.manualSeed(0);
    const model = small().eval();
    const [expected] = model([image]) as [models.detection.Detection];
    const [found] = torch.deepcopy(model)([image]) as [models.detection.Detection];
    assert.ok(torch.equal(found.boxes, expected.boxes) && torch.equal(found.scores, expected.scores));
  });

  test("say what is wrong with targets", () => {
    const model = small();
    assert.throws(() => model([image]), /targets should not be none when in training mode/);
    const one = target([4, 4, 30, 30]);
    const wrong = (change: object) => () => model([image], [{ ...one, ...change } as Target]);
    assert.throws(wrong({ boxes: torch.zeros(4) }), /to be a tensor of shape \[N, 4\], got \[4\]/);
    assert.throws(wrong({ boxes: [1, 2, 3, 4] }), /Expected target boxes to be of type Tensor/);
    assert.throws(
      wrong({ boxes: torch.tensor([[4, 4, 4, 30]]) }),
      /should have positive height and width. Found invalid box/,
    );
    assert.throws(wrong({ labels: torch.ones(1) }), /target labels must of int64 type/);
    assert.throws(wrong({ labels: undefined }), /Every element of targets should have a labels key/);
    assert.throws(() => model([image.at(0, 0)], [one]), /expecting the last two dimensions of the Tensor/);
  });

  test("say what is wrong with their parts", () => {
    const { FasterRCNN, MaskRCNN, FCOS, AnchorGenerator } = detection;
    assert.throws(() => new FasterRCNN(new nn.ReLU(), 2), /backbone should contain an attribute out_channels/);
    assert.throws(() => new FasterRCNN(new Backbone()), /num_classes should not be None when box_predictor/);
    const boxPredictor = new detection.FastRCNNPredictor(1024, 2);
    assert.throws(() => new FasterRCNN(new Backbone(), 2, { boxPredictor }), /num_classes should be None/);
    const maskPredictor = new detection.MaskRCNNPredictor(4, 4, 2);
    assert.throws(
      () => new MaskRCNN(new Backbone(), 2, { maskPredictor }),
      /num_classes should be None when mask_pred/,
    );
    const anchorGenerator = new AnchorGenerator([[8, 16]], [1]);
    assert.throws(() => new FCOS(new Backbone(), 2, { anchorGenerator }), /should be 1 instead of 2/);
    assert.throws(() => new FasterRCNN(new Backbone(), 2, { rpnHeads: null } as object), TypeError);
  });
});

describe("backbones", () => {
  const learning = (module: nn.Module) =>
    module
      .namedParameters()
      .filter(([, parameter]) => parameter.requiresGrad)
      .map(([name]) => name);

  test("with weights learn in their last layers alone, with frozen norms", () => {
    const weightsBackbone = models.mobilenetV3Large().stateDict();
    const model = detection.fasterrcnnMobilenetV3Large320Fpn({ weightsBackbone, numClasses: 2 });
    const frozen = model.namedParameters().filter(([, { requiresGrad }]) => !requiresGrad);
    assert.ok(frozen.length > 0 && frozen.every(([name]) => /^backbone\.body\.\d\./.test(name)));
    assert.ok(!("backbone.body.0.1.num_batches_tracked" in model.stateDict()));
  });

  test("of a detector whose weights are given are frozen, too", () => {
    const trained = detection.fasterrcnnMobilenetV3Large320Fpn({ weightsBackbone: null, numClasses: 2 });
    const weights = trained.stateDict();
    const model = detection.fasterrcnnMobilenetV3Large320Fpn({ weights, numClasses: 2 });
    assert.ok(
      !Object.keys(model.stateDict()).some((key) => key.startsWith("backbone.body") && key.includes("num_batches")),
    );
    assert.ok(model.namedParameters().some(([, { requiresGrad }]) => !requiresGrad));
    const image = torch.rand(3, 64, 64);
    const [expected] = trained.eval()([image]) as [models.detection.Detection];
    const [found] = model.eval()([image]) as [models.detection.Detection];
    assert.ok(torch.allclose(found.boxes, expected.boxes, 1e-3, 1e-2));
  });

  test("take the keys that older versions wrote", () => {
    const model = detection.maskrcnnResnet50Fpn({ weightsBackbone: null, numClasses: 2 });
    const older = Object.entries(model.stateDict()).map(([key, tensor]) => {
      const old = key
        .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d)\.0/, "$1")
        .replace(/^rpn\.head\.conv\.0\.0/, "rpn.head.conv")
        .replace(/^(roi_heads\.mask_head)\.(\d)\.0/, (_, head, i) => `${head}.mask_fcn${Number(i) + 1}`);
      return [old, tensor] as const;
    });
    assert.ok(older.some(([key]) => key === "roi_heads.mask_head.mask_fcn4.bias"));
    assert.equal(String(model.loadStateDict(Object.fromEntries(older))), "<All keys matched successfully>");
    const head = new detection.RetinaNetHead(4, 1, 2);
    const row = Object.entries(head.stateDict()).map(([key, tensor]) => {
      return [key.replace(/conv\.(\d)\.0/, (_, i) => `conv.${2 * Number(i)}`), tensor] as const;
    });
    assert.equal(String(head.loadStateDict(Object.fromEntries(row))), "<All keys matched successfully>");
  });

  test("by name, with a pyramid", () => {
    const backbone = detection.resnetFpnBackbone({ backboneName: "resnet18", weights: null, trainableLayers: 1 });
    const maps = backbone(torch.rand(1, 3, 64, 64)) as Record<string, Tensor>;
    assert.deepEqual(Object.keys(maps), ["0", "1", "2", "3", "pool"]);
    assert.deepEqual(maps.pool?.shape, [1, 256, 1, 1]);
    assert.ok(learning(backbone).every((name) => /^(fpn|body\.layer4)\./.test(name)));
    const mobile = { backboneName: "mobilenet_v3_large", weights: null };
    const narrow = detection.mobilenetBackbone({ ...mobile, fpn: false })(torch.rand(1, 3, 64, 64)) as Tensor;
    assert.deepEqual(narrow.shape, [1, 256, 2, 2]);
    const two = detection.mobilenetBackbone({ ...mobile, fpn: true })(torch.rand(1, 3, 64, 64)) as object;
    assert.deepEqual(Object.keys(two), ["0", "1", "pool"]);
    const wrong = { backboneName: "resnet18", weights: null };
    assert.throws(() => detection.resnetFpnBackbone({ ...wrong, trainableLayers: 6 }), RangeError);
    assert.throws(() => detection.resnetFpnBackbone({ ...wrong, returnedLayers: [0] }), RangeError);
  });

  test("the builders are listed", () => {
    assert.deepEqual(models.listModels(detection), [
      "fasterrcnn_mobilenet_v3_large_320_fpn",
      "fasterrcnn_mobilenet_v3_large_fpn",
      "fasterrcnn_resnet50_fpn",
      "fasterrcnn_resnet50_fpn_v2",
      "fcos_resnet50_fpn",
      "keypointrcnn_resnet50_fpn",
      "maskrcnn_resnet50_fpn",
      "maskrcnn_resnet50_fpn_v2",
      "retinanet_resnet50_fpn",
      "retinanet_resnet50_fpn_v2",
      "ssd300_vgg16",
      "ssdlite320_mobilenet_v3_large",
    ]);
    assert.equal(detection.FCOS_ResNet50_FPN_Weights.DEFAULT.hash, "99b0c9b7");
  });
});
