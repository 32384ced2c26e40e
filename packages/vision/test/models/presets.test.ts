/** Images made ready for models with published weights. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Image, models } from "@flambeau/vision";
import torch, { type Tensor } from "flambeau";

const bytes = torch.arange(162).mul(37).remainder(256).to(torch.uint8).view(3, 6, 9);

function check(output: Tensor, shape: readonly number[], first: readonly number[], sum: number): void {
  assert.deepEqual(output.shape, shape);
  assert.equal(output.dtype, torch.float32);
  const values = output.flatten().at(":3").tolist() as number[];
  first.forEach((value, i) => assert.ok(Math.abs((values[i] as number) - value) < 1e-6));
  assert.ok(Math.abs(output.double().sum().item() - sum) < 1e-3);
}

test("classification: resized, cut and normalized", () => {
  const preset = models.ResNet50_Weights.DEFAULT.transforms({ cropSize: 8, resizeSize: 10 });
  check(preset(bytes), [3, 8, 8], [-0.1999315470457077, 0.17681314051151276, 0.5706824660301208], 58.72621079115197);
  assert.deepEqual(preset(torch.stack([bytes, bytes])).shape, [2, 3, 8, 8]);
  const image = Image.fromArray(bytes.permute(1, 2, 0).contiguous());
  assert.deepEqual(preset(image).shape, [3, 8, 8]);
  assert.equal(
    String(models.EfficientNet_V2_L_Weights.DEFAULT.transforms()),
    `ImageClassification(
    crop_size=[480]
    resize_size=[480]
    mean=[0.5, 0.5, 0.5]
    std=[0.5, 0.5, 0.5]
    interpolation=InterpolationMode.BICUBIC
)`,
  );
});

test("segmentation: resized and normalized", () => {
  const weights = models.segmentation.FCN_ResNet50_Weights.DEFAULT;
  const first = [-2.1179039478302, -1.9637812376022339, -1.6384109258651733];
  check(weights.transforms({ resizeSize: 12 })(bytes), [3, 12, 18], first, 132.29473523702472);
  const whole = [-2.1179039478302, -1.4842880964279175, -0.8506721258163452];
  check(weights.transforms({ resizeSize: null })(bytes), [3, 6, 9], whole, 33.073680670466274);
  assert.equal(
    String(weights.transforms()),
    `SemanticSegmentation(
    resize_size=[520]
    mean=[0.485, 0.456, 0.406]
    std=[0.229, 0.224, 0.225]
    interpolation=InterpolationMode.BILINEAR
)`,
  );
});
