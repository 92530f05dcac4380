import { useEffect, useState } from "preact/hooks";
import { jump, live, pause, play } from "../actions";
import { get } from "../api";
import { link, liveness, now_ms, site, tick } from "../state";
import { Button } from "../ui";
import { clock, dayClock, ms } from "../units";
import { language, t } from "../words";

const SPEEDS = [1, 5, 20, 60];

/** Live, pause, scrub, replay: "what did we know then?" with the same screens. */
export function TimeBar() {
  tick.value;
  const [range, setRange] = useState<{ from_ns: number; to_ns: number } | null>(null);
  const [aim, setAim] = useState<number | null>(null);
  useEffect(() => {
    const load = () => get<{ from_ns: number; to_ns: number }>("/api/record").then(setRange, () => setRange(null));
    void load();
    const timer = setInterval(load, 15_000);
    return () => clearInterval(timer);
  }, []);
  const zone = site.value?.local_timezone ?? "UTC";
  const back = link.value.at !== "";
  const from = range ? ms(range.from_ns) : now_ms.value - 3_600_000;
  const to = Math.max(range ? ms(range.to_ns) : 0, back ? 0 : now_ms.value, from + 1000);
  const value = aim ?? Math.min(Math.max(now_ms.value, from), to);
  return (
    <footer class={`timebar ${back ? "back" : ""}`} aria-label={t("time.title")}>
      <Button tone={back ? "primary" : "quiet"} onClick={live} hint="l" aria-pressed={!back}>
        {t("time.live")}
      </Button>
      <Button tone="quiet" onClick={pause} aria-keyshortcuts="Space" aria-label={back && link.value.speed === 0 ? t("time.play") : t("time.pause")}>
        {back && link.value.speed === 0 ? "▶" : "❚❚"}
      </Button>
      <input
        id="scrub"
        type="range"
        min={from}
        max={to}
        step={1000}
        value={value}
        aria-label={t("time.scrub")}
        aria-valuetext={`${clock(value)} UTC`}
        onInput={(e) => setAim(Number(e.currentTarget.value))}
        onChange={(e) => {
          setAim(null);
          jump(Number(e.currentTarget.value));
        }}
      />
      <span class="num when">
        {dayClock(value, "UTC", language.value)} UTC <span class="muted">{clock(value, zone, false)} {t("time.local")}</span>
      </span>
      <span class="segmented" role="group" aria-label={t("time.speed")}>
        {SPEEDS.map((s) => (
          <button key={s} type="button" class="num" aria-pressed={back && link.value.speed === s} onClick={() => play(s)}>
            ×{s}
          </button>
        ))}
      </span>
      {back ? <span class="known">{liveness.value === "paused" && link.value.speed > 0 ? t("time.end") : t("time.known")}</span> : null}
    </footer>
  );
}
