/** The worker threads of a data loader, as the main thread sees them. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { discard, type Packed, pack } from "./pack.js";
import {
  type Death,
  idle,
  type Reply,
  Signal,
  type SupervisorStart,
  stopped,
  type Task,
  type WorkerJob,
} from "./protocol.js";
import { startThread } from "./thread.js";

/** How long, in milliseconds, the first thread may take to start. */
const startLimit = 60_000;

export class WorkerPool {
  /** The workers that are gone, by their number. */
  readonly deaths = new Map<number, Death>();
  readonly #signal: Int32Array;
  readonly #job: Packed;
  readonly #ports: readonly MessagePort[];
  readonly #control: MessagePort;
  /** What came in through the event loop. */
  readonly #replies: Reply[] = [];
  #wake: () => void = () => {};
  #listening = false;

  /**
   * Starts the workers.
   *
   * @throws TypeError if something of the job cannot be sent.
   */
  constructor(job: WorkerJob, numWorkers: number, baseSeed: bigint) {
    this.#job = pack(job, "loader", numWorkers);
    const signal = new Int32Array(new SharedArrayBuffer(4 * (Signal.HasJob + numWorkers)));
    this.#signal = signal;
    const channels = Array.from({ length: numWorkers }, () => new MessageChannel());
    const control = new MessageChannel();
    this.#ports = channels.map(({ port1 }) => port1);
    this.#control = control.port1;
    const common = { numWorkers, baseSeed, job: this.#job, signal };
    const workers = channels.map(({ port2: port }, id) => ({ ...common, id, port }));
    const workerData: SupervisorStart = { workers, port: control.port2, signal };
    const transferList = [control.port2, ...channels.map(({ port2 }) => port2)];
    startThread("supervisor", import.meta.url, { workerData, transferList }).unref();
  }

  /** Begins a pass over the data: what is still to come of an earlier one is dropped. */
  beginPass(pass: number): void {
    Atomics.store(this.#signal, Signal.Pass, pass);
  }

  /** Ends a pass, unless another one has begun. */
  endPass(pass: number): void {
    Atomics.compareExchange(this.#signal, Signal.Pass, pass, idle);
  }

  /** The pass that is under way. */
  get pass(): number {
    return Atomics.load(this.#signal, Signal.Pass);
  }

  send(worker: number, task: Task): void {
    this.#ports[worker]?.postMessage(task);
  }

  /** The next reply that has come in. */
  receive(): Reply | undefined {
    for (let next = receiveMessageOnPort(this.#control); next; next = receiveMessageOnPort(this.#control)) {
      this.#noteDeath(next.message as Death);
    }
    const { pass } = this;
    for (let reply = this.#next(); reply !== undefined; reply = this.#next()) {
      if (reply.pass === pass) return reply;
      if (reply.batch !== undefined) discard(reply.batch);
    }
    return undefined;
  }

  #next(): Reply | undefined {
    if (this.#replies.length > 0) return this.#replies.shift();
    for (const port of this.#ports) {
      const received = receiveMessageOnPort(port);
      if (received !== undefined) return received.message as Reply;
    }
    return undefined;
  }

  #noteDeath(death: Death): void {
    this.deaths.set(death.worker, death);
    const hasJob = Atomics.exchange(this.#signal, Signal.HasJob + death.worker, 1);
    if (!hasJob) discard(this.#job);
  }

  /** A count that changes with every message. */
  get messages(): number {
    return Atomics.load(this.#signal, Signal.Messages);
  }

  /** Blocks the thread until there are more messages than were `seen`; false if the time in ms is over before. */
  waitSync(seen: number, limit: number): boolean {
    const started = Atomics.load(this.#signal, Signal.Started) === 1;
    if (
      Atomics.wait(this.#signal, Signal.Messages, seen, started ? limit : Math.min(limit, startLimit)) !== "timed-out"
    )
      return true;
    if (started || Atomics.load(this.#signal, Signal.Started) === 1 || limit < startLimit) return false;
    throw new Error("the threads of the DataLoader did not start");
  }

  /** Waits, while the event loop runs, for the next message; false if the time in ms is over before. */
  async wait(limit: number): Promise<boolean> {
    this.#listen();
    const ports = [this.#control, ...this.#ports];
    for (const port of ports) port.ref();
    let timer: NodeJS.Timeout | undefined;
    const inTime = await new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(true);
      if (limit < Number.POSITIVE_INFINITY) timer = setTimeout(resolve, limit, false);
    });
    clearTimeout(timer);
    for (const port of ports) port.unref();
    return inTime;
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const port of this.#ports) {
      port.on("message", (reply: Reply) => {
        this.#replies.push(reply);
        this.#wake();
        if (this.pass === stopped) this.receive();
      });
      port.unref();
    }
    this.#control.on("message", (death: Death) => {
      this.#noteDeath(death);
      this.#wake();
    });
    this.#control.unref();
  }

  /** Lets the workers finish what they are at and end; nothing is waited for. */
  stop(): void {
    if (Atomics.exchange(this.#signal, Signal.Pass, stopped) === stopped) return;
    for (const port of this.#ports) port.postMessage(null);
    this.#control.postMessage(null);
    this.receive();
    // What they still send is taken, so that its memory is let go.
    this.#listen();
  }
}
