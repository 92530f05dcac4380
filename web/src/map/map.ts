/** The map: MapLibre for the ground, our own layer for what flies, one canvas for all words. */
import { Map as GlMap, ScaleControl, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { FeatureCollection, Feature, Position } from "geojson";
import placesUrl from "../../.generated/places.json?url";
import type { Picture } from "../api";
import type { TrackStore } from "../live/store";
import type { Point, Site } from "../types";
import { isSilent } from "../order";
import { DEG, mercatorX, mercatorY } from "../units";
import { coarse, fine, frame } from "./backdrop";
import * as features from "./features";
import { drawLabels, toPixel, type View } from "./labels";
import { TrackLayer } from "./layer";
import { readPalette, type Palette } from "./palette";
import { repaint, style, type SourceName } from "./style";
import { driftLabels, near, placeLabels, siteLabels, trackLabels, type Place } from "./words";

setWorkerUrl(workerUrl);

const NEAR_PX = 18;

export interface Chosen { drift: features.Drifted[]; history: Position[]; at: Point | null; wind: { east: number; north: number } | null; air: { east: number; north: number } | null }

export interface MapEvents { pick(track: number, restriction: string): void; moved(lon_deg: number, lat_deg: number, zoom: number): void }

export class PictureMap {
  readonly map: GlMap;
  readonly layer: TrackLayer;
  /** Frame times of the last repaints in ms; read by `windhover bench console`. */
  readonly timings: number[] = [];
  private palette: Palette;
  private places: Place[] = [];
  private picture: Picture | null = null;
  private now_ms = 0;
  private selected = 0;
  private drift: features.Drifted[] = [];
  private loaded = false;
  private readonly waiting = new Map<SourceName, FeatureCollection | Feature>();
  private readonly words: HTMLCanvasElement;
  private readonly offset_m: number;

  constructor(
    container: HTMLElement,
    private readonly site: Site,
    private readonly store: TrackStore,
    at: { lon_deg: number; lat_deg: number; zoom: number } | null,
    private readonly events: MapEvents,
    tiles: string | null,
  ) {
    this.palette = readPalette(document.documentElement);
    const lon = site.sector.origin.longitude_rad * DEG;
    const lat = site.sector.origin.latitude_rad * DEG;
    this.offset_m = site.sector.vertical.undulation_m ?? 0;
    this.map = new GlMap({
      container,
      style: style(this.palette, tiles),
      center: at ? [at.lon_deg, at.lat_deg] : [lon, lat],
      zoom: at?.zoom ?? zoomFor(site.sector.radius_m * 0.55, lat, container.clientWidth, container.clientHeight),
      minZoom: 3,
      maxZoom: 17,
      attributionControl: false,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      keyboard: true,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: false },
      locale: { "ScaleControl.NauticalMiles": "NM" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "nautical", maxWidth: 120 }), "bottom-left");
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 120 }), "bottom-left");
    this.layer = new TrackLayer(store, mercatorX(lon), mercatorY(lat), lat);
    this.layer.paint(this.palette);
    this.words = document.createElement("canvas");
    this.words.className = "map-words";
    this.words.setAttribute("aria-hidden", "true");
    container.append(this.words);
    this.map.on("load", () => this.onLoad(lon, lat));
    this.map.on("render", () => this.drawWords());
    this.map.on("click", (event) => this.click(event.point.x, event.point.y));
    this.map.on("mousemove", (event) => {
      this.map.getCanvas().style.cursor = this.trackAt(event.point.x, event.point.y) ? "pointer" : "";
    });
    this.map.on("moveend", () => {
      const c = this.map.getCenter();
      events.moved(c.lng, c.lat, this.map.getZoom());
    });
  }

  remove(): void {
    this.map.remove();
  }

  /** A new frame is in the store. */
  tick(now_ms: number): void {
    this.now_ms = now_ms;
    this.layer.tick(now_ms);
  }

  showPicture(picture: Picture, chosen_restriction: string): void {
    this.picture = picture;
    const down = new Set(picture.feeds.filter(isSilent).map((f) => f.name));
    this.set("sensors", features.sensors(this.site, down));
    this.set("restrictions", features.restrictions(picture.restrictions, chosen_restriction));
    this.set("plans", features.plans(picture.friends, picture.countermeasures, picture.now_ns / 1e6));
    this.map.triggerRepaint();
  }

  select(track: number): void {
    this.selected = track;
    this.layer.select(track);
    this.drift = [];
    if (!track) this.set("chosen", features.EMPTY);
  }

  showChosen(chosen: Chosen): void {
    const out: Feature[] = [];
    const add = (coordinates: Position[], kind: string) =>
      out.push({ type: "Feature", geometry: { type: "LineString", coordinates }, properties: { kind } });
    if (chosen.history.length > 1) add(chosen.history, "history");
    if (chosen.at && chosen.wind) for (const part of features.arrow(chosen.at, chosen.wind.east, chosen.wind.north, 60)) add(part, "wind");
    if (chosen.at && chosen.air) for (const part of features.arrow(chosen.at, chosen.air.east, chosen.air.north, 60)) add(part, "air");
    this.drift = chosen.drift;
    out.push(...features.drift(chosen.at, chosen.drift));
    this.set("chosen", { type: "FeatureCollection", features: out });
  }

  flyTo(lon_deg: number, lat_deg: number, zoom?: number): void {
    this.map.easeTo({ center: [lon_deg, lat_deg], ...(zoom === undefined ? {} : { zoom }), duration: 350 });
  }

  fit(points: Point[]): void {
    const lons = points.map((p) => p.longitude_rad * DEG);
    const lats = points.map((p) => p.latitude_rad * DEG);
    this.map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding: 90, maxZoom: 13, duration: 350 });
  }

  theme(): void {
    this.palette = readPalette(document.documentElement);
    if (this.loaded) repaint(this.map, this.palette);
    this.layer.paint(this.palette);
  }

  resize(): void {
    this.map.resize();
  }

  private onLoad(lon: number, lat: number): void {
    this.map.addLayer(this.layer, "chosen");
    this.loaded = true;
    for (const [name, data] of this.waiting) this.set(name, data);
    this.waiting.clear();
    this.set("zones", features.zones(this.site));
    this.set("border", features.border(this.site));
    // Where the site has its own line, the backdrop's (a kilometre off) only misleads.
    if (this.site.border)
      this.map.setPaintProperty("fine-countries", "line-opacity", ["interpolate", ["linear"], ["zoom"], 7.5, 1, 8.5, 0]);
    this.set("runways", features.runways(this.site));
    if (!this.picture) this.set("sensors", features.sensors(this.site, new Set()));
    const missing = (error: unknown) => console.warn("backdrop", error);
    void coarse().then((b) => {
      this.set("coarse-land", b.land);
      this.set("coarse-countries", b.countries);
    }, missing);
    void fine(lon, lat).then((b) => {
      this.set("fine-frame", frame(lon, lat));
      this.set("fine-land", b.land);
      this.set("fine-countries", b.countries);
    }, missing);
    void fetch(placesUrl)
      .then((answer) => answer.json() as Promise<Place[]>)
      .then((all) => {
        this.places = near(all, lon, lat, 6);
        this.map.triggerRepaint();
      }, missing);
  }

  private set(name: SourceName, data: FeatureCollection | Feature): void {
    if (!this.loaded) {
      this.waiting.set(name, data);
      return;
    }
    void (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(data);
  }

  private view(): View {
    const canvas = this.map.getContainer();
    const centre = this.map.getCenter();
    return {
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      ratio: window.devicePixelRatio || 1,
      centre_x: mercatorX(centre.lng),
      centre_y: mercatorY(centre.lat),
      world_px: 512 * 2 ** this.map.getZoom(),
    };
  }

  private drawWords(): void {
    const began = performance.now();
    const view = this.view();
    const zoom = this.map.getZoom();
    const labels = [
      ...trackLabels(this.store, this.selected, view, this.palette, this.offset_m),
      ...siteLabels(this.site, this.picture, this.now_ms, zoom, this.palette),
      ...driftLabels(this.drift, this.palette),
      ...placeLabels(this.places, zoom, this.palette),
    ];
    drawLabels(this.words, view, labels, this.palette);
    if (this.timings.length > 600) this.timings.shift();
    this.timings.push(performance.now() - began);
  }

  private trackAt(px: number, py: number): number {
    const view = this.view();
    let best = 0;
    let nearest = NEAR_PX;
    for (let i = 0; i < this.store.size; i++) {
      const [x, y] = toPixel(view, this.store.x[i]!, this.store.y[i]!);
      const d = Math.hypot(x - px, y - py);
      if (d < nearest) {
        nearest = d;
        best = this.store.id[i]!;
      }
    }
    return best;
  }

  private click(px: number, py: number): void {
    const track = this.trackAt(px, py);
    const hit = track ? [] : this.map.queryRenderedFeatures([px, py], { layers: ["restrictions-fill"] });
    this.events.pick(track, String(hit[0]?.properties["id"] ?? ""));
  }
}

function zoomFor(radius_m: number, lat_deg: number, width: number, height: number): number {
  const px_per_m = Math.min(width || 800, height || 600) / (2 * radius_m);
  return Math.log2((px_per_m * 40_075_017 * Math.cos(lat_deg / DEG)) / 512);
}
