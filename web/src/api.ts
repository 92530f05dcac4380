/** The server's JSON routes. One place for the CSRF header, refusals and ETags. */
import type { Claim, Countermeasure, Friend, Incident, Notice, Question, Restriction, Site, Words } from "./types";

export interface Session { name: string; roles: string[]; csrf: string; exercise: boolean; site: string; version: string; language: "en" | "es"; party: string; still: boolean; password: boolean; tiles: string }
export interface Feed {
  name: string; state: string; words: string; messages: number; detections: number; dropped: number; last_ns: number;
  latency_s: number; kind: string; listening: boolean; rejected: Record<string, number>; rate_hz: number; wait_s: number;
  clock_ahead_s: number; clock_corrected_s: number; captures_signalling: boolean; decodes_content: boolean;
  legal_basis: string; basis_recorded_by: string; content_allowed_by: string;
}
export interface Output {
  name: string; kind: string; purpose: string; state: string; words: string; sent: number; queued: number;
  dropped: Record<string, number>; last_sent_ns: number;
}
export interface Alert { id: string; time_ns: number; severity: string; kind: string; about: string; words: Words; count: number; acknowledged_by: string; acknowledged_ns: number | null }
export interface LogEntry { kind: string; text: string; by: string; time_ns: number; with_whom: string; incident_id: string; about: string }
export interface Picture {
  now_ns: number;
  exercise: boolean;
  incidents: Incident[];
  restrictions: Restriction[];
  notices: Notice[];
  questions: Question[];
  claims: Claim[];
  friends: Friend[];
  countermeasures: Countermeasure[];
  feeds: Feed[];
  alerts: Alert[];
  log: LogEntry[];
  failed: string;
  journal: { head: string; seq: number };
}
export interface Evidence { source: string; sentence: Words; log_likelihood: Record<string, number>; weight: number }
export interface Explanation {
  track_id: number;
  motion: Record<string, number>;
  classes: Record<string, number>;
  attributes: Record<string, boolean | null>;
  said: string;
  said_motion: string;
  evidence: Evidence[];
  sentence: Words;
  would_settle: Words;
  decided_after_s: number | null;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field = "",
  ) {
    super(message);
  }
}

let csrf = "";
export const setCsrf = (token: string): void => {
  csrf = token;
};

async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await send(method, path, body, headers);
  return (answer.status === 204 ? null : await answer.json()) as T;
}

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-CSRF-Token": csrf }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, "");
  }
  if (!answer.ok && answer.status !== 304) {
    const told = (await answer.json().catch(() => ({}))) as { error?: string; field?: string; refusal?: Words };
    throw new ApiError(answer.status, told.error ?? answer.statusText, told.field ?? "");
  }
  return answer;
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("PATCH", path, body);
export const del = <T>(path: string): Promise<T> => call<T>("DELETE", path);

const tags = new Map<string, { etag: string; value: unknown }>();
/** GET that costs nothing when nothing changed. */
export async function getCached<T>(path: string): Promise<T> {
  const known = tags.get(path);
  const answer = await send("GET", path, undefined, known ? { "If-None-Match": known.etag } : {});
  if (answer.status === 304 && known) return known.value as T;
  const value = (await answer.json()) as T;
  const etag = answer.headers.get("ETag");
  if (etag) tags.set(path, { etag, value });
  return value;
}

export const session = {
  read: () => get<Session>("/api/session"),
  open: (name: string, password: string) => post<Session>("/api/session", { name, password }),
  close: () => del<null>("/api/session"),
  firstAdmin: (token: string, name: string, password: string) => post<Session>("/api/first-admin", { token, name, password }),
  password: (current: string, password: string) => post<Session>("/api/session/password", { current, password }),
  link: (token: string) => post<Session>("/api/enter", { token }),
};
export const site = (): Promise<Site> => getCached<Site>("/api/site");
export const picture = (at: string): Promise<Picture> =>
  at ? get<Picture>(`/api/picture?at=${encodeURIComponent(at)}`) : getCached<Picture>("/api/picture");

export interface CommandAnswer { accepted: boolean; refusal?: Words | null; events?: unknown[] }
export const command = (name: string, fields: Record<string, unknown>): Promise<CommandAnswer> =>
  post<CommandAnswer>(`/api/commands/${name}`, fields);
