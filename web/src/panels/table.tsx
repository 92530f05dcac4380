import { openTrack } from "../actions";
import { COASTING, COOPERATIVE, DARK, EMITTING, FRIEND, GROUP, INCIDENT } from "../live/frame";
import { orderedTracks } from "../order";
import { link, site, store, tick } from "../state";
import { Empty, Mark } from "../ui";
import { bearing, DEG, feet, fixed, knots, M_PER_NM, percent } from "../units";
import { t, term } from "../words";

const MOST = 400;

/** Everything that the map shows, as a table: for screen readers, for keyboards, for printing. */
export function TablePage() {
  tick.value;
  const ids = orderedTracks();
  const origin = site.value!.sector.origin;
  const offset_m = site.value!.sector.vertical.undulation_m ?? 0;
  return (
    <section class="page" aria-labelledby="table-title">
      <h1 id="table-title">
        {t("table.title")} <span class="count num">{ids.length}</span>
      </h1>
      {ids.length ? null : <Empty>{t("table.none")}</Empty>}
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="table-title">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{t("table.object")}</th>
              <th scope="col">{t("table.what")}</th>
              <th scope="col">{t("table.sure")}</th>
              <th scope="col" class="right">{t("object.height_ground")}</th>
              <th scope="col" class="right">{t("object.altitude")}</th>
              <th scope="col" class="right">{t("object.speed")}</th>
              <th scope="col" class="right">{t("object.course")}</th>
              <th scope="col" class="right">{t("table.from_centre")}</th>
              <th scope="col">{t("table.state")}</th>
            </tr>
          </thead>
          <tbody>
            {ids.slice(0, MOST).map((id) => {
              const row = store.read(store.row(id));
              const north_m = (row.lat_deg / DEG - origin.latitude_rad) * 6_371_008.8;
              const east_m = (row.lon_deg / DEG - origin.longitude_rad) * 6_371_008.8 * Math.cos(origin.latitude_rad);
              return (
                <tr key={id} aria-current={link.value.track === id ? "true" : undefined}>
                  <th scope="row">
                    <button type="button" class="link num" onClick={() => openTrack(id)}>
                      <Mark of={row.class} size={15} hollow={!!(row.status & DARK)} /> {id}
                    </button>
                  </th>
                  <td>{term("class", row.class)}</td>
                  <td class="num">{percent(row.probability)}</td>
                  <td class="num right">{Number.isFinite(row.height_ground_m) ? `${feet(row.height_ground_m)} ft` : "–"}</td>
                  <td class="num right">{feet(row.height_ellipsoid_m - offset_m)} ft</td>
                  <td class="num right">{knots(row.speed_m_s)} kt</td>
                  <td class="num right">{row.speed_m_s < 0.5 ? "–" : bearing(row.course_rad)}</td>
                  <td class="num right">
                    {bearing((Math.atan2(east_m, north_m) + 2 * Math.PI) % (2 * Math.PI))} {fixed(Math.hypot(east_m, north_m) / M_PER_NM, 1)} NM
                  </td>
                  <td>{stateWords(row.status)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {ids.length > MOST ? <p class="muted">{t("table.more", { n: ids.length - MOST })}</p> : null}
    </section>
  );
}

const stateWords = (status: number): string =>
  [
    status & INCIDENT ? t("attr.incident") : "",
    status & FRIEND ? t("attr.friend") : "",
    status & DARK ? t("attr.dark") : "",
    status & COOPERATIVE ? t("attr.cooperative") : "",
    status & EMITTING ? t("attr.emitting") : "",
    status & COASTING ? t("attr.coasting") : "",
    status & GROUP ? t("attr.group") : "",
  ]
    .filter(Boolean)
    .join(", ");
