import assert from "node:assert/strict";
import { test } from "node:test";
import { formatInterval, formatMeter, formatNumber, formatSize, type Output, tqdm, trange } from "../src/index.js";

/** What tqdm 4.64.1 writes. */
test("lines are those of tqdm", () => {
  assert.equal(formatMeter({ n: 0, total: 10, elapsed: 0 }), "  0%|          | 0/10 [00:00<?, ?it/s]");
  assert.equal(
    formatMeter({ n: 3, total: 10, elapsed: 1.5, ncols: 60 }),
    " 30%|███████▏                | 3/10 [00:01<00:03,  2.00it/s]",
  );
  assert.equal(formatMeter({ n: 3, total: undefined, elapsed: 1.5 }), "3it [00:01,  2.00it/s]");
  assert.equal(
    formatMeter({ n: 3000, total: 10000, elapsed: 4000, desc: "a", unitScale: true, unit: "B", postfix: "loss=1" }),
    "a:  30%|███       | 3.00k/10.0k [1:06:40<2:35:33, 1.33s/B, loss=1]",
  );
  assert.equal(
    formatMeter({ n: 10, total: 10, elapsed: 7, ncols: 40, ascii: true }),
    "100%|###| 10/10 [00:07<00:00,  1.43it/s]",
  );
  assert.equal(
    formatMeter({ n: 5, total: 10, elapsed: 3, rate: 0.2, ncols: 50, desc: "x" }),
    "x:  50%|█████▌     | 5/10 [00:03<00:25,  5.00s/it]",
  );
  assert.equal(formatMeter({ n: 12, total: 10, elapsed: 4 }), "12it [00:04,  3.00it/s]");
  assert.equal(formatMeter({ n: 0, total: 0, elapsed: 0 }), "100%|██████████| 0/0 [00:00<?, ?it/s]");
});

test("numbers are those of tqdm", () => {
  assert.deepEqual([123456, 0.5, 999.7, 1e30].map(formatSize), ["123k", "0.50", "1.00k", "1000000.0Y"]);
  assert.deepEqual([3700, 65, 0].map(formatInterval), ["1:01:40", "01:05", "00:00"]);
  const numbers = [1234567, 0.00001234, 0.123456, 12345.678, 1, 0, -2.5, Number.NaN];
  const wanted = ["1234567", "1.23e-5", "0.123", "1.23e+4", "1", "0", "-2.5", "NaN"];
  assert.deepEqual(numbers.map(formatNumber), wanted);
});

class Recorder implements Output {
  text = "";
  constructor(
    readonly isTTY = false,
    readonly columns = 80,
  ) {}
  write(text: string): void {
    this.text += text;
  }
  /** Asked for by cli-progress. */
  cursorTo(): void {}
  clearLine(): void {}
}

test("a bar goes through arrays, sets, loaders and generators, and says what it knows of their length", () => {
  const file = new Recorder();
  assert.deepEqual([...tqdm([1, 2, 3], { file })], [1, 2, 3]);
  assert.match(file.text, /100%\|█{10}\| 3\/3 \[00:00<00:00, .*it\/s\]\n$/);
  assert.deepEqual([...tqdm(new Set("ab"), { file })], ["a", "b"]);
  assert.match(file.text, /2\/2 /);
  const some = (function* () {
    yield 7;
  })();
  assert.deepEqual([...tqdm(some, { file, desc: "some" })], [7]);
  assert.match(file.text, /some: 1it \[/);
  assert.deepEqual([...trange(3, { file: new Recorder() })], [0, 1, 2]);
});

test("a bar goes through what comes later", async () => {
  const file = new Recorder();
  const later = (async function* () {
    yield 1;
    yield 2;
  })();
  const seen: number[] = [];
  for await (const item of tqdm(later, { file, total: 2 })) seen.push(item);
  assert.deepEqual(seen, [1, 2]);
  assert.match(file.text, /2\/2/);
});

test("elsewhere than on a terminal a line comes every ten seconds at most, and at the end", () => {
  const file = new Recorder();
  for (const _ of tqdm(Array(1000).fill(0), { file })) assert.equal(file.text, "");
  assert.equal(file.text.split("\n").length, 2);
  const often = new Recorder();
  for (const _ of tqdm([1, 2, 3], { file: often, mininterval: 0 }));
  assert.equal(often.text.split("\n").length, 5);
});

test("leaving the loop ends the bar; what it showed stays unless it is not to", () => {
  const file = new Recorder();
  for (const item of tqdm([1, 2, 3, 4], { file })) if (item === 2) break;
  assert.match(file.text, /25%.* 1\/4 /);
  const gone = new Recorder();
  for (const _ of tqdm([1, 2], { file: gone, leave: false }));
  assert.equal(gone.text, "");
});

test("a bar is moved by hand, with what stands around it", () => {
  const file = new Recorder();
  const bar = tqdm({ total: 10, file, desc: "steps", unit: "img" });
  bar.update(4);
  bar.setPostfix({ loss: 0.123456, lr: 1e-5, name: " hi " });
  assert.match(String(bar), /^steps: {2}40%\|█{4} {6}\| 4\/10 \[.*img\/s, loss=0.123, lr=1e-5, name=hi\]$/);
  bar.setDescription("other");
  bar.setPostfixStr("done");
  bar.close();
  assert.match(file.text, /^other: .* 4\/10 .*, done\]\n$/);
  bar.reset(5);
  assert.equal(bar.n, 0);
  assert.equal(bar.total, 5);
});

test("on a terminal bars stand below each other, and lines go above them", () => {
  const file = new Recorder(true, 60);
  for (const epoch of tqdm([1, 2], { file, desc: "epochs", mininterval: 0 })) {
    for (const _ of tqdm([1, 2, 3], { file, desc: `epoch ${epoch}`, mininterval: 0, leave: false }));
    tqdm.write(`done ${epoch}`, { file });
  }
  assert.match(file.text, /epochs: {3}0%/);
  assert.match(file.text, /epoch 2: {2}67%/);
  assert.match(file.text, /done 1\n/);
  assert.match(file.text, /epochs: 100%/);
  // No line is wider than the terminal.
  const escape = String.fromCharCode(27);
  const visible = file.text.split(new RegExp(`\\n|${escape}\\[[0-9;?]*[a-zA-Z]`));
  assert.ok(visible.every((line) => [...line].length <= 60));
});

test("a bar that is off draws nothing and counts", () => {
  const file = new Recorder(true);
  const bar = tqdm([1, 2], { file, disable: true });
  assert.equal([...bar].length, 2);
  assert.equal(bar.n, 2);
  assert.equal(file.text, "");
});

test("wrong calls say what is wanted", () => {
  assert.throws(() => tqdm(5 as never), /tqdm\(\): expected something to iterate over, or options, not number/);
  assert.throws(() => tqdm([1], { descr: "x" } as never), /no option 'descr'; there are desc, total/);
  assert.throws(() => tqdm([1], { total: "x" } as never), /option 'total' must be a number, not string/);
  assert.throws(() => [...(tqdm({ total: 1, file: new Recorder() }) as never)], /use update\(\)/);
});
