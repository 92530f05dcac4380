import { describe, expect, it } from "vitest";
import { formatHash, NOWHERE, parseHash, type Link } from "../src/hash";
import type { Alert } from "../src/api";
import { byUrgency, shownAlerts, soundOf, waitingAlerts } from "../src/order";
import type { Incident } from "../src/types";
import { band, bearing, countdown, feet, knots, mercatorX, mercatorY, percent, place, whole } from "../src/units";

describe("a shared link", () => {
  const link: Link = { view: "table", lon_deg: -106.4471, lat_deg: 31.7814, zoom: 11.25, track: 12, incident: "I3", at: "2026-02-18T03:30:00Z", speed: 5 };
  it("says the same to whoever opens it", () => {
    expect(parseHash(formatHash(link))).toEqual(link);
    expect(formatHash(NOWHERE)).toBe("");
    expect(parseHash("")).toEqual(NOWHERE);
  });
  it("takes nothing that it should not", () => {
    const odd = parseHash("#v=%3Cscript%3E&c=1,2&t=-4&i=<b>&at=yesterday&x=NaN");
    expect(odd).toEqual(NOWHERE);
    expect(parseHash("#c=99,10,55").lat_deg).toBe(85);
    expect(parseHash("#c=99,10,55").zoom).toBe(20);
    expect(parseHash("#enter=abcDEF123")).toEqual(NOWHERE);
  });
});

describe("figures for people", () => {
  it("count down and beyond", () => {
    expect([0, 61, 3_725, -30.5].map(countdown)).toEqual(["0:00", "1:01", "1:02:05", "−0:30"]);
  });
  it("are never surer than anybody can be", () => {
    expect([0, 0.004, 0.5, 0.999, 1].map(percent)).toEqual(["<1 %", "<1 %", "50 %", ">99 %", ">99 %"]);
    // ICD 203, table of likelihood
    expect([0.03, 0.15, 0.4, 0.5, 0.7, 0.93, 0.99].map(band)).toEqual(["remote", "very_unlikely", "unlikely", "even", "likely", "very_likely", "almost_certain"]);
  });
  it("convert by the book", () => {
    expect(knots(51.444444)).toBe("100"); // 1 kt = 1852/3600 m/s
    expect(feet(304.8)).toBe("1000");
    expect(feet(-30.48)).toBe("−100");
    expect(feet(Number.NaN)).toBe("–");
    expect([0, Math.PI / 2, 2 * Math.PI - 1e-6].map(bearing)).toEqual(["000°", "090°", "000°"]);
    expect(place(31.7814, -106.4471)).toBe("31.7814° N 106.4471° W");
  });
  it("are grouped as the reader's country does", () => {
    expect([whole(11_533, "en"), whole(11_533, "es")]).toEqual(["11,533", "11,533"]);
  });
  it("project as web maps do", () => {
    // EPSG:3857 of 180°, 85.0511287798° is the corner of the square world
    expect(mercatorX(180)).toBe(1);
    expect(mercatorY(85.0511287798)).toBeCloseTo(0, 10);
    expect(mercatorY(0)).toBeCloseTo(0.5, 12);
  });
});

describe("the incident board", () => {
  const one = (id: string, exposure: string, grade: string, state = "open") => ({ id, exposure, grade, state, opened_ns: 0 }) as Incident;
  it("puts what stands first, by exposure, then evidence; what is watched and what is closed after it", () => {
    const all = [one("a", "X0", "E4"), one("b", "X3", "E1"), one("c", "X3", "E3"), one("d", "X3", "E4", "closed"), one("e", "X3", "E3", "watched")];
    expect(all.sort(byUrgency).map((i) => i.id)).toEqual(["c", "b", "a", "e", "d"]);
  });
});

describe("alerts that wait", () => {
  const one = (n: number, severity: string, about: string, by = "") =>
    ({ id: `A${n}`, time_ns: n, severity, about, acknowledged_by: by }) as Alert;
  const all = [one(1, "urgent", "I2"), one(2, "warning", "I4"), one(3, "urgent", "I9", "Ana"), one(4, "warning", "Q1"), one(5, "warning", "I2"), one(6, "warning", "")];
  const ids = (lines: Alert[][]) => lines.map((group) => group.map((a) => a.id).join("+"));
  it("stand with the most urgent first, what was told of one thing together", () => {
    expect(ids(waitingAlerts(all))).toEqual(["A1+A5", "A6", "A4", "A2"]);
  });
  it("never hide an urgent one behind newer ones, nor what rang last where there is room", () => {
    const lines = waitingAlerts([...all, one(7, "urgent", "I5"), one(8, "urgent", "I6"), one(9, "notice", "I7")]);
    expect(ids(shownAlerts(lines, "A9", 3))).toEqual(["A8", "A7", "A9"]);
    expect(ids(shownAlerts(lines, "A9", 1))).toEqual(["A8"]);
    expect(ids(shownAlerts(lines, "A8", 3))).toEqual(["A8", "A7", "A1+A5"]);
  });
  it("ring once each, as urgent where one of the new ones is, and not again when another is acknowledged", () => {
    const [first, heard] = soundOf([one(1, "warning", "I1")], new Set());
    const [both, then] = soundOf([one(1, "warning", "I1"), one(2, "urgent", "I1"), one(3, "warning", "")], heard);
    expect([first, both]).toEqual(["warning", "urgent"]);
    expect(soundOf([one(1, "warning", "I1"), one(2, "urgent", "I1"), one(3, "warning", "", "Ana")], then)[0]).toBe(null);
  });
});
