/** The machine: what it can do at most, and how PyTorch is told to make the best of it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "./case.js";
import { LineProcess } from "./lineProcess.js";

function cpuFlags(): ReadonlySet<string> {
  if (!existsSync("/proc/cpuinfo")) return new Set();
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
  return new Set(flags.trim().split(" "));
}

/** The kernels of OpenBLAS that are right for this CPU, which Debian's builds may take for an older one. */
function blasKernels(): string | undefined {
  const flags = cpuFlags();
  if (["avx512f", "avx512bw", "avx512dq", "avx512vl"].every((flag) => flags.has(flag))) return "SkylakeX";
  return flags.has("avx2") && flags.has("fma") ? "Haswell" : undefined;
}

/**
 * PyTorch at its best: the right BLAS kernels, as many threads in each of its two pools as it is to use, and pools
 * that do not spin against each other (which makes its epoch three times as fast). Which vectors its own kernels use
 * is left to it: it prefers AVX2 to AVX-512, and `ATEN_CPU_CAPABILITY=avx512` in the environment changes that.
 */
export function pytorchEnvironment(threads: number): NodeJS.ProcessEnv {
  const kernels = process.env.OPENBLAS_CORETYPE ?? blasKernels();
  return {
    ...(kernels && { OPENBLAS_CORETYPE: kernels }),
    OMP_WAIT_POLICY: "PASSIVE",
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
  };
}

/** A Python that has PyTorch and torchvision, and the version; undefined if there is none. */
export function findPyTorch(candidates: readonly string[]): { python: string; version: string } | undefined {
  for (const python of candidates) {
    const script = "import torch, torchvision; print(torch.__version__)";
    const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}

export function describeMachine(): { cpu: string; cores: number; node: string; blas: string | undefined } {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    blas: process.env.OPENBLAS_CORETYPE ?? blasKernels(),
  };
}

/** Measures the limits of the machine with a small C program, built where there is a compiler. */
export class Limits {
  readonly #process: LineProcess;
  readonly #folder: string;
  readonly #answers = new Map<string, Promise<string>>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#process = new LineProcess(join(folder, "probe"), []);
  }

  /** Undefined if there is no C compiler. */
  static build(): Limits | undefined {
    const folder = mkdtempSync(join(tmpdir(), "flambeau-bench-"));
    const source = fileURLToPath(new URL("../native/probe.c", import.meta.url));
    const args = ["-O3", "-march=native", "-pthread", "-o", join(folder, "probe"), source];
    if (spawnSync(process.env.CC ?? "cc", args).status === 0) return new Limits(folder);
    rmSync(folder, { recursive: true });
    return undefined;
  }

  /** How much of what the machine can do a case does, that takes so many seconds; undefined where no limit applies. */
  async share({ flops, float64, bytes }: Case, seconds: number, threads: number): Promise<number | undefined> {
    if (flops !== undefined) return flops / seconds / (await this.peak(float64 ? 8 : 4, threads));
    // A copy reads one half of the bytes and writes the other.
    if (bytes !== undefined) return (await this.#ask(`copy ${Math.ceil(bytes / 2)} ${threads}`)) / seconds;
    return undefined;
  }

  /** Floating point operations a second, of numbers of so many bytes. */
  peak(bytes: 4 | 8, threads: number): Promise<number> {
    return this.#ask(`peak ${bytes} ${threads}`);
  }

  async #ask(question: string): Promise<number> {
    let answer = this.#answers.get(question);
    if (!answer) {
      answer = this.#process.ask(question);
      this.#answers.set(question, answer);
    }
    return Number(await answer);
  }

  end(): void {
    this.#process.end();
    rmSync(this.#folder, { recursive: true });
  }
}
