import { useEffect, useState } from "preact/hooks";
import { attempt, openIncident, openTrack } from "../actions";
import { get, post, type Picture } from "../api";
import { can, looking_back, now_ms, picture, session, site } from "../state";
import { Ago, At, Button, Empty, Field, party, Pill } from "../ui";
import { DEG } from "../units";
import { isSilent, openIncidents, waitingAlerts } from "../order";
import type { Words } from "../types";
import { say, t, term } from "../words";
import { due, restrictionOf, rungOf } from "./incidents";

interface Entry { seq: number; now_ns: number; kind: string; type: string; bytes: number; digest: string; body: unknown }

/** The record, newest last, and whether its chain holds. */
export function JournalPage() {
  const [entries, setEntries] = useState<Entry[]>([]);
  const [kind, setKind] = useState("event");
  const [from, setFrom] = useState("newest=true");
  const [next, setNext] = useState<number | null>(null);
  const [checked, setChecked] = useState<{ ok: boolean; entries: number; head: string; problem?: string } | null>(null);
  const seq = picture.value?.journal.seq ?? 0;
  useEffect(() => {
    let gone = false;
    get<{ entries: Entry[]; next: number | null }>(`/api/journal?limit=100&${from}${kind === "event" ? "&kind=event&without=InputRejected" : kind ? `&type=${encodeURIComponent(kind)}` : ""}`).then(
      (answer) => {
        if (gone) return;
        setEntries(answer.entries);
        setNext(answer.next);
      },
      () => gone || setEntries([]),
    );
    return () => {
      gone = true;
    };
  }, [from, kind]);
  const first = entries[0]?.seq ?? 1;
  return (
    <section class="page narrow" aria-labelledby="journal-title">
      <h1 id="journal-title">{t("journal.title")}</h1>
      <p class="muted num">
        {t("journal.head", { seq, head: (picture.value?.journal.head ?? "").slice(0, 16) })}
      </p>
      <div class="row end">
        <Button onClick={() => void attempt(async () => setChecked(await get("/api/journal/verify")), "")}>{t("journal.verify")}</Button>
        {checked ? (
          <Pill tone={checked.ok ? "good" : "bad"}>{checked.ok ? t("journal.holds", { n: checked.entries }) : (checked.problem ?? t("journal.broken"))}</Pill>
        ) : null}
        <span class="grow" />
        <Field label={t("journal.kind")}>
          <select value={kind} onChange={(e) => {
              setKind(e.currentTarget.value);
              setFrom("newest=true");
            }}>
            <option value="event">{t("journal.said")}</option>
            <option value="">{t("journal.all")}</option>
            {["IncidentChanged", "RestrictionChanged", "NoticeChanged", "QuestionChanged", "ClaimRecorded", "FriendFiled", "CountermeasureFiled", "IdentityChanged", "CommandRefused", "Reminder", "LogWritten"].map((k) => (
              <option key={k} value={k}>
                {term("event", k)}
              </option>
            ))}
          </select>
        </Field>
        <Button disabled={first <= 1} onClick={() => setFrom(`before=${first}`)}>{t("journal.earlier")}</Button>
        <Button disabled={next === null} onClick={() => setFrom(`after=${next}`)}>{t("journal.later")}</Button>
      </div>
      {entries.length ? null : <Empty>{t("journal.none")}</Empty>}
      <ol class="journal">
        {entries.map((e) => (
          <li key={e.seq}>
            <details>
              <summary>
                <span class="num muted">{e.seq}</span> <At ns={e.now_ns} seconds /> {term("event", e.type || e.kind)} <span class="muted">{gist(e.body)}</span>
              </summary>
              <pre tabIndex={0}>{JSON.stringify(e.body, null, 1)}
{e.digest}</pre>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The ids and states in an entry, as a hint. */
function gist(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const inner = Object.values(body).find((v): v is Record<string, unknown> => typeof v === "object" && v !== null && "id" in v);
  const from = inner ?? (body as Record<string, unknown>);
  const group = inner ? (["incident", "restriction", "notice"].find((name) => name in (body as object)) ?? "") : "";
  const told = (key: string): unknown =>
    key === "state" ? term(group, String(from[key])) : key === "said" ? term("class", String(from[key])) : key === "party" ? party(String(from[key])) : from[key];
  return ["id", "track_id", "rung", "party", "state", "said", "about"]
    .filter((k) => from[k] !== undefined && from[k] !== null && from[k] !== "")
    .map(told)
    .join(" · ");
}

/** Watch relief: one page of what is open, owed and unanswered; both sign. */
export function ReliefPage() {
  const p = picture.value;
  const [off, setOff] = useState(session.value?.name ?? "");
  const [on, setOn] = useState("");
  const [notes, setNotes] = useState("");
  if (!p) return null;
  const open = openIncidents();
  const unread = p.notices.filter((n) => n.acknowledged_ns === null && n.kind !== "escalation");
  const asked = p.questions.filter((q) => !q.answer);
  const alerts = waitingAlerts(p.alerts);
  const changed = changes(p).filter((c) => now_ms.value * 1e6 - c.at_ns < 3600e9);
  const silent = p.feeds.filter(isSilent);
  return (
    <section class="page narrow relief" aria-labelledby="relief-title">
      <h1 id="relief-title">{t("relief.title")}</h1>
      <h2>{t("relief.open")} <span class="count num">{open.length}</span></h2>
      {open.length ? null : <Empty>{t("relief.nothing")}</Empty>}
      <ul>
        {open.map((i) => {
          const r = restrictionOf(i.id);
          return (
            <li key={i.id}>
              <button type="button" class="link" onClick={() => openIncident(i.id)}>{i.id}</button> {i.exposure} {i.grade}, {term("incident", i.state)}: {say(i.why)}
              {r ? <b> {r.id}, {rungOf(r)}, {term("restriction", r.state)}. {due(r)}</b> : null}
            </li>
          );
        })}
      </ul>
      <h2>{t("relief.owed")}</h2>
      <ul>
        <li>{t("relief.unread", { n: unread.length })}{unread.length ? `: ${[...new Set(unread.map((n) => party(n.party)))].join(", ")}` : ""}</li>
        <li>{t("relief.alerts", { n: alerts.length })}{alerts.length ? `: ${alerts.map((group) => group[0]!.about).filter(Boolean).join(", ")}` : ""}</li>
        <li>{t("relief.silent", { n: silent.length })}{silent.length ? `: ${silent.map((f) => f.name).join(", ")}` : ""}</li>
      </ul>
      <h2>{t("relief.unanswered")} <span class="count num">{asked.length}</span></h2>
      <ul>
        {asked.map((q) => <li key={q.id}>{q.id} {party(q.party)}: “{q.text}” <Ago ns={q.asked_ns} /></li>)}
      </ul>
      <h2>{t("relief.changed")} <span class="count num">{changed.length}</span></h2>
      <ul>
        {changed.map((c) => <li key={`${c.id} ${c.what} ${c.at_ns}`}><At ns={c.at_ns} /> <b>{c.id}</b> {c.what}</li>)}
      </ul>
      {p.log.some((l) => l.kind === "phone") ? <h2>{t("relief.phone")}</h2> : null}
      <ul>
        {p.log.filter((l) => l.kind === "phone").slice(-8).map((l) => <li key={`${l.time_ns}`}><At ns={l.time_ns} /> {l.by}: {l.text} {l.incident_id}</li>)}
      </ul>
      <Signatures />
      {can("operator") && !looking_back.value ? (
        <form
          class="act column"
          onSubmit={(e) => {
            e.preventDefault();
            void attempt(() => post("/api/relief", { off, on, notes }), t("done.relief"));
          }}
        >
          <p>{t("relief.sign_as", { name: session.value?.name ?? "" })}</p>
          <Field label={t("relief.off")}>
            <input required value={off} onInput={(e) => setOff(e.currentTarget.value)} />
          </Field>
          <Field label={t("relief.on")}>
            <input required value={on} onInput={(e) => setOn(e.currentTarget.value)} />
          </Field>
          <Field label={t("relief.notes")}>
            <textarea rows={3} value={notes} onInput={(e) => setNotes(e.currentTarget.value)} />
          </Field>
          <Button tone="primary" type="submit">{t("relief.sign")}</Button>
        </form>
      ) : null}
    </section>
  );
}

interface Change { at_ns: number; id: string; what: string }

/** What became of incidents, restrictions and questions, the newest first: the next officer reads it in that order. */
function changes(p: Picture): Change[] {
  const found: Change[] = [];
  const add = (at_ns: number | null, id: string, what: string) => at_ns !== null && found.push({ at_ns, id, what });
  for (const i of p.incidents) {
    const verdict = i.verdict ? `: ${term("verdict", i.verdict)} – ${i.verdict_reason}` : "";
    add(i.opened_ns, i.id, `${term("rule", i.rule)}, ${term("incident", "open")}`);
    if (i.updated_ns > i.opened_ns) add(i.updated_ns, i.id, `${term("incident", i.state)}, ${i.exposure} ${i.grade}${verdict}`);
  }
  for (const r of p.restrictions) {
    const by = r.authority_number ? ` ${r.authority_number}` : "";
    const told = (state: string) => `${term("restriction", state)} (${r.incident_id}, ${rungOf(r)})`;
    add(r.requested_ns, r.id, told("requested"));
    add(r.issued_ns, r.id, told("issued") + by);
    add(r.ended_ns, r.id, told(r.state));
  }
  for (const q of p.questions) {
    add(q.asked_ns, q.id, `${party(q.party)}: “${q.text}”`);
    add(q.answered_ns, q.id, `${q.answered_by}: “${q.answer}”`);
  }
  return found.sort((a, b) => b.at_ns - a.at_ns);
}

interface Relief { off: string; on: string; signed: { by: string; time_ns: number }[]; complete: boolean }

/** The relief under way: who has signed, who has not. */
function Signatures() {
  const [relief, setRelief] = useState<Relief | null>(null);
  const seen = picture.value?.log.filter((l) => l.kind === "relief").length ?? 0;
  useEffect(() => {
    get<Relief>("/api/relief").then(setRelief, () => setRelief(null));
  }, [seen]);
  if (!relief?.off) return null;
  return (
    <p class="verdict">
      {t("relief.state", { off: relief.off, on: relief.on })}{" "}
      {relief.signed.map((s) => (
        <span key={s.by} class="good">
          ✓ {s.by} <At ns={s.time_ns} />{" "}
        </span>
      ))}
      <b>{relief.complete ? t("relief.complete") : t("relief.waits")}</b>
    </p>
  );
}

/** What a person saw: from where, in which direction, in their words. */
export function SightingPage() {
  const origin = site.value!.sector.origin;
  const [f, setF] = useState({
    lat: (origin.latitude_rad * DEG).toFixed(4),
    lon: (origin.longitude_rad * DEG).toFixed(4),
    azimuth: "",
    elevation: "",
    observer: "",
    words: "",
    ago: "0",
    duration: "",
    movement: "",
    lights: "",
    sound: "",
    landmarks: "",
  });
  const [filed, setFiled] = useState(0);
  const set = (change: Partial<typeof f>) => setF({ ...f, ...change });
  const number = (text: string) => (text === "" ? null : Number(text) / DEG);
  const submit = (event: Event) => {
    event.preventDefault();
    void attempt(
      async () => {
        await post("/api/sightings", {
          observer: f.observer,
          latitude_rad: Number(f.lat) / DEG,
          longitude_rad: Number(f.lon) / DEG,
          azimuth_rad: f.azimuth === "" ? null : (((Number(f.azimuth) % 360) + 360) % 360) / DEG,
          elevation_rad: number(f.elevation),
          words: f.words,
          seconds_ago: Number(f.ago) * 60,
          duration_s: f.duration === "" ? null : Number(f.duration),
          movement: f.movement,
          lights: f.lights,
          sound: f.sound,
          landmarks: f.landmarks,
        });
        setFiled(filed + 1);
      },
      t("done.sighting"),
    );
  };
  const text = (name: "lat" | "lon" | "azimuth" | "elevation" | "observer" | "ago" | "duration" | "landmarks", label: string, type: "text" | "number", required: boolean, hint = "") => (
    <Field label={label} {...(hint ? { hint } : {})}>
      <input type={type as "number"} step="any" required={required} value={f[name]} onInput={(e) => set({ [name]: e.currentTarget.value })} />
    </Field>
  );
  const choice = (name: "movement" | "lights" | "sound", label: string, options: readonly string[]) => (
    <Field label={label}>
      <select value={f[name]} onChange={(e) => set({ [name]: e.currentTarget.value })}>
        <option value="">{t("sighting.untold")}</option>
        {options.map((one) => <option key={one} value={one}>{term(name, one)}</option>)}
      </select>
    </Field>
  );
  return (
    <section class="page narrow" aria-labelledby="sighting-title">
      <h1 id="sighting-title">{t("sighting.title")}</h1>
      <p class="muted">{t("sighting.lead")}</p>
      <form class="grid-form" onSubmit={submit}>
        {text("observer", t("sighting.who"), "text", true)}
        {text("ago", t("sighting.when"), "number", true)}
        {text("lat", t("friend.lat"), "number", true)}
        {text("lon", t("friend.lon"), "number", true)}
        {text("azimuth", t("sighting.azimuth"), "number", false, t("sighting.azimuth_hint"))}
        {text("elevation", t("sighting.elevation"), "number", false, t("sighting.elevation_hint"))}
        {text("landmarks", t("sighting.landmarks"), "text", false, t("sighting.landmarks_hint"))}
        {text("duration", t("sighting.duration"), "number", false)}
        {choice("movement", t("sighting.movement"), ["still", "slow", "steady", "fast", "erratic"])}
        {choice("lights", t("sighting.lights"), ["none", "steady", "flashing", "coloured"])}
        {choice("sound", t("sighting.sound"), ["none", "buzzing", "engine", "other"])}
        <label class="field wide">
          <span class="field-label">{t("sighting.words")}</span>
          <textarea required rows={3} value={f.words} onInput={(e) => set({ words: e.currentTarget.value })} />
        </label>
        <Button tone="primary" type="submit">{t("sighting.file")}</Button>
      </form>
      {can("operator") ? <SightingAnswers filed={filed} /> : null}
    </section>
  );
}

interface Sighted { time_ns: number; observer: string; light: string; track_id: number; sentence: Words; told: Words }

/** What stands where somebody saw something: a held object, a star, the Moon, or nothing known. */
function SightingAnswers({ filed }: { filed: number }) {
  const [told, setTold] = useState<Sighted[]>([]);
  useEffect(() => {
    const load = () => get<{ sightings: Sighted[] }>("/api/sightings").then((answer) => setTold(answer.sightings), () => undefined);
    void load();
    // It is looked up with the next step of the picture, and each reading is written down: asked for twice, not for ever.
    const later = filed ? setTimeout(() => void load(), 2500) : undefined;
    return () => clearTimeout(later);
  }, [filed]);
  return (
    <>
      <h2>{t("sighting.answers")} <span class="count num">{told.length}</span></h2>
      {told.length ? null : <Empty>{t("sighting.none")}</Empty>}
      <ol class="cards sighted" aria-live="polite">
        {told.map((s) => (
          <li key={`${s.time_ns} ${s.observer}`} class="card flat">
            <span class="card-head"><At ns={s.time_ns} /> <b class="rule">{s.observer}</b>
              {s.track_id ? <button type="button" class="link" onClick={() => openTrack(s.track_id)}>→ {t("object.title", { id: s.track_id })}</button> : null}
            </span>
            <span class="card-text">{say(s.sentence)}</span>
            {say(s.told) ? <span class="card-text muted">{say(s.told)}</span> : null}
          </li>
        ))}
      </ol>
    </>
  );
}
