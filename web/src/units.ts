/** Conversions for people, at the edge: SI and radians in, words and degrees out. Pure. */
import type { Point } from "./types";

export const DEG = 180 / Math.PI;
export const M_PER_FT = 0.3048;
export const M_PER_NM = 1852;
export const M_S_PER_KT = 1852 / 3600;
export const EARTH_CIRCUMFERENCE_M = 2 * Math.PI * 6_378_137;

export const mercatorX = (lon_deg: number): number => (lon_deg + 180) / 360;
export const mercatorY = (lat_deg: number): number =>
  0.5 - Math.log(Math.tan(Math.PI / 4 + lat_deg / DEG / 2)) / (2 * Math.PI);
/** Mercator units of one metre on the ground at a latitude. */
export const mercatorPerMetre = (lat_deg: number): number => 1 / (EARTH_CIRCUMFERENCE_M * Math.cos(lat_deg / DEG));

export const lonLat = (p: Point): [number, number] => [p.longitude_rad * DEG, p.latitude_rad * DEG];

/** Place `distance_m` away at `azimuth_rad` on the sphere; good to 0.5 % of the distance. */
export function offset(from: Point, azimuth_rad: number, distance_m: number): Point {
  const d = distance_m / 6_371_008.8;
  const lat = Math.asin(
    Math.sin(from.latitude_rad) * Math.cos(d) + Math.cos(from.latitude_rad) * Math.sin(d) * Math.cos(azimuth_rad),
  );
  const lon =
    from.longitude_rad +
    Math.atan2(
      Math.sin(azimuth_rad) * Math.sin(d) * Math.cos(from.latitude_rad),
      Math.cos(d) - Math.sin(from.latitude_rad) * Math.sin(lat),
    );
  return { latitude_rad: lat, longitude_rad: lon };
}

const minus = (text: string): string => text.replace("-", "−");
export const fixed = (value: number, digits = 0): string => minus(value.toFixed(digits));
export const feet = (metres: number): string =>
  Number.isFinite(metres) ? minus(Math.round(metres / M_PER_FT / 10).toString() + "0").replace(/^−?00$/, "0") : "–";
export const knots = (m_s: number): string => fixed(m_s / M_S_PER_KT);
export const bearing = (rad: number): string =>
  ((Math.round(rad * DEG) + 360) % 360).toString().padStart(3, "0") + "°";
export const nauticalMiles = (metres: number): string => fixed(metres / M_PER_NM, metres < 18_520 ? 1 : 0);
export const squareKm = (m2: number): string => fixed(m2 / 1e6, m2 < 1e8 ? 1 : 0);

/** 5:07, 1:02:09, −0:30: for countdowns. */
export function countdown(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.floor(Math.abs(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = (whole % 60).toString().padStart(2, "0");
  return sign + (h > 0 ? `${h}:${m.toString().padStart(2, "0")}:${s}` : `${m}:${s}`);
}

export const ms = (ns: number): number => ns / 1e6;
export const iso = (at_ms: number): string => new Date(at_ms).toISOString().replace(/\.\d+Z$/, "Z");

export function clock(at_ms: number, zone = "UTC", seconds = true): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).format(at_ms);
}

/** As it is written where the reader is: in Mexico a full stop is no thousands mark. */
const locale = (language: string): string => (language === "es" ? "es-MX" : "en-GB");
export const whole = (n: number, language: string): string => n.toLocaleString(locale(language));

export function dayClock(at_ms: number, zone: string, language: string): string {
  return new Intl.DateTimeFormat(locale(language), {
    timeZone: zone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at_ms);
}

/** ICD 203 band of a probability; never "certain". */
export type Band = "remote" | "very_unlikely" | "unlikely" | "even" | "likely" | "very_likely" | "almost_certain";
export function band(probability: number): Band {
  if (probability <= 0.05) return "remote";
  if (probability <= 0.2) return "very_unlikely";
  if (probability <= 0.45) return "unlikely";
  if (probability <= 0.55) return "even";
  if (probability <= 0.8) return "likely";
  if (probability <= 0.95) return "very_likely";
  return "almost_certain";
}

/** Never 0 % and never 100 %: nobody is that sure. */
export function percent(probability: number): string {
  if (probability < 0.01) return "<1 %";
  if (probability > 0.99) return ">99 %";
  return `${Math.round(probability * 100)} %`;
}

export const minutes = (seconds: number): string => fixed(Math.round(seconds / 60));

/** 31.7499° N 106.4474° W; the letters are the same in English and Spanish but for west (O), which charts write W. */
export const place = (lat_deg: number, lon_deg: number): string =>
  `${Math.abs(lat_deg).toFixed(4)}° ${lat_deg < 0 ? "S" : "N"} ${Math.abs(lon_deg).toFixed(4)}° ${lon_deg < 0 ? "W" : "E"}`;
