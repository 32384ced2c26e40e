/** `torch.profiler`: where the time of a program goes. */
export type { EventAverage, EventAverages, TableOptions } from "./averages.js";
export type { EventKind, ProfilerEvent } from "./event.js";
export { Profile, type ProfileOptions, profile, recordFunction } from "./profile.js";
export type { SortKey } from "./table.js";
