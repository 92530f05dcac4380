/** Ground velocity minus wind = velocity through the air: the one picture that tells drifting from flying. */
import type { History } from "../panels/object";
import { fixed } from "../units";
import { t } from "../words";

const SIZE = 260;
const LAST = 90;

type Pair = readonly [east: number, north: number];

/** Axes and rotation of a 2 × 2 covariance in east, north: [major, minor, angle from east]. */
export function ellipseOf(c: number[][]): [number, number, number] {
  const a = c[0]?.[0] ?? 0;
  const b = c[0]?.[1] ?? 0;
  const d = c[1]?.[1] ?? 0;
  const mean = (a + d) / 2;
  const apart = Math.hypot((a - d) / 2, b);
  return [Math.sqrt(Math.max(mean + apart, 0)), Math.sqrt(Math.max(mean - apart, 0)), 0.5 * Math.atan2(2 * b, a - d)];
}

/** A round number at or above the largest value. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  for (const step of [1, 2, 5, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

interface Shown { history: History; velocity_covariance: number[][] | null; wind_covariance: number[][] | null }

export function VelocityPlot({ history, velocity_covariance, wind_covariance }: Shown) {
  const from = Math.max(0, history.time_ns.length - LAST);
  const ground: Pair[] = history.east_m_s.slice(from).map((e, k) => [e, history.north_m_s[from + k]!]);
  const winds: Pair[] = history.wind_east_m_s.slice(from).map((e, k) => [e, history.wind_north_m_s[from + k]!]);
  const air: Pair[] = ground.map(([e, n], k) => [e - winds[k]![0], n - winds[k]![1]]);
  const last = ground.at(-1)!;
  const wind = winds.at(-1)!;
  const through = air.at(-1)!;
  const sigma = history.wind_sigma_m_s.at(-1) ?? 0;
  const ofWind = wind_covariance ?? [[sigma ** 2, 0], [0, sigma ** 2]];
  const ofGround = velocity_covariance ?? [[0, 0], [0, 0]];
  const ofAir = ofWind.map((row, a) => row.map((v, b) => v + (ofGround[a]?.[b] ?? 0)));
  const reach = roundUp(Math.max(3, ...[...ground, ...air, wind].map(([e, n]) => Math.hypot(e, n))) * 1.05);
  const scale = (SIZE / 2 - 14) / reach;
  const px = (v: number) => SIZE / 2 + v * scale;
  const py = (v: number) => SIZE / 2 - v * scale;
  const path = (points: Pair[]) => points.map((p, k) => `${k ? "L" : "M"}${px(p[0]).toFixed(1)} ${py(p[1]).toFixed(1)}`).join("");
  const oval = (at: Pair, covariance: number[][]) => {
    const [major, minor, angle] = ellipseOf(covariance);
    const turn = ((-angle * 180) / Math.PI).toFixed(1);
    return <ellipse cx={px(at[0])} cy={py(at[1])} rx={2 * major * scale} ry={2 * minor * scale} transform={`rotate(${turn} ${px(at[0]).toFixed(1)} ${py(at[1]).toFixed(1)})`} />;
  };
  const words = t("plot.velocity_words", {
    ground: fixed(Math.hypot(...last), 1),
    wind: fixed(Math.hypot(...wind), 1),
    air: fixed(Math.hypot(...through), 1),
  });
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={words}>
        {[0.5, 1].map((k) => (
          <circle key={k} class="grid" cx={SIZE / 2} cy={SIZE / 2} r={k * (SIZE / 2 - 14)} />
        ))}
        <path class="grid" d={`M${SIZE / 2} 8V${SIZE - 8}M8 ${SIZE / 2}H${SIZE - 8}`} />
        <text class="tick" x={SIZE / 2 + 4} y={13}>{t("plot.north")}</text>
        <text class="tick" x={SIZE - 5} y={SIZE / 2 - 4} text-anchor="end">{reach} m/s</text>
        <g class="wind">
          {oval(wind, ofWind)}
          <path d={`M${SIZE / 2} ${SIZE / 2}L${px(wind[0])} ${py(wind[1])}`} />
          <path d={`M${px(wind[0]) - 4} ${py(wind[1])}h8m-4 -4v8`} />
        </g>
        <g class="ground">
          {oval(last, ofGround)}
          <path d={path(ground)} />
          <circle cx={px(last[0])} cy={py(last[1])} r={3.5} />
        </g>
        <g class="air">
          {oval(through, ofAir)}
          <path d={path(air)} />
          <rect x={px(through[0]) - 3.5} y={py(through[1]) - 3.5} width={7} height={7} />
        </g>
      </svg>
      <figcaption>
        <span class="key ground">● {t("plot.ground")}</span>
        <span class="key wind">✛ {t("plot.wind")}</span>
        <span class="key air">■ {t("plot.air")}</span>
        <span>{words}</span>
      </figcaption>
    </figure>
  );
}
