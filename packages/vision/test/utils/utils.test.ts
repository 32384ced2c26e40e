/** What recorded calls do not tell of the drawings: text, files, what is refused, and places that are far away. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { io, utils } from "@flambeau/vision";
import torch, { type Tensor } from "flambeau";

const folder = mkdtempSync(join(tmpdir(), "flambeau-utils-"));
after(() => rmSync(folder, { recursive: true }));

const grey = torch.full([3, 40, 120], 100, { dtype: torch.uint8 });
const boxes = torch.tensor([
  [2, 2, 110, 36],
  [60, 10, 80, 20],
]);

/** The box around the pixels in which two images differ: x1, y1, x2, y2. */
function changed(a: Tensor, b: Tensor): number[] | undefined {
  const places = a.ne(b).any(0).nonzero();
  if (places.shape[0] === 0) return undefined;
  const [y1, x1] = places.amin(0).tolist() as number[];
  const [y2, x2] = places.amax(0).tolist() as number[];
  return [x1, y1, x2, y2] as number[];
}

describe("text", () => {
  const plain = utils.drawBoundingBoxes(grey, boxes.at(":1"), null, "red");
  const drawn = (label: string, options: object = {}) =>
    utils.drawBoundingBoxes(grey, boxes.at(":1"), [label], "red", options);

  test("stands in the upper left corner of its box, in its color", () => {
    const [x1, y1, x2, y2] = changed(drawn("dog 0.98"), plain) as [number, number, number, number];
    assert.ok(x1 >= 4 && x1 <= 6 && y1 >= 4 && y1 <= 9, `${x1}, ${y1}`);
    assert.ok(x2 > 40 && x2 < 70 && y2 > 10 && y2 < 20, `${x2}, ${y2}`);
    const inside = drawn("M").at(":", "4:16", "4:16");
    assert.equal(inside.at(0).max().item(), 255);
    assert.ok(inside.at(1).min().item() < 40);
  });

  test("has a size, lines, and any letters", () => {
    const height = (label: string, fontSize?: number) => {
      const [, y1, , y2] = changed(drawn(label, { fontSize }), plain) as [number, number, number, number];
      return y2 - y1;
    };
    assert.ok(height("H", 20) > 1.7 * height("H"));
    assert.ok(height("H\nH") > 2 * height("H"));
    assert.ok(changed(drawn("Straße, λ, Москва <&>"), plain));
    assert.equal(changed(drawn(""), plain), undefined);
    assert.equal(changed(drawn("\u0000 \u0007"), plain), undefined);
  });

  test("may be of another font, which must be one", () => {
    const font = fileURLToPath(new URL("../../../assets/fonts/DejaVuSans.ttf", import.meta.url));
    assert.ok(torch.equal(drawn("dog", { font }), drawn("dog")));
    const wrong = join(folder, "wrong.ttf");
    for (const content of ["", "no font at all", "\u0000\u0001\u0000\u0000\u00ff\u00ff".repeat(9)]) {
      writeFileSync(wrong, content, "latin1");
      assert.throws(() => drawn("dog", { font: wrong }), /is no TrueType font/);
    }
    assert.throws(() => drawn("dog", { font: join(folder, "none.ttf") }), /ENOENT/);
    assert.throws(() => drawn("dog", { fontSize: 0 }), RangeError);
  });
});

describe("boxes, masks and keypoints", () => {
  test("colors are names or bytes, one or as many as there are things", () => {
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes, null, "reddish"), /unknown color specifier: 'reddish'/);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes, null, ["red"]), /Number of colors \(1\) is less than/);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes, null, [1, 2, 300]), /from 0 to 255, got \[1, 2, 300\]/);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes, null, [1, 2] as never), TypeError);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes, null, 7 as never), TypeError);
  });

  test("keypoints may have what detectors say of them behind their places", () => {
    const image = torch.zeros(3, 20, 20, { dtype: torch.uint8 });
    const found = torch
      .tensor([
        [4, 5, 1],
        [12, 9, 1],
      ])
      .view(1, 2, 3);
    const drawn = utils.drawKeypoints(image, found, [[0, 1]], "red");
    assert.ok(drawn.equal(utils.drawKeypoints(image, found.at("...", ":2"), [[0, 1]], "red")));
    assert.notEqual(drawn.max().item(), 0);
    assert.throws(() => utils.drawKeypoints(image, torch.zeros(1, 2, 4)), /must be of shape/);
  });

  test("other images and sizes are refused", () => {
    const floats = torch.rand(3, 4, 4);
    const masks = torch.ones(2, 40, 120).to(torch.bool);
    assert.throws(() => utils.drawBoundingBoxes(floats, boxes), /The image dtype must be uint8, got torch.float32/);
    assert.throws(() => utils.drawBoundingBoxes(grey.unsqueeze(0), boxes), /Pass individual images, not batches/);
    assert.throws(() => utils.drawBoundingBoxes(grey.at(":2"), boxes), /Only grayscale and RGB images/);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes.at(":", "2:")), /Expected boxes of shape \[N, 4\]/);
    assert.throws(() => utils.drawBoundingBoxes(grey, boxes.flip(1)), /Boxes need to be in \(xmin, ymin, xmax, ymax\)/);
    assert.throws(
      () => utils.drawBoundingBoxes(grey, boxes, ["one"]),
      /Number of boxes \(2\) and labels \(1\) mismatch/,
    );
    assert.throws(() => utils.drawSegmentationMasks(grey, masks.float()), /must be of dtype bool/);
    assert.throws(() => utils.drawSegmentationMasks(grey, masks.at(":", "1:")), /the same height and width/);
    assert.throws(() => utils.drawKeypoints(grey, torch.zeros(4, 2)), /must be of shape \(num_instances, K, 2\)/);
    assert.throws(() => utils.drawKeypoints(grey, torch.zeros(1, 4, 2), [[0, 4]]), RangeError);
    assert.throws(() => utils.flowToImage(floats.double()), TypeError);
    assert.throws(() => utils.flowToImage(floats), /should have shape \(2, H, W\) or \(N, 2, H, W\), got \[3, 4, 4\]/);
    assert.throws(() => utils.makeGrid([floats, torch.rand(3, 5, 4)]), /stack expects each tensor to be equal size/);
    assert.throws(() => utils.makeGrid(floats, 0), RangeError);
    assert.throws(() => utils.makeGrid(floats, { normalize: true, valueRange: [1] }), TypeError);
  });

  test("what is far away, or nowhere, is not seen and takes no time", () => {
    const places = [1e9, -1e30, Infinity, Number.NaN];
    for (const x of places) {
      const points = torch.tensor([
        [
          [x, 5],
          [5, x],
          [x, x],
        ],
      ] as number[][][]);
      const lines = utils.drawKeypoints(grey, points, [[0, 1]], "red");
      assert.deepEqual(lines.shape, grey.shape);
      const box = torch.tensor([[-Infinity, -1e30, x, x]]);
      if (x > 0) assert.equal(changed(utils.drawBoundingBoxes(grey, box, { width: 3 }), grey), undefined);
    }
  });

  test("keypoints that are not visible are left out, with their lines", () => {
    const points = torch.tensor([
      [
        [10, 10],
        [30, 20],
        [90, 30],
      ],
    ] as number[][][]);
    const visibility = torch.tensor([[true, true, false]]);
    const some = utils.drawKeypoints(
      grey,
      points,
      [
        [0, 1],
        [1, 2],
      ],
      "red",
      { visibility },
    );
    const expected = utils.drawKeypoints(grey, points.at(":", ":2"), [[0, 1]], "red");
    assert.ok(torch.equal(some, expected));
  });

  test("the image itself stays as it is", () => {
    const before = grey.clone();
    utils.drawBoundingBoxes(grey, boxes, { fill: true });
    utils.drawKeypoints(grey, torch.ones(1, 1, 2), null, "red");
    utils.drawSegmentationMasks(grey, torch.ones(40, 120).to(torch.bool));
    assert.ok(torch.equal(grey, before));
  });
});

test("images are written to files, several as a grid", () => {
  const images = torch
    .arange(2 * 3 * 4 * 5)
    .view(2, 3, 4, 5)
    .float()
    .div(120);
  const path = join(folder, "grid.png");
  utils.saveImage(images, path, { nrow: 1, padding: 1, padValue: 1 });
  const read = io.readImage(path);
  assert.deepEqual(read.shape, [3, 11, 7]);
  assert.equal(read.at(0, 0, 0).item(), 255);
  const expected = utils.makeGrid(images, 1, 1, { padValue: 1 }).mul(255).add(0.5).to(torch.uint8);
  assert.ok(torch.equal(read, expected));
  utils.saveImage([images.at(0), images.at(1)], join(folder, "grid"), { format: "PNG" });
  assert.deepEqual(io.readImage(join(folder, "grid")).shape, [3, 8, 16]);
  assert.throws(() => utils.saveImage(images.to(torch.uint8), path), TypeError);
});
