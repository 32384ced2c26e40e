/** Figures in a page of the browser, which this program draws anew as they are zoomed. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Figure } from "../figure/figure.js";
import { figurePage, figurePart } from "../figure/page.js";

/** What a page asks for. */
interface Request {
  readonly figure: number;
  readonly axes?: number;
  readonly xlim?: [number, number];
  readonly ylim?: [number, number];
  readonly home?: boolean;
}

type Limits = { readonly limits: readonly [number, number]; readonly autoscale: boolean };

/** Serves figures on this machine until the last page that shows them is closed. */
export class FigureServer {
  readonly #server: Server;
  readonly #pages = new Set<ServerResponse>();
  readonly #before = new Map<Figure, Limits[]>();
  #figures: readonly Figure[];
  #farewell: NodeJS.Timeout | undefined;
  #port = 0;

  constructor(
    figures: readonly Figure[],
    readonly onClose: () => void,
    /** How long a page may be away, as while it is loaded anew, in milliseconds. */
    readonly patience = 2000,
  ) {
    this.#figures = figures;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts, and gives the address of the page. */
  listen(): Promise<string> {
    return new Promise((done, fail) => {
      this.#server.once("error", fail);
      this.#server.listen(0, "127.0.0.1", () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        done(`http://127.0.0.1:${this.#port}/`);
      });
    });
  }

  /** Shows these figures, drawn anew. */
  update(figures: readonly Figure[]): void {
    const isSame = figures.length === this.#figures.length && figures.every((figure, i) => figure === this.#figures[i]);
    this.#figures = figures;
    for (const page of this.#pages) page.write(`event: ${isSame ? "draw" : "reload"}\ndata: \n\n`);
  }

  /** Ends all pages and the server. */
  close(): void {
    clearTimeout(this.#farewell);
    for (const page of this.#pages) page.end();
    this.#server.close();
    this.#server.closeAllConnections();
    this.onClose();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Other sites must not reach the figures by a name that they made point to this machine.
    if (request.headers.host !== `127.0.0.1:${this.#port}`) return void response.writeHead(403).end();
    if (request.method === "GET" && request.url === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
      return void response.end(figurePage(this.#figures, {}, true));
    }
    if (request.method === "GET" && request.url === "/events") return this.#follow(response);
    if (request.method === "POST" && request.url === "/draw") return this.#draw(request, response);
    response.writeHead(404).end();
  }

  /** Keeps a line open, by which the page hears of changes and this program that the page is there. */
  #follow(response: ServerResponse): void {
    clearTimeout(this.#farewell);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    this.#pages.add(response);
    response.on("close", () => {
      this.#pages.delete(response);
      if (this.#pages.size === 0) this.#farewell = setTimeout(() => this.close(), this.patience);
    });
  }

  async #draw(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Request;
      const figure = this.#figures.find((one) => one.number === asked.figure);
      if (!figure) return void response.writeHead(404).end();
      this.#move(figure, asked);
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(figurePart(figure));
    } catch {
      response.writeHead(400).end();
    }
  }

  #move(figure: Figure, { axes: index, xlim, ylim, home }: Request): void {
    const views = figure.axes.flatMap((axes) => [axes.xaxis.view, axes.yaxis.view]);
    const before = this.#before.get(figure) ?? views.map(({ limits, autoscale }) => ({ limits, autoscale }));
    this.#before.set(figure, before);
    if (home) {
      for (const [i, view] of views.entries()) {
        const was = before[i];
        if (was) view.setLimits(...was.limits);
        if (was) view.autoscale = was.autoscale;
      }
    }
    if (index === undefined) return;
    const axes = figure.axes[index];
    if (!axes) throw new RangeError(`there are no axes ${index}`);
    axes.setXlim(...(xlim as [number, number]));
    axes.setYlim(...(ylim as [number, number]));
  }
}
