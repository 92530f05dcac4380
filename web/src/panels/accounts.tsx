import { useEffect, useState } from "preact/hooks";
import { attempt, explain, logOut, setOwnPassword } from "../actions";
import { del, get, patch, post } from "../api";
import { can, session, site } from "../state";
import { Button, Empty, Field, party, PasswordField, Pill, When } from "../ui";
import { t, term } from "../words";
import { Audit, Tokens } from "./tokens";
import { ScreenChoices } from "./topbar";

export interface Account { name: string; roles: string[]; party: string; language: "en" | "es"; active: boolean; created_ns: number }
interface OpenSession { id: string; name: string; created_ns: number; seen_ns: number; own: boolean }

export const ROLES = ["viewer", "operator", "approver", "partner", "admin"] as const;
const INCLUDED: Record<string, string[]> = { approver: ["operator", "viewer"], operator: ["viewer"] };
/** What a person may do with these roles, the included ones too. */
export const withIncluded = (roles: string[]): string[] =>
  ROLES.filter((role) => roles.includes(role) || roles.some((own) => INCLUDED[own]?.includes(role)));

/** One's own account for everybody; who may come in, with what rights, for an administrator. */
export function AccountsPage() {
  return (
    <section class="page narrow" aria-labelledby="accounts-title">
      <h1 id="accounts-title">{t(can("admin") ? "accounts.title" : "account.title")}</h1>
      <Own />
      {can("admin") ? <Everybody /> : <Sessions key="own" revision={0} />}
    </section>
  );
}

function Own() {
  const who = session.value!;
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem("");
    try {
      await setOwnPassword(current, password);
      setCurrent("");
      setPassword("");
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <>
      <p class="row">
        <b>{who.name}</b>
        {who.roles.map((role) => (
          <Pill key={role}>{term("role", role)}</Pill>
        ))}
        {who.party ? <span class="muted">{party(who.party)}</span> : null}
      </p>
      {/* A telephone's top line has no room for them. */}
      <p class="row own-screen">
        <ScreenChoices />
        <Button onClick={() => void logOut()}>{t("login.leave")}</Button>
      </p>
      {who.password || who.exercise ? null : <p class="warn">{t("account.no_password")}</p>}
      <details {...(who.password || who.exercise ? {} : { open: true })}>
        <summary>{t(who.password ? "account.change_password" : "account.first_password")}</summary>
        <form class="act column" onSubmit={submit}>
          <input class="visually-hidden" name="username" autocomplete="username" value={who.name} readOnly tabIndex={-1} aria-hidden="true" />
          {who.password ? (
            <PasswordField label={t("account.current")} value={current} change={setCurrent} />
          ) : null}
          <PasswordField label={t("account.new")} hint={t("login.long")} fresh value={password} change={setPassword} />
          <p class="problem" role="alert">{problem}</p>
          <Button tone="primary" type="submit">{t("account.set")}</Button>
        </form>
      </details>
    </>
  );
}

/** The administrator's part: each change is in the audit book before it is on the screen. */
function Everybody() {
  const [accounts, setAccounts] = useState<Account[]>([]);
  const [revision, setRevision] = useState(0);
  const [open, setOpen] = useState("");
  const [link, setLink] = useState<{ name: string; url: string } | null>(null);
  useEffect(() => {
    void get<{ accounts: Account[] }>("/api/accounts").then((answer) => setAccounts(answer.accounts), () => undefined);
  }, [revision]);
  const act = async (work: () => Promise<unknown>, done: string) => {
    const worked = await attempt(work, done);
    if (worked) setRevision((n) => n + 1);
    return worked;
  };
  const showLink = (name: string, token: string) => setLink({ name, url: `${location.origin}/#enter=${token}` });
  return (
    <>
      <h2>{t("accounts.people")} <span class="count num">{accounts.length}</span></h2>
      {link ? <Secret key={link.url} words={t("accounts.link_for", { name: link.name })} value={link.url} close={() => setLink(null)} /> : null}
      <div class="scroll" tabIndex={0} role="region" aria-label={t("accounts.people")}>
      <table class="list people">
        <thead>
          <tr>
            <th scope="col">{t("login.name")}</th>
            <th scope="col">{t("accounts.roles")}</th>
            <th scope="col">{t("screen.language")}</th>
            <th scope="col">{t("table.state")}</th>
            <th scope="col"><span class="visually-hidden">{t("help.act")}</span></th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((a) => (
            <Person
              key={a.name}
              account={a}
              open={open === a.name}
              toggle={() => setOpen(open === a.name ? "" : a.name)}
              act={act}
              showLink={showLink}
            />
          ))}
        </tbody>
      </table>
      </div>
      <Invite act={act} showLink={showLink} />
      <Sessions key="all" revision={revision} />
      <Tokens accounts={accounts} revision={revision} />
      <Audit revision={revision} />
    </>
  );
}

type Act = (work: () => Promise<unknown>, done: string) => Promise<boolean>;
type ShowLink = (name: string, token: string) => void;

function Person({ account: a, open, toggle, act, showLink }: { account: Account; open: boolean; toggle: () => void; act: Act; showLink: ShowLink }) {
  const path = `/api/accounts/${encodeURIComponent(a.name)}`;
  const own = a.name === session.value?.name;
  return (
    <>
      <tr aria-current={open ? "true" : undefined}>
        <th scope="row">{a.name}{own ? <span class="muted"> · {t("accounts.you")}</span> : null}</th>
        <td>{a.roles.map((role) => term("role", role)).join(", ")}{a.party ? <span class="muted"> · {party(a.party)}</span> : null}</td>
        <td>{term("language", a.language)}</td>
        <td><Pill tone={a.active ? "good" : "warn"}>{t(a.active ? "accounts.active" : "accounts.shut")}</Pill></td>
        <td class="right">
          <Button tone="quiet" aria-expanded={open} onClick={toggle} aria-label={`${t("accounts.change")}: ${a.name}`}>
            {t("accounts.change")}
          </Button>
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={5} class="change">
            <Change account={a} own={own} path={path} act={act} showLink={showLink} close={toggle} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Change({ account: a, own, path, act, showLink, close }: { account: Account; own: boolean; path: string; act: Act; showLink: ShowLink; close: () => void }) {
  const [f, setF] = useState({ roles: a.roles, party: a.party, language: a.language });
  const [sure, setSure] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await act(() => patch(path, f), t("accounts.changed", { name: a.name }))) close();
  };
  return (
    <form class="act column" onSubmit={submit}>
      <Rights f={f} set={(change) => setF({ ...f, ...change })} />
      {own ? <p class="muted small">{t("accounts.own_rights")}</p> : null}
      <div class="row">
        <Button tone="primary" type="submit">{t("accounts.save")}</Button>
        <Button
          onClick={() =>
            void act(async () => showLink(a.name, (await post<{ link_token: string }>(`${path}/link`)).link_token), t("accounts.link_made", { name: a.name }))
          }
        >
          {t("accounts.new_link")}
        </Button>
        {own ? null : (
          <>
            <Button onClick={() => void act(() => patch(path, { active: !a.active }), t("accounts.changed", { name: a.name }))}>
              {t(a.active ? "accounts.shut_do" : "accounts.open_do")}
            </Button>
            <Button
              tone="danger"
              onClick={() => (sure ? void act(() => del(path), t("accounts.removed", { name: a.name })) : setSure(true))}
            >
              {t(sure ? "accounts.remove_sure" : "accounts.remove")}
            </Button>
          </>
        )}
      </div>
    </form>
  );
}

interface RightsFields { roles: string[]; party: string; language: "en" | "es" }

/** Roles, and the party of a partner, who has no other role. */
function Rights({ f, set }: { f: RightsFields; set: (change: Partial<RightsFields>) => void }) {
  const turn = (role: string, on: boolean) => {
    if (role === "partner") set({ roles: on ? ["partner"] : [], party: on ? (f.party || site.value?.parties[0]?.id || "") : "" });
    else set({ roles: on ? [...f.roles.filter((r) => r !== "partner"), role] : f.roles.filter((r) => r !== role), party: "" });
  };
  const implied = withIncluded(f.roles);
  return (
    <>
      <fieldset class="rights">
        <legend class="field-label">{t("accounts.roles")}</legend>
        {ROLES.map((role) => {
          const chosen = f.roles.includes(role);
          const included = !chosen && implied.includes(role);
          return (
            <label key={role} class="check">
              <input type="checkbox" checked={chosen || included} disabled={included} onChange={(e) => turn(role, e.currentTarget.checked)} />
              <span><b>{term("role", role)}</b> <span class="muted">{term("role_may", role)}</span></span>
            </label>
          );
        })}
      </fieldset>
      {f.roles.includes("partner") ? (
        <Field label={t("accounts.party")}>
          <select value={f.party} onChange={(e) => set({ party: e.currentTarget.value })}>
            {site.value?.parties.map((p) => <option key={p.id} value={p.id}>{p.name}</option>)}
          </select>
        </Field>
      ) : null}
      <Field label={t("screen.language")}>
        <select value={f.language} onChange={(e) => set({ language: e.currentTarget.value as "en" | "es" })}>
          {(["en", "es"] as const).map((l) => <option key={l} value={l}>{term("language", l)}</option>)}
        </select>
      </Field>
    </>
  );
}

/** A new account has no password of ours: its one-time link lets its owner choose one. */
function Invite({ act, showLink }: { act: Act; showLink: ShowLink }) {
  const fresh = { name: "", roles: ["viewer"], party: "", language: "en" as "en" | "es" };
  const [f, setF] = useState(fresh);
  const submit = async (event: Event) => {
    event.preventDefault();
    const { name } = f;
    const invited = await act(
      async () => showLink(name, (await post<{ link_token: string }>("/api/accounts", f)).link_token),
      t("accounts.invited", { name }),
    );
    if (invited) setF(fresh);
  };
  return (
    <details>
      <summary>{t("accounts.invite")}</summary>
      <form class="act column" onSubmit={submit}>
        <Field label={t("login.name")}>
          <input required maxLength={64} value={f.name} autocomplete="off" onInput={(e) => setF({ ...f, name: e.currentTarget.value })} />
        </Field>
        <Rights f={f} set={(change) => setF({ ...f, ...change })} />
        <Button tone="primary" type="submit" disabled={!f.roles.length}>{t("accounts.invite_do")}</Button>
      </form>
    </details>
  );
}

/** What is shown this once: to be handed over by a way that is trusted. */
export function Secret({ words, value, close }: { words: string; value: string; close: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <div class="secret" role="status">
      <p>{words}</p>
      <div class="row">
        <input class="grow" readOnly value={value} aria-label={words} onFocus={(e) => e.currentTarget.select()} />
        <Button
          tone="primary"
          onClick={() => void navigator.clipboard?.writeText(value).then(() => setCopied(true), () => undefined)}
        >
          {t(copied ? "accounts.copied" : "accounts.copy")}
        </Button>
        <Button tone="quiet" onClick={close}>{t("close")}</Button>
      </div>
    </div>
  );
}

/** Who is logged in: one's own, or everybody's for an administrator. */
function Sessions({ revision }: { revision: number }) {
  const [sessions, setSessions] = useState<OpenSession[]>([]);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    void get<{ sessions: OpenSession[] }>("/api/sessions").then((answer) => setSessions(answer.sessions), () => undefined);
  }, [revision, again, session.value]);
  const end = async (s: OpenSession) => {
    if (await attempt(() => del(`/api/sessions/${s.id}`), t("sessions.ended", { name: s.name }))) setAgain(again + 1);
  };
  return (
    <>
      <h2>{t("sessions.title")} <span class="count num">{sessions.length}</span></h2>
      {sessions.length ? (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("sessions.title")}>
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{t("login.name")}</th>
              <th scope="col">{t("sessions.since")}</th>
              <th scope="col">{t("sessions.seen")}</th>
              <th scope="col"><span class="visually-hidden">{t("help.act")}</span></th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((s) => (
              <tr key={s.id}>
                <th scope="row">{s.name}{s.own ? <span class="muted"> · {t("sessions.this")}</span> : null}</th>
                <td><When ns={s.created_ns} /></td>
                <td><When ns={s.seen_ns} /></td>
                <td class="right">
                  {s.own ? null : (
                    <Button tone="quiet" onClick={() => void end(s)} aria-label={`${t("sessions.end")}: ${s.name}`}>{t("sessions.end")}</Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        </div>
      ) : <Empty>{t("sessions.none")}</Empty>}
    </>
  );
}
