import { useState } from "preact/hooks";
import { order } from "../actions";
import { CLASSES } from "../live/frame";
import { can, looking_back, now_ms, picture, site } from "../state";
import { At, Button, Countdown, Empty, Field, Mark, party, Pill } from "../ui";
import { DEG, feet, ms } from "../units";
import { t, term } from "../words";

/** Own and friendly flights, and counter-drone activity, filed before they fly. */
export function FriendsPage() {
  const friends = [...(picture.value?.friends ?? [])].sort((a, b) => b.to_ns - a.to_ns);
  const activities = picture.value?.countermeasures ?? [];
  return (
    <section class="page narrow" aria-labelledby="friends-title">
      <h1 id="friends-title">{t("friends.title")}</h1>
      <p class="muted">{t("friends.lead")}</p>
      {friends.length ? null : <Empty>{t("friends.none")}</Empty>}
      <ul class="cards">
        {friends.map((f) => (
          <li key={f.id} class="card flat">
            <span class="card-head">
              <Mark of={f.what} size={16} />
              <b class="num">{f.id}</b> {party(f.operator)} · {term("class", f.what)}
              {f.radio_silent ? <Pill tone="warn">{t("friends.silent")}</Pill> : null}
              <span class="grow" />
              <Period from_ns={f.from_ns} to_ns={f.to_ns} />
            </span>
            <span class="card-text">
              {t("friends.up_to", { height: feet(f.upper_height_ground_m) })} {f.words}
            </span>
          </li>
        ))}
      </ul>
      {can("operator") && !looking_back.value ? <FileFriend /> : null}
      <h2>{t("intent.title")}</h2>
      <p class="muted">{t("intent.lead")}</p>
      {activities.length ? null : <Empty>{t("intent.none")}</Empty>}
      <ul class="cards">
        {activities.map((c) => (
          <li key={c.id} class="card flat">
            <span class="card-head">
              <b class="num">{c.id}</b> {c.operator} · {term("means", c.means)}
              <Pill tone={c.aviation_review === "finished" ? "good" : "bad"}>
                {t("map.review", { review: term("review", c.aviation_review) })}
              </Pill>
              <span class="grow" />
              <Period from_ns={c.from_ns} to_ns={c.to_ns} />
            </span>
            <span class="card-text">{c.words}</span>
            {can("operator") && !looking_back.value && ms(c.to_ns) > now_ms.value ? <Withdraw id={c.id} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Period({ from_ns, to_ns }: { from_ns: number; to_ns: number }) {
  const started = ms(from_ns) <= now_ms.value;
  return (
    <span class="muted">
      <At ns={from_ns} /> – <At ns={to_ns} />{" "}
      {ms(to_ns) > now_ms.value ? <Countdown until_ns={started ? to_ns : from_ns} label={started ? t("friends.ends") : t("friends.starts")} /> : t("friends.over")}
    </span>
  );
}

function Withdraw({ id }: { id: string }) {
  const [reason, setReason] = useState("");
  return (
    <form
      class="act"
      onSubmit={(e) => {
        e.preventDefault();
        void order("WithdrawCountermeasure", { countermeasure_id: id, reason }, t("done.withdrawn", { id }));
      }}
    >
      <label class="grow">
        <span class="field-label">{t("act.reason")}</span>
        <input required value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
      </label>
      <Button type="submit">{t("act.withdraw")}</Button>
    </form>
  );
}

function FileFriend() {
  const origin = site.value!.sector.origin;
  const [f, setF] = useState({
    operator: "",
    what: "drone",
    lat: (origin.latitude_rad * DEG).toFixed(4),
    lon: (origin.longitude_rad * DEG).toFixed(4),
    radius: "1000",
    top: "400",
    minutes: "30",
    silent: false,
    words: "",
  });
  const set = (change: Partial<typeof f>) => setF({ ...f, ...change });
  const submit = (event: Event) => {
    event.preventDefault();
    const lat = Number(f.lat) / DEG;
    const lon = Number(f.lon) / DEG;
    const r = Number(f.radius) / 6_371_008.8;
    const polygon = Array.from({ length: 24 }, (_, k) => {
      const a = (k / 24) * 2 * Math.PI;
      return { latitude_rad: lat + r * Math.cos(a), longitude_rad: lon + (r * Math.sin(a)) / Math.cos(lat) };
    });
    const from_ms = Math.round(now_ms.value);
    const friend = {
      id: "",
      operator: f.operator,
      what: f.what,
      polygon,
      upper_height_ground_m: Number(f.top) * 0.3048,
      from_ns: from_ms * 1e6,
      to_ns: (from_ms + Number(f.minutes) * 60_000) * 1e6,
      radio_silent: f.silent,
      words: f.words,
    };
    void order("FileFriend", { friend }, t("done.friend"));
  };
  const text = (name: "operator" | "lat" | "lon" | "radius" | "top" | "minutes" | "words", label: string, type: "text" | "number" = "text", required = true) => (
    <Field label={label}>
      <input type={type as "number"} step="any" required={required} value={f[name]} onInput={(e) => set({ [name]: e.currentTarget.value })} />
    </Field>
  );
  return (
    <details>
      <summary>{t("friend.new")}</summary>
      <form class="grid-form" onSubmit={submit}>
        {text("operator", t("friend.operator"))}
        <Field label={t("friend.what")}>
          <select value={f.what} onChange={(e) => set({ what: e.currentTarget.value })}>
            {CLASSES.filter((c) => c !== "clutter" && c !== "unknown").map((c) => (
              <option key={c} value={c}>
                {term("class", c)}
              </option>
            ))}
          </select>
        </Field>
        {text("lat", t("friend.lat"), "number")}
        {text("lon", t("friend.lon"), "number")}
        {text("radius", t("friend.radius"), "number")}
        {text("top", t("friend.top"), "number")}
        {text("minutes", t("friend.minutes"), "number")}
        {text("words", t("friend.words"), "text", false)}
        <label class="check">
          <input type="checkbox" checked={f.silent} onChange={(e) => set({ silent: e.currentTarget.checked })} /> {t("friends.silent")}
        </label>
        <Button tone="primary" type="submit">
          {t("friend.file")}
        </Button>
      </form>
    </details>
  );
}
