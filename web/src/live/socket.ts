/** The live line: frames in, again and again after it breaks. The only owner of `store`, `tick` and `liveness`. */
import { batch } from "@preact/signals";
import { picture as fetchPicture, ApiError } from "../api";
import { frame_exercise, last_frame_ms, link, liveness, now_ms, picture, session, store, tick } from "../state";
import { decodeFrame, type Frame } from "./frame";

const QUIET_MS = 5000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

let socket: WebSocket | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;
let wait_ms = FIRST_WAIT_MS;
let revision = -1;
let asking = false;
let wanted = "";
let one_frame = false;

/** Frames of now. */
export const goLive = (): void => open("/api/live", false);

/** Frames of the record from `at` on; speed 0 shows that one instant. */
export const goBack = (at: string, speed: number): void =>
  open(`/api/replay?from=${encodeURIComponent(at)}&speed=${Math.max(1, speed)}${speed === 0 ? "&paused=1" : ""}`, speed === 0);

const ASK_EVERY_MS = 3000;
/** A partner's desk has no frames: its own part of the picture is asked for every few seconds. */
export function goAsking(): void {
  hangUp();
  wanted = "picture";
  const ask = async () => {
    if (await refresh())
      batch(() => {
        now_ms.value = picture.value!.now_ns / 1e6;
        last_frame_ms.value = performance.now();
        liveness.value = "live";
        tick.value++;
      });
    if (wanted === "picture") waiting = setTimeout(() => void ask(), ASK_EVERY_MS);
  };
  void ask();
}

export function hangUp(): void {
  clearTimeout(waiting);
  wanted = "";
  close();
}

function close(): void {
  if (!socket) return;
  socket.onclose = socket.onmessage = null;
  socket.close();
  socket = null;
}

function open(path: string, one: boolean): void {
  clearTimeout(waiting);
  close();
  if (path !== wanted) {
    store.clear();
    revision = -1;
    wait_ms = FIRST_WAIT_MS;
  }
  wanted = path;
  one_frame = one;
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const line = new WebSocket(url);
  socket = line;
  line.binaryType = "arraybuffer";
  let heard = false;
  line.onmessage = (event) => {
    heard = true;
    if (event.data instanceof ArrayBuffer) receive(decodeFrame(event.data));
  };
  line.onclose = () => {
    socket = null;
    if (one_frame || wanted !== path) return;
    if (!path.startsWith("/api/live")) {
      liveness.value = "lost"; // the server closes no replay that it can play
      return;
    }
    if (!heard) void refresh(); // tells an expired session from a server that is away
    waiting = setTimeout(() => open(path, false), wait_ms * (0.75 + 0.5 * Math.random()));
    wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
  };
}

function receive(frame: Frame): void {
  wait_ms = FIRST_WAIT_MS;
  store.apply(frame);
  batch(() => {
    now_ms.value = frame.now_ms;
    frame_exercise.value = frame.exercise;
    last_frame_ms.value = performance.now();
    liveness.value = one_frame ? "paused" : frame.replay ? "replay" : "live";
    tick.value++;
  });
  // What changes rarely is fetched when the frame says that it has; of the past, every few seconds.
  if (frame.cold_revision !== revision) {
    revision = frame.cold_revision;
    void refresh();
  }
  if (one_frame) close();
}

let again = false;
/** Fetch the picture now; what is asked for meanwhile is fetched once more afterwards. */
export async function refresh(): Promise<boolean> {
  if (asking) {
    again = true;
    return false;
  }
  asking = true;
  try {
    const past = link.value.at !== "";
    picture.value = await fetchPicture(past ? new Date(now_ms.value).toISOString() : "");
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    return false;
  } finally {
    asking = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

/** Called every second: silence on the line is said aloud. */
export function watchQuiet(): void {
  if (liveness.value !== "live" && liveness.value !== "replay") return;
  if (performance.now() - last_frame_ms.value > QUIET_MS) liveness.value = "lost";
}
