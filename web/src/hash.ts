/** What a shared link says: view, place, object, incident, time and language in the fragment. Pure both ways. */

export const VIEWS = [
  "map", "table", "questions", "friends", "feeds", "journal", "relief", "sighting", "accounts",
] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Link {
  view: ViewName;
  lon_deg: number | null;
  lat_deg: number | null;
  zoom: number | null;
  track: number;
  incident: string;
  at: string; // ISO 8601, "" = live
  speed: number;
}

export const NOWHERE: Link = { view: "map", lon_deg: null, lat_deg: null, zoom: null, track: 0, incident: "", at: "", speed: 1 };

export function parseHash(hash: string): Link {
  const q = new URLSearchParams(hash.replace(/^#/, ""));
  const view = q.get("v") as ViewName;
  const place = (q.get("c") ?? "").split(",").map(Number);
  const placed = place.length === 3 && place.every(Number.isFinite);
  const at = q.get("at") ?? "";
  const track = Number(q.get("t"));
  const speed = Number(q.get("x") ?? 1);
  return {
    view: VIEWS.includes(view) ? view : "map",
    lat_deg: placed ? Math.max(-85, Math.min(85, place[0]!)) : null,
    lon_deg: placed ? place[1]! : null,
    zoom: placed ? Math.max(0, Math.min(20, place[2]!)) : null,
    track: Number.isInteger(track) && track > 0 ? track : 0,
    incident: /^[A-Za-z]\d{1,9}$/.test(q.get("i") ?? "") ? q.get("i")! : "",
    at: Number.isNaN(Date.parse(at)) ? "" : at,
    speed: Number.isFinite(speed) ? Math.max(0, Math.min(60, speed)) : 1,
  };
}

export function formatHash(link: Link): string {
  const q: string[] = [];
  if (link.view !== "map") q.push(`v=${link.view}`);
  if (link.lat_deg !== null && link.lon_deg !== null && link.zoom !== null)
    q.push(`c=${link.lat_deg.toFixed(4)},${link.lon_deg.toFixed(4)},${link.zoom.toFixed(2)}`);
  if (link.track) q.push(`t=${link.track}`);
  if (link.incident) q.push(`i=${link.incident}`);
  if (link.at) q.push(`at=${link.at}`);
  if (link.at && link.speed !== 1) q.push(`x=${link.speed}`);
  return q.length ? `#${q.join("&")}` : "";
}
