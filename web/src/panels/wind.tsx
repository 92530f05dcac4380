import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import { link, looking_back } from "../state";
import { bearing, feet, fixed, knots } from "../units";
import { t } from "../words";

interface Level { height_ground_m: number; east_m_s: number; north_m_s: number; sigma_m_s: number; known: boolean }
const EVERY_MS = 30_000;

/** The wind over the centre at three heights: an arrow where it blows to, a number where it comes from. */
export function WindBox() {
  const [levels, setLevels] = useState<Level[]>([]);
  const shown = link.value.view === "map" && !looking_back.value;
  useEffect(() => {
    if (!shown) return;
    const load = () => void get<{ levels: Level[] }>("/api/wind").then((answer) => setLevels(answer.levels), () => setLevels([]));
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, [shown]);
  if (!shown || !levels.length) return null;
  return (
    <section class="wind-box" aria-label={t("wind.title")}>
      <h3>{t("wind.title")}</h3>
      {levels.some((level) => level.known) ? (
        <ul>
          {[...levels].reverse().map((level) => (
            <li key={level.height_ground_m} class="num">
              <span class="muted">{feet(level.height_ground_m)} ft</span>
              {level.known ? <Arrow level={level} /> : <span class="muted">{t("wind.unknown")}</span>}
            </li>
          ))}
        </ul>
      ) : <p class="muted">{t("wind.unknown")}</p>}
    </section>
  );
}

function Arrow({ level }: { level: Level }) {
  const to_rad = Math.atan2(level.east_m_s, level.north_m_s);
  return (
    <>
      <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
        <path d="M0 7V-7M-3.5 -3L0 -7L3.5 -3" transform={`rotate(${((to_rad * 180) / Math.PI).toFixed(0)})`} />
      </svg>
      <span>{bearing((to_rad + Math.PI) % (2 * Math.PI))}</span>
      <span>{knots(Math.hypot(level.east_m_s, level.north_m_s))} kt</span>
      <span class="muted">± {fixed((2 * level.sigma_m_s * 3600) / 1852)}</span>
    </>
  );
}
