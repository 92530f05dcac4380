/** The nouns of `schema/` as the server sends them: SI, radians, UTC in ns. Shown units are made in `units.ts`. */
export interface Words { en: string; es: string }
export interface Point { latitude_rad: number; longitude_rad: number }
export interface Volume {
  polygon: Point[];
  upper_altitude_amsl_m: number;
  lower_altitude_amsl_m: number | null;
  centre: Point | null;
  radius_m: number | null;
  area_m2: number;
}
export interface Hazard { kind: "object" | "laser area"; words: Words; track_ids: number[]; declared: Volume | null }
export interface Incident {
  id: string;
  rule: string;
  opened_ns: number;
  state: "open" | "watched" | "closed";
  grade: string;
  exposure: string;
  hazard: Hazard;
  why: Words;
  track_ids: number[];
  zone_id: string | null;
  updated_ns: number;
  closed_ns: number | null;
  verdict: string | null;
  verdict_reason: string;
}
export interface Restriction {
  id: string;
  incident_id: string;
  rung: string;
  hazard: Hazard;
  volume: Volume;
  from_ns: number;
  to_ns: number;
  state: string;
  competent: string;
  exemptions: string[];
  why: Words;
  impact: Words;
  drafted_ns: number;
  proposal_lapses_ns: number | null;
  excludes_neighbour: boolean;
  requested_by: string[];
  requested_ns: number | null;
  authority_number: string;
  issued_ns: number | null;
  ended_ns: number | null;
  renewals: number;
  reason: string;
}
export interface Notice {
  id: string;
  party: string;
  language: "en" | "es";
  kind: string;
  subject: string;
  text: string;
  composed_ns: number;
  state: string;
  incident_id: string;
  restriction_id: string;
  due_ns: number | null;
  sent_ns: number | null;
  acknowledged_ns: number | null;
  acknowledged_by: string;
  escalations: number;
  binds: string;
}
export interface Question {
  id: string;
  party: string;
  language: "en" | "es";
  text: string;
  asked_ns: number;
  incident_id: string;
  answer: string;
  answered_by: string;
  answered_ns: number | null;
  escalated_ns: number | null;
}
export interface Friend {
  id: string;
  operator: string;
  what: string;
  polygon: Point[];
  upper_height_ground_m: number;
  from_ns: number;
  to_ns: number;
  radio_silent: boolean;
  words: string;
}
export interface Countermeasure {
  id: string;
  operator: string;
  means: string;
  area: Volume;
  from_ns: number;
  to_ns: number;
  aviation_review: string;
  words: string;
}
export interface Claim {
  id: string;
  party: string;
  says: string;
  on_evidence: string;
  time_ns: number;
  track_id: number | null;
  incident_id: string;
  contradicts: string;
}
export interface Sensor {
  name: string;
  kind: string;
  position: Point;
  range_min_m: number;
  range_max_m: number;
  period_s: number;
  hears: string[];
}
export interface Zone { id: string; name: string; kind: string; polygon: Point[]; upper_height_ground_m: number }
export interface Runway { name: string; threshold: Point; opposite: Point }
export interface Aerodrome { icao: string; name: string; reference: Point; elevation_amsl_m: number | null; runways: Runway[] }
export interface Party {
  id: string;
  name: string;
  country: string;
  language: "en" | "es";
  kinds: string[];
  local_timezone: string;
  acknowledge_within_s: number;
}
export interface Rung { name: string; action: Record<string, string>; limit_s: number | null; competent: string; people: number }
export interface Site {
  name: string;
  country: string;
  fir: string;
  sector: { name: string; origin: Point; radius_m: number; vertical: { undulation_m: number | null; ground_altitude_amsl_m: number | null } };
  sensors: Sensor[];
  zones: Zone[];
  aerodromes: Aerodrome[];
  parties: Party[];
  policy: { ladder: Rung[]; renew_reminder_s: number; second_person_after_s: number; border_strip_m: number; default_exemptions: string[] };
  border: { line: Point[][]; source: string; official: boolean; sigma_m: number; neighbour: string } | null;
  local_timezone: string;
  exercise: boolean;
}
