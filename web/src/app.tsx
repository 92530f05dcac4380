import { AccountsPage } from "./panels/accounts";
import { Alerts, Toasts } from "./panels/alerts";
import { Dialogs } from "./panels/dialogs";
import { FriendsPage } from "./panels/friends";
import { IncidentBoard } from "./panels/incidents";
import { IncidentPanel } from "./panels/decision";
import { Login } from "./panels/login";
import { MapView } from "./panels/mapview";
import { ObjectPanel, useTrack } from "./panels/object";
import { FeedsPage } from "./panels/feeds";
import { JournalPage, ReliefPage, SightingPage } from "./panels/pages";
import { QuestionsPage } from "./panels/questions";
import { TablePage } from "./panels/table";
import { TimeBar } from "./panels/timebar";
import { ExerciseBanner, Rail, TopBar } from "./panels/topbar";
import { WindBox } from "./panels/wind";
import { link, liveness, looking_back, looks, picture, session, site } from "./state";
import { t } from "./words";

export function App() {
  return (
    <>
      <ExerciseBanner />
      {session.value && site.value ? <Console /> : <Login />}
      <Toasts />
    </>
  );
}

function Console() {
  const view = link.value.view;
  const chosen = useTrack(link.value.track);
  const withPanel = looks.value && (view === "map" || view === "table");
  const panel = link.value.track ? "object" : link.value.incident ? "incident" : "board";
  return (
    <div class={`console ${looking_back.value ? "past" : ""} ${liveness.value === "lost" ? "lost" : ""}`}>
      <a class="skip" href="#side" onClick={(e) => { e.preventDefault(); document.getElementById("side")?.focus(); }}>
        {t("skip")}
      </a>
      <TopBar />
      {liveness.value === "lost" ? (
        <div class="not-live" role="alert">
          {t("live.not")}
        </div>
      ) : picture.value?.failed ? (
        <div class="not-live" role="alert">
          {t("live.failed", { why: picture.value.failed })}
        </div>
      ) : null}
      <Rail />
      <main class={`main ${view === "map" ? "" : "paged"}`}>
        {looks.value ? <MapView hidden={view !== "map"} chosen={chosen} /> : null}
        {view === "table" ? <TablePage /> : null}
        {view === "questions" ? <QuestionsPage /> : null}
        {view === "friends" ? <FriendsPage /> : null}
        {view === "feeds" ? <FeedsPage /> : null}
        {view === "journal" ? <JournalPage /> : null}
        {view === "relief" ? <ReliefPage /> : null}
        {view === "sighting" ? <SightingPage /> : null}
        {view === "accounts" ? <AccountsPage /> : null}
        {looks.value ? <WindBox /> : null}
        {looks.value ? <Alerts /> : null}
      </main>
      {withPanel ? (
        <aside id="side" class={`side ${panel}`} tabIndex={-1} aria-label={t(panel === "object" ? "side.object" : "side.incidents")}>
          {panel === "object" ? <ObjectPanel {...chosen} /> : panel === "incident" ? <IncidentPanel /> : <IncidentBoard />}
        </aside>
      ) : null}
      {looks.value ? <TimeBar /> : null}
      <Dialogs />
    </div>
  );
}
