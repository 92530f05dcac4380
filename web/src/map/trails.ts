/** The last minutes of every track: one ring of segments, in which each tick is one run. Pure bookkeeping. */
import type { TrackStore } from "../live/store";

/** x0, y0, x1, y1 relative to the origin (mercator), time in s since the start of the ring, class. */
export const SEGMENT_FLOATS = 6;
const SHORTEST_M = 2;
const IN_ONE_TICK = 500;

export interface Run { from: number; count: number; time_s: number }

export class TrailRing {
  readonly data: Float32Array;
  private next = 0;
  private runs: Run[] = [];
  private began_ms: number | null = null;
  private ticks = 0;

  constructor(
    readonly capacity: number,
    private readonly longest_s: number,
  ) {
    this.data = new Float32Array(capacity * SEGMENT_FLOATS);
  }

  clear(): void {
    this.next = 0;
    this.runs = [];
    this.began_ms = null;
  }

  seconds(now_ms: number): number {
    return this.began_ms === null ? 0 : (now_ms - this.began_ms) / 1000;
  }

  /** Append one segment for every row that moved; of many tracks each only every few ticks, in turn, so
   * that the number of segments stays drawable. Returns the part of `data` that changed. */
  append(store: TrackStore, now_ms: number, origin_x: number, origin_y: number, per_metre: number): Run | null {
    this.began_ms ??= now_ms;
    const time_s = this.seconds(now_ms);
    const short = SHORTEST_M * per_metre;
    if (this.next + store.size > this.capacity) this.next = 0;
    const from = this.next;
    let k = from * SEGMENT_FLOATS;
    const every = Math.max(1, Math.ceil(store.size / IN_ONE_TICK));
    this.ticks++;
    for (let i = 0; i < store.size; i++) {
      const x0 = store.was_x[i]!;
      const y0 = store.was_y[i]!;
      const x1 = store.x[i]!;
      const y1 = store.y[i]!;
      if (Number.isNaN(x0)) {
        store.was_x[i] = x1;
        store.was_y[i] = y1;
        continue;
      }
      if ((store.id[i]! + this.ticks) % every !== 0) continue;
      if (Math.abs(x1 - x0) < short && Math.abs(y1 - y0) < short) continue;
      this.data[k++] = x0 - origin_x;
      this.data[k++] = y0 - origin_y;
      this.data[k++] = x1 - origin_x;
      this.data[k++] = y1 - origin_y;
      this.data[k++] = time_s;
      this.data[k++] = store.class_index[i]!;
      store.was_x[i] = x1;
      store.was_y[i] = y1;
    }
    const count = k / SEGMENT_FLOATS - from;
    if (count === 0) return null;
    const end = from + count;
    this.forget((run) => (run.from < end && run.from + run.count > from) || run.time_s < time_s - this.longest_s);
    const run = { from, count, time_s };
    this.runs.push(run);
    this.next = end;
    return run;
  }

  /** Neighbouring runs joined: at most a few draw calls. */
  spans(): { from: number; count: number }[] {
    const out: { from: number; count: number }[] = [];
    for (const run of this.runs) {
      const last = out.at(-1);
      if (last && last.from + last.count === run.from) last.count += run.count;
      else out.push({ from: run.from, count: run.count });
    }
    return out;
  }

  private forget(gone: (run: Run) => boolean): void {
    this.runs = this.runs.filter((run) => !gone(run));
  }
}
