/** The host in use. */
import type { Host } from "./host.js";
import { native } from "./native.js";

export type { BufferHandle, HostBuffer, Kernel } from "./host.js";

export const host: Host = native;
