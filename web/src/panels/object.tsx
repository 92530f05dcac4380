import { useEffect, useState } from "preact/hooks";
import { back, go, openIncident, order } from "../actions";
import { get, type Explanation } from "../api";
import { CLASSES, COASTING, COOPERATIVE, DARK, EMITTING, FRIEND, GROUP, INCIDENT, MOTIONS } from "../live/frame";
import { can, link, looking_back, now_ms, picture, site, store, tick } from "../state";
import { Bar, Button, Empty, Mark, Pill } from "../ui";
import { band, bearing, DEG, feet, fixed, knots, M_PER_FT, percent, place } from "../units";
import type { Point } from "../types";
import { say, t, term } from "../words";
import { VelocityPlot } from "../plots/velocity";
import { ClassPlot, StripPlot } from "../plots/strip";
import { ToldButtons } from "./dialogs";
import { Claims } from "./decision";

export interface TrackDetail {
  explanation: Explanation | null;
  wind: { east_m_s: number; north_m_s: number; covariance: number[][] };
  velocity_covariance: number[][];
  altitude_amsl_m: number | null;
  sensors: string[];
  callsign: string;
  drift: { seconds: number; place: Point; radius_m: number }[];
}
export interface History {
  time_ns: number[];
  lat_deg: number[];
  lon_deg: number[];
  height_ellipsoid_m: (number | null)[];
  east_m_s: number[];
  north_m_s: number[];
  /** One list per class, in the order of CLASSES. */
  class_probability: (number | null)[][];
  wind_east_m_s: number[];
  wind_north_m_s: number[];
  wind_sigma_m_s: number[];
}

const EVERY_MS = 2000;

/** What is asked of the server for the chosen track, again every two seconds while it is shown. */
export function useTrack(id: number): { detail: TrackDetail | null; history: History | null; gone: boolean } {
  const [detail, setDetail] = useState<TrackDetail | null>(null);
  const [history, setHistory] = useState<History | null>(null);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setDetail(null);
    setHistory(null);
    setGone(false);
    if (!id) return;
    let stopped = false;
    let round = 0;
    const load = async () => {
      if (round++ % 3 === 0)
        await get<History>(`/api/tracks/${id}/history`).then((h) => stopped || setHistory(h), () => undefined);
      // The reasons are those of now; of the past the history alone is shown.
      if (link.value.at) return;
      await get<TrackDetail>(`/api/tracks/${id}`).then(
        (next) => {
          if (stopped) return;
          setDetail(next);
          setGone(false);
        },
        () => stopped || setGone(true),
      );
    };
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [id, link.value.at]);
  return { detail, history, gone };
}

/** What is it, how sure, why, and what would settle it. */
export function ObjectPanel({ detail, history, gone }: ReturnType<typeof useTrack>) {
  tick.value;
  const id = link.value.track;
  const i = store.row(id);
  const row = i < 0 ? null : store.read(i);
  const e = detail?.explanation ?? null;
  const said = e?.said ?? row?.class ?? "unknown";
  const probability = e ? (e.classes[said] ?? 0) : (row?.probability ?? 0);
  const past = clipped(history, now_ms.value);
  const bars = e?.classes ?? chances(past);
  const incidents = (picture.value?.incidents ?? []).filter((x) => x.track_ids.includes(id));
  const offset_m = site.value?.sector.vertical.undulation_m ?? 0;
  return (
    <section class="panel-body object" aria-labelledby="object-title">
      <header class="panel-head">
        <Button tone="quiet" onClick={back} aria-label={t("back")}>
          ←
        </Button>
        <Mark of={said} size={26} hollow={!!(row && row.status & DARK)} />
        <h2 id="object-title" class="panel-title">
          {t("object.title", { id })} {detail?.callsign ? <span class="muted">{detail.callsign}</span> : null}
        </h2>
        {row ? (
          <Button tone="quiet" onClick={() => go({ lon_deg: row.lon_deg, lat_deg: row.lat_deg, zoom: Math.max(link.value.zoom ?? 0, 12.5) })}>
            {t("object.centre")}
          </Button>
        ) : null}
      </header>
      {!row && gone ? <Empty>{t("object.gone", { id })}</Empty> : null}
      <p class="says">
        <b>{term("class", said)}</b>
        <span>
          {term("band", band(probability))} <span class="num muted">({percent(probability)})</span>
        </span>
      </p>
      {row ? (
        <p class="row attributes">
          {row.status & FRIEND ? <Pill tone="good">{t("attr.friend")}</Pill> : null}
          {row.status & DARK ? <Pill tone="warn">{t("attr.dark")}</Pill> : null}
          {row.status & COOPERATIVE ? <Pill>{t("attr.cooperative")}</Pill> : null}
          {row.status & EMITTING ? <Pill>{t("attr.emitting")}</Pill> : null}
          {row.status & COASTING ? <Pill tone="warn">{t("attr.coasting")}</Pill> : null}
          {row.status & GROUP ? (
            <Pill tone="warn">
              {t("attr.group")}: {t("attr.group_why")}
            </Pill>
          ) : null}
          {row.status & INCIDENT ? <Pill tone="bad">{t("attr.incident")}</Pill> : null}
        </p>
      ) : null}
      {e ? <p class="lead">{say(e.sentence)}</p> : null}
      {incidents.map((x) => (
        <button key={x.id} type="button" class="link" onClick={() => openIncident(x.id)}>
          → {x.id} · {term("rule", x.rule)} · {x.exposure} {x.grade} · {term("incident", x.state)}
        </button>
      ))}
      {row ? (
        <dl class="numbers">
          <dt>{t("object.height_ground")}</dt>
          <dd class="num">{Number.isFinite(row.height_ground_m) ? `${feet(row.height_ground_m)} ft` : "–"}</dd>
          <dt>{t("object.altitude")}</dt>
          <dd class="num">{feet(row.height_ellipsoid_m - offset_m)} ft</dd>
          <dt>{t("object.speed")}</dt>
          <dd class="num">
            {knots(row.speed_m_s)} kt <span class="muted">{fixed(row.speed_m_s, 1)} m/s</span>
          </dd>
          <dt>{t("object.course")}</dt>
          <dd class="num">{row.speed_m_s < 0.5 ? "–" : bearing(row.course_rad)}</dd>
          <dt>{t("object.climb")}</dt>
          <dd class="num">{fixed(row.up_m_s, 1)} m/s</dd>
          <dt>{t("object.sigma")}</dt>
          <dd class="num">± {fixed(2 * row.sigma_major_m)} m</dd>
          <dt>{t("object.age")}</dt>
          <dd class="num">{fixed(row.age_s, 1)} s</dd>
          <dt>{t("object.existence")}</dt>
          <dd class="num">{percent(row.existence)}</dd>
          <dt>{t("object.sensors")}</dt>
          <dd class="wide">{detail?.sensors.join(", ") || "–"}</dd>
          <dt>{t("object.place")}</dt>
          <dd class="num wide">{place(row.lat_deg, row.lon_deg)}</dd>
        </dl>
      ) : null}
      {e ? (
        <>
          <h3>{t("object.moves")}</h3>
          <Bars values={e.motion} order={MOTIONS} group="motion" said={e.said_motion} />
        </>
      ) : null}
      {bars ? (
        <>
          <h3>{t("object.is")}</h3>
          <Bars values={bars} order={CLASSES} group="class" said={said} />
        </>
      ) : null}
      {e ? (
        <>
          <h3>{t("object.why")}</h3>
          <ul class="evidence">
            {e.evidence.map((item) => (
              <li key={item.source}>
                <span class="evidence-source">{term("source", item.source)}</span>
                <span>{say(item.sentence)}</span>
                <EvidenceFor item={item.log_likelihood} />
              </li>
            ))}
          </ul>
          <p class="settle">
            <b>{t("object.settle")}</b> {say(e.would_settle)}
          </p>
        </>
      ) : null}
      <Claims track={id} />
      {past && past.time_ns.length > 2 ? (
        <>
          <h3>{t("plot.velocity")}</h3>
          <VelocityPlot history={past} velocity_covariance={detail?.velocity_covariance ?? null} wind_covariance={detail?.wind.covariance ?? null} />
          <h3>{t("plot.height")}</h3>
          <StripPlot
            time_ns={past.time_ns}
            series={past.height_ellipsoid_m.map((h) => (h === null ? null : (h - offset_m) / M_PER_FT))}
            unit="ft"
            label={t("unit.amsl")}
          />
          <h3>{t("plot.classes")}</h3>
          <ClassPlot time_ns={past.time_ns} chances={past.class_probability} />
        </>
      ) : null}
      {can("operator") && !looking_back.value ? (
        <div class="row actions">
          <MarkFriend />
          <ToldButtons />
        </div>
      ) : null}
    </section>
  );
}

/** What had been recorded by then. */
function clipped(h: History | null, until_ms: number): History | null {
  if (!h || !looking_back.value) return h;
  const n = h.time_ns.filter((ns) => ns <= until_ms * 1e6).length;
  const cut = <T,>(column: T[]) => column.slice(0, n);
  return {
    time_ns: cut(h.time_ns),
    lat_deg: cut(h.lat_deg),
    lon_deg: cut(h.lon_deg),
    height_ellipsoid_m: cut(h.height_ellipsoid_m),
    east_m_s: cut(h.east_m_s),
    north_m_s: cut(h.north_m_s),
    class_probability: h.class_probability.map(cut),
    wind_east_m_s: cut(h.wind_east_m_s),
    wind_north_m_s: cut(h.wind_north_m_s),
    wind_sigma_m_s: cut(h.wind_sigma_m_s),
  };
}

function chances(h: History | null): Record<string, number> | null {
  if (!h?.time_ns.length) return null;
  return Object.fromEntries(CLASSES.map((name, k) => [name, h.class_probability[k]?.at(-1) ?? 0]));
}

function Bars({ values, order, group, said }: { values: Record<string, number>; order: readonly string[]; group: string; said: string }) {
  const shown = order.filter((name) => (values[name] ?? 0) >= 0.005 || name === said).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return (
    <ul class="bars">
      {shown.map((name) => (
        <li key={name} class={name === said ? "said" : ""}>
          <span class="bar-name">
            {group === "class" ? <Mark of={name} size={14} /> : null}
            {term(group, name)}
          </span>
          <Bar value={values[name] ?? 0} tone={group === "class" ? `c-${name}` : ""} />
          <span class="num">{percent(values[name] ?? 0)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Which classes one item of evidence speaks for and against. */
function EvidenceFor({ item }: { item: Record<string, number> }) {
  const all = Object.entries(item).filter(([name]) => name !== "unknown");
  const best = all.filter(([, v]) => v > -0.7).map(([name]) => term("class", name));
  const against = all.filter(([, v]) => v < -4).map(([name]) => term("class", name));
  if (best.length === all.length) return null;
  return (
    <span class="evidence-for muted">
      {best.length ? `+ ${best.join(", ")}` : ""}
      {against.length ? `  − ${against.join(", ")}` : ""}
    </span>
  );
}

/** Files a friendly flight round where the object is, for the next half hour. */
function MarkFriend() {
  const [open, setOpen] = useState(false);
  const [operator, setOperator] = useState("");
  const row = store.row(link.value.track);
  if (row < 0) return null;
  if (!open) return <Button onClick={() => setOpen(true)}>{t("friend.mark")}</Button>;
  const file = async (event: Event) => {
    event.preventDefault();
    const o = store.read(row);
    const half_lat = 1500 / 6_371_008.8;
    const lat = o.lat_deg / DEG;
    const lon = o.lon_deg / DEG;
    const half_lon = half_lat / Math.cos(lat);
    const corner = (a: number, b: number) => ({ latitude_rad: lat + a * half_lat, longitude_rad: lon + b * half_lon });
    const friend = {
      id: "",
      operator,
      what: o.class === "unknown" ? "drone" : o.class,
      polygon: [corner(-1, -1), corner(-1, 1), corner(1, 1), corner(1, -1)],
      upper_height_ground_m: Math.max(200, Number.isFinite(o.height_ground_m) ? o.height_ground_m + 150 : 500),
      from_ns: Math.round(now_ms.value) * 1e6,
      to_ns: (Math.round(now_ms.value) + 30 * 60_000) * 1e6,
      radio_silent: !(o.status & EMITTING),
      words: "",
    };
    if (await order("FileFriend", { friend }, t("done.friend"))) setOpen(false);
  };
  return (
    <form class="act" onSubmit={file}>
      <label class="grow">
        <span class="field-label">{t("friend.operator")}</span>
        <input required autofocus value={operator} onInput={(e) => setOperator(e.currentTarget.value)} />
      </label>
      <Button type="submit" tone="primary">
        {t("friend.file")}
      </Button>
    </form>
  );
}
