import { useEffect, useRef } from "preact/hooks";
import { effect } from "@preact/signals";
import { go, openIncident, openTrack } from "../actions";
import { PictureMap } from "../map/map";
import { link, now_ms, picture, session, site, store, theme, tick } from "../state";
import { language, t } from "../words";
import { DEG } from "../units";
import type { useTrack } from "./object";
import { restrictionOf } from "./incidents";

declare global {
  interface Window { windhover?: { map: PictureMap } }
}

/** Mounted once; hidden, not destroyed, while another page is shown. */
export function MapView({ hidden, chosen }: { hidden: boolean; chosen: ReturnType<typeof useTrack> }) {
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<PictureMap | null>(null);
  useEffect(() => {
    const start = link.value;
    const at = start.lon_deg !== null && start.lat_deg !== null && start.zoom !== null
      ? { lon_deg: start.lon_deg, lat_deg: start.lat_deg, zoom: start.zoom }
      : null;
    const map = new PictureMap(
      box.current!,
      site.value!,
      store,
      at,
      {
        pick(track, restriction) {
          const incident = picture.value?.restrictions.find((r) => r.id === restriction)?.incident_id ?? "";
          if (track) openTrack(track);
          else if (incident) openIncident(incident);
          else if (link.value.track) go({ track: 0 });
        },
        moved(lon_deg, lat_deg, zoom) {
          if (lon_deg !== link.value.lon_deg || zoom !== link.value.zoom) go({ lon_deg, lat_deg, zoom }, false);
        },
      },
      session.value?.tiles || null,
    );
    held.current = map;
    window.windhover = { map };
    const stops = [
      effect(() => {
        tick.value;
        map.tick(now_ms.peek());
      }),
      effect(() => {
        if (picture.value) map.showPicture(picture.value, restrictionOf(link.value.incident)?.id ?? "");
      }),
      effect(() => map.select(link.value.track)),
      effect(() => {
        theme.value;
        requestAnimationFrame(() => map.theme());
      }),
      effect(() => {
        language.value;
        map.map.getCanvas().setAttribute("aria-label", t("map.label"));
        map.map.triggerRepaint();
      }),
      effect(() => {
        const { lon_deg, lat_deg, zoom } = link.value;
        if (lon_deg === null || lat_deg === null || zoom === null) return;
        const c = map.map.getCenter();
        if (Math.abs(c.lng - lon_deg) > 1e-6 || Math.abs(c.lat - lat_deg) > 1e-6 || Math.abs(map.map.getZoom() - zoom) > 1e-3)
          if (!map.map.isMoving()) map.flyTo(lon_deg, lat_deg, zoom);
      }),
    ];
    const watch = new ResizeObserver(() => map.resize());
    watch.observe(box.current!);
    return () => {
      stops.forEach((stop) => stop());
      watch.disconnect();
      map.remove();
    };
  }, []);
  useEffect(() => {
    if (held.current) held.current.layer.hidden = hidden;
  }, [hidden]);
  const { detail, history } = chosen;
  useEffect(() => {
    const map = held.current;
    const row = store.row(link.value.track);
    if (!map || !link.value.track) return;
    const o = row < 0 ? null : store.read(row);
    const wind = detail?.wind ?? null;
    map.showChosen({
      history: history ? history.lon_deg.map((lon, k) => [lon, history.lat_deg[k]!]) : [],
      at: o ? { latitude_rad: o.lat_deg / DEG, longitude_rad: o.lon_deg / DEG } : null,
      wind: wind ? { east: wind.east_m_s, north: wind.north_m_s } : null,
      drift: detail?.drift ?? [],
      air: wind && o ? { east: o.east_m_s - wind.east_m_s, north: o.north_m_s - wind.north_m_s } : null,
    });
  }, [detail, history]);
  return <div ref={box} class="map" hidden={hidden} role="region" aria-label={t("map.label")} />;
}
