/** The compiler's language server, which answers what an editor shows. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const root = dirname(dirname(dirname(typescript)));

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: { readonly items?: readonly unknown[] };
}

/** The messages in a stream, each behind a header with its length. */
async function* messages(stream: AsyncIterable<Buffer>): AsyncGenerator<Message> {
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/i.exec(pending.toString("latin1", 0, 200));
      if (header === null) break;
      const end = header[0].length + Number(header[1]);
      if (pending.length < end) break;
      yield JSON.parse(pending.toString("utf8", header[0].length, end)) as Message;
      pending = pending.subarray(end);
    }
  }
}

export interface Editor {
  /** What is shown over the first letters of a text of the program. */
  hover(text: string): Promise<string>;
  /** The names that are offered behind a text. */
  completions(text: string): Promise<string[]>;
  close(): void;
}

/** Opens a program in a folder inside of the package, without writing it there. */
export async function openEditor(lines: readonly string[]): Promise<Editor> {
  const server = spawn(process.execPath, [join(dirname(typescript), "bin/tsc"), "--lsp", "--stdio"], {
    cwd: root,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, (result: unknown) => void>();
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  let ids = 0;
  const request = (method: string, params: object) =>
    new Promise<unknown>((done) => {
      waiting.set(++ids, done);
      send({ id: ids, method, params });
    });
  const answer = async () => {
    for await (const { id, method, result, params } of messages(server.stdout)) {
      if (id === undefined) continue;
      // The server asks, too: for settings, of which there are none.
      if (method !== undefined) send({ id, result: params?.items?.map(() => null) ?? null });
      else waiting.get(id)?.(result);
    }
  };
  void answer();

  const uri = pathToFileURL(fileURLToPath(new URL("../program.ts", import.meta.url))).href;
  const text = lines.join("\n");
  const placeOf = (position: number) => {
    const before = text.slice(0, position).split("\n");
    return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)?.length } };
  };
  const contentFormat = ["markdown"];
  const capabilities = { textDocument: { hover: { contentFormat }, completion: {} } };
  await request("initialize", { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities });
  send({ method: "initialized", params: {} });
  send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "typescript", version: 1, text } },
  });
  return {
    async hover(of) {
      const result = await request("textDocument/hover", placeOf(text.indexOf(of)));
      return (result as { contents: { value: string } } | null)?.contents.value ?? "";
    },
    async completions(of) {
      const result = await request("textDocument/completion", placeOf(text.indexOf(of) + of.length));
      return ((result as { items: { label: string }[] } | null)?.items ?? []).map(({ label }) => label);
    },
    close: () => server.kill(),
  };
}
