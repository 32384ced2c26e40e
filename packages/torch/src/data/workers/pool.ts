/** The worker threads of a data loader, as the main thread sees them. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Tensor } from "../../core/tensor.js";
import { fromTypedArray } from "../../ops/creation/data.js";
import type { RandomStart } from "../position.js";
import { discard, type Packed, pack } from "./pack.js";
import {
  type Begin,
  type Death,
  hasJobAt,
  idle,
  type Reply,
  type Rest,
  restAt,
  Signal,
  type SupervisorStart,
  signalsOf,
  stopped,
  type Task,
  type WorkerJob,
} from "./protocol.js";
import { startThread } from "./thread.js";

/** How long, in milliseconds, the first thread may take to start. */
const startLimit = 60_000;
/**
 * How long workers rest before they end, and how long they may take to come to rest if they are wanted again: about as long
 * as new ones would take to start.
 */
const restLimit = 5000;
const comingToRest = 250;

export class WorkerPool {
  /** The workers that are gone, by their number. */
  readonly deaths = new Map<number, Death>();
  readonly #signal: Int32Array;
  #job: Packed;
  #seed = 0n;
  /** For each worker the states of its generators behind the last batch that was taken; none where it began. */
  #generators: readonly (readonly Uint8Array[])[] = [];
  #isResting = false;
  readonly #ports: readonly MessagePort[];
  readonly #control: MessagePort;
  /** What came in through the event loop. */
  readonly #replies: Reply[] = [];
  #wake: () => void = () => {};
  #listening = false;
  #passes = 0;
  #rests = 0;
  /** Ends the rest. */
  #timer: NodeJS.Timeout | undefined;

  /**
   * Starts the workers.
   *
   * @throws TypeError if something of the job cannot be sent.
   */
  constructor(
    job: WorkerJob,
    readonly numWorkers: number,
    random: RandomStart,
  ) {
    this.#job = pack(job, "loader", numWorkers);
    const signal = new Int32Array(new SharedArrayBuffer(4 * signalsOf(numWorkers)));
    this.#signal = signal;
    const channels = Array.from({ length: numWorkers }, () => new MessageChannel());
    const control = new MessageChannel();
    this.#ports = channels.map(({ port1 }) => port1);
    this.#control = control.port1;
    const workers = channels.map(({ port2: port }, id) => ({ id, numWorkers, port, signal }));
    const workerData: SupervisorStart = { workers, port: control.port2, signal };
    const transferList = [control.port2, ...channels.map(({ port2 }) => port2)];
    startThread("supervisor", import.meta.url, { workerData, transferList }).unref();
    this.#begin(random);
  }

  #begin({ seed, generators }: RandomStart): void {
    this.#seed = BigInt(seed);
    const isOfThese = generators.length === this.numWorkers;
    this.#generators = this.#ports.map((_, id) =>
      isOfThese ? (generators[id] as Tensor[]).map((state) => state.toTypedArray() as Uint8Array) : [],
    );
    this.#ports.forEach((port, id) => {
      const own = this.#generators[id] as readonly Uint8Array[];
      port.postMessage({ job: this.#job, baseSeed: this.#seed, generators: own } satisfies Begin);
    });
  }

  /** Notes where the generators of a worker are. */
  noteGenerators(worker: number, states: readonly Uint8Array[]): void {
    this.#generators = this.#generators.with(worker, states);
  }

  /** From what random numbers workers elsewhere would go on as these do behind what was taken of them. */
  get random(): RandomStart {
    const generators = this.#generators.map((states) => states.map((state) => fromTypedArray(state.slice())));
    return { seed: this.#seed, generators };
  }

  /**
   * Lets workers that are at rest begin anew, which takes a fraction of the time that new ones would take; false where they
   * are not, or do not come to rest soon.
   *
   * @throws TypeError if something of the job cannot be sent.
   */
  renew(job: WorkerJob, random: RandomStart): boolean {
    if (!this.#isResting || this.pass === stopped) return false;
    if (this.deaths.size > 0 || !this.#isAtRest()) {
      this.stop();
      return false;
    }
    const packed = pack(job, "loader", this.numWorkers);
    clearTimeout(this.#timer);
    this.#isResting = false;
    for (let id = 0; id < this.numWorkers; id++) {
      this.#letGo(id);
      Atomics.store(this.#signal, hasJobAt(id), 0);
    }
    this.#job = packed;
    this.#begin(random);
    return true;
  }

  #isAtRest(): boolean {
    const end = performance.now() + comingToRest;
    for (let id = 0; id < this.numWorkers; id++) {
      for (let seen = this.#restOf(id); seen !== this.#rests; seen = this.#restOf(id)) {
        const left = end - performance.now();
        if (left <= 0) return false;
        Atomics.wait(this.#signal, restAt(id), seen, left);
      }
    }
    return true;
  }

  #restOf(worker: number): number {
    return Atomics.load(this.#signal, restAt(worker));
  }

  /** Begins a pass over the data, and returns its number: what is still to come of an earlier one is dropped. */
  beginPass(): number {
    const pass = ++this.#passes;
    Atomics.store(this.#signal, Signal.Pass, pass);
    return pass;
  }

  /** Ends a pass, unless another one has begun; tells whether it was under way. */
  endPass(pass: number): boolean {
    return Atomics.compareExchange(this.#signal, Signal.Pass, pass, idle) === pass;
  }

  /** Lets the workers forget what they worked on, and wait a while for `renew`. */
  rest(): void {
    this.#isResting = true;
    this.#rests++;
    for (const port of this.#ports) port.postMessage({ rest: this.#rests } satisfies Rest);
    this.receive();
    this.#listen();
    this.#timer = setTimeout(() => this.stop(), restLimit).unref();
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
    this.#letGo(death.worker);
  }

  /** Lets the memory of the job go that was lent to a worker which did not come to take it over. */
  #letGo(worker: number): void {
    const hasJob = Atomics.exchange(this.#signal, hasJobAt(worker), 1);
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
        if (this.pass <= idle) this.receive();
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
