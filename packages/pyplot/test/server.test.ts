import assert from "node:assert/strict";
import { get, request } from "node:http";
import { afterEach, test } from "node:test";
import plt from "../src/index.js";
import { FigureServer } from "../src/pyplot/server.js";

afterEach(() => plt.close("all"));

/** A server with one figure, and a promise that is kept when it ends. */
async function serve() {
  const figure = plt.figure();
  figure.gca().plot([0, 10], [0, 1]);
  let ended = (): void => {};
  const end = new Promise<void>((done) => (ended = done));
  const server = new FigureServer([figure], () => ended(), 20);
  return { figure, server, address: await server.listen(), end };
}

const post = (address: string, body: unknown) =>
  fetch(`${address}draw`, { method: "POST", body: JSON.stringify(body) });

test("the page holds the figure, and what is zoomed is drawn anew by the program", async () => {
  const { figure, server, address, end } = await serve();
  const page = await (await fetch(address)).text();
  assert.match(page, /<body data-live="true">/);
  assert.match(page, /<div class="figure" data-figure="1"><svg /);
  const drawn = await post(address, { figure: 1, axes: 0, xlim: [2, 4], ylim: [0.2, 0.4] });
  assert.equal(drawn.status, 200);
  assert.match(await drawn.text(), /aria-label="2.25"/);
  assert.deepEqual(figure.gca().getXlim(), [2, 4]);
  await post(address, { figure: 1, home: true });
  assert.deepEqual(figure.gca().getXlim(), [-0.5, 10.5]);
  figure.gca().plot([0, 20], [0, 1]);
  assert.deepEqual(figure.gca().getXlim(), [-1, 21], "the limits follow the data again");
  server.close();
  await end;
});

test("wrong requests are refused, and the server goes on", async () => {
  const { server, address, end } = await serve();
  assert.equal((await post(address, { figure: 7 })).status, 404);
  assert.equal((await fetch(`${address}draw`, { method: "POST", body: "{" })).status, 400);
  assert.equal((await post(address, { figure: 1, axes: 0, xlim: ["a", 2], ylim: [0, 1] })).status, 400);
  assert.equal((await post(address, { figure: 1, axes: 9, xlim: [1, 2], ylim: [0, 1] })).status, 400);
  assert.equal((await fetch(`${address}other`)).status, 404);
  const { port } = new URL(address);
  const status = await new Promise((done) =>
    request({ port, host: "127.0.0.1", headers: { host: "evil.example" } }, (r) => done(r.statusCode)).end(),
  );
  assert.equal(status, 403);
  assert.equal((await fetch(address)).status, 200);
  server.close();
  await end;
});

test("the server ends when the last page is closed", async () => {
  const { address, end } = await serve();
  await new Promise<void>((done) => {
    const page = get(`${address}events`, (response) => {
      response.on("error", () => {});
      response.once("data", () => {
        page.destroy();
        done();
      });
    });
    page.on("error", () => {});
  });
  await end;
});

test("pages hear that a figure is drawn anew", async () => {
  const { figure, server, address, end } = await serve();
  const heard = new Promise<string>((done) => {
    get(`${address}events`, (response) => {
      response.once("data", () => {
        server.update([figure]);
        response.once("data", (chunk: Buffer) => done(String(chunk)));
      });
    });
  });
  assert.match(await heard, /^event: draw\n/);
  server.close();
  await end;
});
