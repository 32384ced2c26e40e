/** Builders by name, and what is known of published weights. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { models, ops } from "@flambeau/vision";
import torch, { type nn } from "flambeau";

test("models are made by name", () => {
  const model = torch.device("meta", () => models.getModel("ResNet18", { numClasses: 7 }));
  assert.ok(model instanceof models.ResNet);
  assert.equal(model.fc.outFeatures, 7);
  assert.equal(models.getModelBuilder("mobilenet_v3_small"), models.mobilenetV3Small);
  assert.ok(models.listModels().includes("wide_resnet50_2"));
  assert.deepEqual(models.listModels(models.mobilenetv3), ["mobilenet_v3_large", "mobilenet_v3_small"]);
  assert.deepEqual(models.listModels(models, { include: "*resnet*", exclude: ["*1?1*", "*50*"] }), [
    "resnet152",
    "resnet18",
    "resnet34",
  ]);
  assert.deepEqual(models.listModels(null, { include: ["mnasnet0*", "mnasnet.0"] }), ["mnasnet0_5", "mnasnet0_75"]);
  assert.throws(() => models.getModel("resnet19"), /Unknown model resnet19/);
});

test("weights tell their file, its hash and what they were trained on", () => {
  const { ResNet50_Weights } = models;
  assert.deepEqual([...ResNet50_Weights].map(String), [
    "ResNet50_Weights.IMAGENET1K_V1",
    "ResNet50_Weights.IMAGENET1K_V2",
  ]);
  const best = ResNet50_Weights.DEFAULT;
  assert.equal(best, ResNet50_Weights.IMAGENET1K_V2);
  assert.equal(best, models.getWeight("ResNet50_Weights.DEFAULT"));
  assert.equal(models.getModelWeights("resnet50"), ResNet50_Weights);
  assert.equal(models.getModelWeights(models.resnet50), ResNet50_Weights);
  assert.equal(best.url, "https://download.pytorch.org/models/resnet50-11ad3fa6.pth");
  assert.equal(best.hash, "11ad3fa6");
  const { categories, ...meta } = best.meta;
  assert.deepEqual(meta, {
    num_params: 25557032,
    min_size: [1, 1],
    recipe: "https://github.com/pytorch/vision/issues/3995#issuecomment-1013906621",
    _metrics: { "ImageNet-1K": { "acc@1": 80.858, "acc@5": 95.434 } },
  });
  assert.equal(categories?.length, 1000);
  assert.deepEqual(categories?.slice(0, 2), ["tench", "goldfish"]);
  assert.equal(models.VGG16_Weights.IMAGENET1K_FEATURES.meta.categories, null);
});

test("every model has a default file, whose name ends with a hash", () => {
  for (const name of models.listModels()) {
    const { DEFAULT } = models.getModelWeights(name);
    assert.match(DEFAULT.url, /^https:\/\/download\.pytorch\.org\/models\/.*\.pth$/);
    assert.match(DEFAULT.hash, /^[0-9a-f]{8,10}$/);
    assert.ok(DEFAULT.meta.num_params > 0);
  }
});

/** Throws unless two models have the same state. */
function assertSame(actual: nn.Module, expected: nn.Module): void {
  const [ours, theirs] = [actual.stateDict(), expected.stateDict()];
  assert.deepEqual(Object.keys(ours), Object.keys(theirs));
  for (const [key, value] of Object.entries(theirs)) assert.ok(ours[key]?.equal(value), key);
}

test("weights may be another model's state", () => {
  torch.manualSeed(0);
  const teacher = models.mobilenetV3Small({ numClasses: 3 });
  const student = models.mobilenetV3Small({ numClasses: 3, weights: teacher.stateDict() });
  assertSame(student, teacher);
  assert.throws(() => models.mobilenetV3Small({ numClasses: 4, weights: teacher.stateDict() }), /size mismatch/);
});

test("weights may be a file of a state, by its path or address", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weights-"));
  const before = torch.hub.getDir();
  torch.hub.setDir(folder);
  t.after(() => {
    torch.hub.setDir(before);
    rmSync(folder, { recursive: true });
  });
  torch.manualSeed(0);
  const teacher = models.squeezenet1_1({ numClasses: 3 });
  const path = join(folder, "mine.pth");
  torch.save(teacher.stateDict(), path);
  assertSame(models.squeezenet1_1({ numClasses: 3, weights: path }), teacher);
  assert.throws(() => models.squeezenet1_1({ weights: path }), /size mismatch/);
  mkdirSync(join(folder, "checkpoints"));
  torch.save(teacher.stateDict(), join(folder, "checkpoints", "fetched.pth"));
  assertSame(models.getModel("squeezenet1_1", { numClasses: 3, weights: "https://example.org/fetched.pth" }), teacher);
  for (const missing of [join(folder, "none"), "none.pth", "./none.pt"])
    assert.throws(() => models.squeezenet1_1({ weights: missing }), /ENOENT|No such file/);
});

test("published files are read from the folder of torch.hub", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weights-"));
  const before = torch.hub.getDir();
  torch.hub.setDir(folder);
  t.after(() => {
    torch.hub.setDir(before);
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, "checkpoints"));
  torch.manualSeed(0);
  const teacher = models.squeezenet1_1();
  torch.save(teacher.stateDict(), join(folder, "checkpoints", "squeezenet1_1-b8a52dc0.pth"));
  for (const weights of ["DEFAULT", "SqueezeNet1_1_Weights.IMAGENET1K_V1", models.SqueezeNet1_1_Weights.DEFAULT]) {
    assertSame(models.squeezenet1_1({ weights }), teacher);
  }
});

test("states of older files are loaded", () => {
  const teacher = models.densenet121({ numClasses: 3 });
  const old = Object.fromEntries(
    Object.entries(teacher.stateDict())
      .filter(([key]) => !key.endsWith("num_batches_tracked"))
      .map(([key, value]) => [key.replace(/(denselayer\d+\.(?:norm|conv))([12])/, "$1.$2"), value]),
  );
  assert.ok("features.denseblock1.denselayer1.norm.1.weight" in old);
  assertSame(models.densenet121({ numClasses: 3, weights: old }), teacher);
});

test("states of older transformers are loaded", () => {
  const make = () => new models.VisionTransformer(32, 16, 1, 2, 8, 16, { numClasses: 3 });
  const [teacher, student] = [make(), make()];
  const old = Object.entries(teacher.stateDict()).map(([key, value]) => [
    key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."),
    value,
  ]);
  student.loadStateDict(Object.fromEntries(old));
  assertSame(student, teacher);
});

test("norms may be frozen ones", () => {
  const teacher = models.resnet18({ numClasses: 3 });
  const student = models.resnet18({ numClasses: 3, weights: teacher.stateDict(), normLayer: ops.FrozenBatchNorm2d });
  const x = torch.rand(1, 3, 32, 32);
  assert.ok(student(x).allclose(teacher.eval()(x), { atol: 1e-5 }));
});

test("wrong weights and options are refused", () => {
  const { ResNet18_Weights, ResNet34_Weights } = models;
  assert.throws(
    () => models.resnet18({ weights: ResNet34_Weights.DEFAULT }),
    /Invalid Weight class provided; expected ResNet18_Weights but received ResNet34_Weights\./,
  );
  assert.throws(
    () => models.resnet18({ weights: "IMAGENET1K_V9" }),
    /Invalid value 'IMAGENET1K_V9' for ResNet18_Weights/,
  );
  assert.throws(
    () => models.resnet18({ weights: ResNet18_Weights.DEFAULT, numClasses: 10 }),
    /The parameter 'numClasses' expected value 1000 but got 10 instead\./,
  );
  assert.throws(
    () => models.resnext50_32x4d({ groups: 2 }),
    /The parameter 'groups' expected value 32 but got 2 instead\./,
  );
  // @ts-expect-error no such option
  assert.throws(() => models.resnet18({ classes: 10 }), /ResNet\(\) got an unexpected option 'classes'/);
  // @ts-expect-error a number in the place of the options
  assert.throws(() => models.resnet18(10), /resnet18\(\): arguments are named/);
  assert.throws(() => models.getWeight("ResNet18_Weights"), /Invalid weight name provided: 'ResNet18_Weights'\./);
  assert.throws(() => models.getWeight("ResNet19_Weights.DEFAULT"), /The weight enum 'ResNet19_Weights'/);
});
