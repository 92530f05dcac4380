/** The map's own layers for one palette. Fonts are not needed: all words are drawn by `labels.ts`. */
import type { LayerSpecification, Map as GlMap, StyleSpecification } from "maplibre-gl";
import { EMPTY } from "./features";
import type { Palette } from "./palette";

export const SOURCES = [
  "coarse-land", "coarse-countries", "fine-frame", "fine-land", "fine-countries", "sensors", "zones", "border",
  "runways", "plans", "restrictions", "chosen",
] as const;
export type SourceName = (typeof SOURCES)[number];

export function style(p: Palette, tiles: string | null): StyleSpecification {
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson" as const, data: EMPTY, tolerance: 0.2 }])),
      ...(tiles ? { tiles: { type: "raster" as const, tiles: [tiles], tileSize: 256 } } : {}),
    },
    layers: layers(p, tiles !== null),
  };
}

function layers(p: Palette, tiles: boolean): LayerSpecification[] {
  return [
    { id: "water", type: "background", paint: { "background-color": p.water } },
    { id: "coarse-land", type: "fill", source: "coarse-land", paint: { "fill-color": p.land } },
    { id: "coarse-countries", type: "line", source: "coarse-countries", paint: { "line-color": p.country, "line-width": 0.8 } },
    { id: "fine-frame", type: "fill", source: "fine-frame", paint: { "fill-color": p.water } },
    { id: "fine-land", type: "fill", source: "fine-land", paint: { "fill-color": p.land } },
    { id: "fine-countries", type: "line", source: "fine-countries", paint: { "line-color": p.country, "line-width": 1 } },
    ...(tiles ? [{ id: "tiles", type: "raster" as const, source: "tiles", paint: { "raster-opacity": 0.6 } }] : []),
    {
      id: "coverage",
      type: "line",
      source: "sensors",
      filter: ["==", ["get", "kind"], "coverage"],
      paint: { "line-color": ["case", ["get", "down"], p.bad, p.coverage], "line-width": 1, "line-opacity": 0.55, "line-dasharray": [1, 4] },
    },
    {
      id: "zones-fill",
      type: "fill",
      source: "zones",
      paint: {
        "fill-color": ["match", ["get", "kind"], "critical", p["zone-critical"], "border_strip", p.border, p.zone],
        "fill-opacity": ["match", ["get", "kind"], "critical", 0.07, "border_strip", 0.07, "populated", 0.02, 0.03],
      },
    },
    {
      id: "zones-line",
      type: "line",
      source: "zones",
      filter: ["!=", ["get", "kind"], "populated"],
      paint: {
        "line-color": ["match", ["get", "kind"], "critical", p["zone-critical"], "border_strip", p.border, p.zone],
        "line-width": ["match", ["get", "kind"], "critical", 1.4, 0.8],
        "line-opacity": ["match", ["get", "kind"], "border_strip", 0.35, 0.75],
      },
    },
    {
      id: "zones-populated",
      type: "line",
      source: "zones",
      filter: ["==", ["get", "kind"], "populated"],
      paint: { "line-color": p.zone, "line-width": 0.8, "line-opacity": 0.5, "line-dasharray": [2, 3] },
    },
    { id: "border", type: "line", source: "border", paint: { "line-color": p.border, "line-width": 1.6, "line-dasharray": [6, 2, 1, 2] } },
    {
      id: "plans-fill",
      type: "fill",
      source: "plans",
      paint: { "fill-color": ["match", ["get", "kind"], "friend", p.good, p.bad], "fill-opacity": 0.05 },
    },
    {
      id: "plans-line",
      type: "line",
      source: "plans",
      paint: { "line-color": ["match", ["get", "kind"], "friend", p.good, p.bad], "line-width": 1.2, "line-dasharray": [2, 2] },
    },
    {
      id: "restrictions-fill",
      type: "fill",
      source: "restrictions",
      paint: { "fill-color": p.restriction, "fill-opacity": ["case", ["get", "standing"], 0.16, 0.05] },
    },
    {
      id: "restrictions-draft",
      type: "line",
      source: "restrictions",
      filter: ["!", ["get", "standing"]],
      paint: { "line-color": p.restriction, "line-width": ["case", ["get", "selected"], 2.6, 1.5], "line-dasharray": [4, 3] },
    },
    {
      id: "restrictions-standing",
      type: "line",
      source: "restrictions",
      filter: ["get", "standing"],
      paint: { "line-color": p.restriction, "line-width": ["case", ["get", "selected"], 3.4, 2.4] },
    },
    { id: "runways", type: "line", source: "runways", layout: { "line-cap": "butt" }, paint: { "line-color": p.runway, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1.5, 13, 5] } },
    {
      id: "sensor",
      type: "circle",
      source: "sensors",
      filter: ["==", ["get", "kind"], "sensor"],
      paint: { "circle-radius": 3, "circle-color": p.halo, "circle-stroke-width": 1.4, "circle-stroke-color": ["case", ["get", "down"], p.bad, p.coverage] },
    },
    {
      id: "chosen",
      type: "line",
      source: "chosen",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": ["match", ["get", "kind"], "wind", p.accent, "drift", p.accent, "air", p.warn, p.focus],
        "line-width": ["match", ["get", "kind"], "history", 1.2, "drift", 1.2, 2],
        "line-opacity": ["match", ["get", "kind"], "history", 0.7, "drift", 0.8, 1],
      },
    },
  ];
}

/** Another theme without tearing the style down: sources and the tracks' layer stay. */
export function repaint(map: GlMap, p: Palette): void {
  for (const layer of layers(p, map.getSource("tiles") !== undefined)) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as never, value as never);
  }
}
