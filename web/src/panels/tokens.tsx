import { useEffect, useState } from "preact/hooks";
import { attempt } from "../actions";
import { del, get, post } from "../api";
import { session } from "../state";
import { Button, Empty, Field, Pill, When } from "../ui";
import { t, term } from "../words";
import { Secret, withIncluded, type Account } from "./accounts";

interface Token { id: string; name: string; label: string; roles: string[]; created_ns: number; expires_ns: number }

/** API tokens: some roles of one account, an end, a secret that is shown once. */
export function Tokens({ accounts, revision }: { accounts: Account[]; revision: number }) {
  const [tokens, setTokens] = useState<Token[]>([]);
  const [again, setAgain] = useState(0);
  const [secret, setSecret] = useState<{ label: string; value: string } | null>(null);
  useEffect(() => {
    void get<{ tokens: Token[] }>("/api/tokens").then((answer) => setTokens(answer.tokens), () => undefined);
  }, [revision, again]);
  const remove = async (token: Token) => {
    if (await attempt(() => del(`/api/tokens/${token.id}`), t("tokens.removed", { label: token.label }))) setAgain(again + 1);
  };
  const now_ns = Date.now() * 1e6;
  return (
    <>
      <h2>{t("tokens.title")} <span class="count num">{tokens.length}</span></h2>
      {secret ? <Secret key={secret.value} words={t("tokens.shown_once", { label: secret.label })} value={secret.value} close={() => setSecret(null)} /> : null}
      {tokens.length ? (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("tokens.title")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("tokens.label")}</th>
                <th scope="col">{t("tokens.account")}</th>
                <th scope="col">{t("accounts.roles")}</th>
                <th scope="col">{t("tokens.ends")}</th>
                <th scope="col"><span class="visually-hidden">{t("help.act")}</span></th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <th scope="row">{token.label}</th>
                  <td>{token.name}</td>
                  <td>{token.roles.map((role) => term("role", role)).join(", ")}</td>
                  <td>
                    <When ns={token.expires_ns} /> {token.expires_ns < now_ns ? <Pill tone="warn">{t("tokens.over")}</Pill> : null}
                  </td>
                  <td class="right">
                    <Button tone="quiet" onClick={() => void remove(token)} aria-label={`${t("tokens.remove")}: ${token.label}`}>{t("tokens.remove")}</Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : <Empty>{t("tokens.none")}</Empty>}
      <NewToken
        accounts={accounts}
        made={(label, value) => {
          setSecret({ label, value });
          setAgain(again + 1);
        }}
      />
    </>
  );
}

function NewToken({ accounts, made }: { accounts: Account[]; made: (label: string, secret: string) => void }) {
  const [f, setF] = useState({ name: session.value?.name ?? "", label: "", roles: [] as string[], days: "90" });
  const account = accounts.find((a) => a.name === f.name);
  const allowed = withIncluded(account?.roles ?? []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = { ...f, days: Number(f.days) };
    await attempt(async () => made(f.label, (await post<{ secret: string }>("/api/tokens", body)).secret), t("tokens.made", { label: f.label }));
  };
  return (
    <details>
      <summary>{t("tokens.new")}</summary>
      <form class="act column" onSubmit={submit}>
        <Field label={t("tokens.label")} hint={t("tokens.label_hint")}>
          <input required maxLength={100} value={f.label} onInput={(e) => setF({ ...f, label: e.currentTarget.value })} />
        </Field>
        <Field label={t("tokens.account")}>
          <select value={f.name} onChange={(e) => setF({ ...f, name: e.currentTarget.value, roles: [] })}>
            {accounts.filter((a) => a.active).map((a) => <option key={a.name} value={a.name}>{a.name}</option>)}
          </select>
        </Field>
        <fieldset class="rights">
          <legend class="field-label">{t("tokens.scope")}</legend>
          {allowed.map((role) => (
            <label key={role} class="check">
              <input
                type="checkbox"
                checked={f.roles.includes(role)}
                onChange={(e) => setF({ ...f, roles: e.currentTarget.checked ? [...f.roles, role] : f.roles.filter((r) => r !== role) })}
              />
              <span><b>{term("role", role)}</b> <span class="muted">{term("role_may", role)}</span></span>
            </label>
          ))}
        </fieldset>
        <Field label={t("tokens.days")}>
          <input type="number" required min={1} max={3660} step={1} value={f.days} onInput={(e) => setF({ ...f, days: e.currentTarget.value })} />
        </Field>
        <Button tone="primary" type="submit" disabled={!f.roles.length}>{t("tokens.make")}</Button>
      </form>
    </details>
  );
}

interface Line { seq: number; time_ns: number; who: string; did: string; about: string }

/** Who read personal data, who changed who may do what; the newest first. */
export function Audit({ revision }: { revision: number }) {
  const [lines, setLines] = useState<Line[]>([]);
  useEffect(() => {
    void get<{ lines: Line[] }>("/api/audit?newest=true&limit=50").then((answer) => setLines(answer.lines.reverse()), () => undefined);
  }, [revision]);
  return (
    <>
      <h2>{t("audit.title")}</h2>
      <p class="muted">{t("audit.lead")}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("audit.title")}>
        <table class="list audit">
          <thead>
            <tr>
              <th scope="col">{t("audit.when")}</th>
              <th scope="col">{t("audit.who")}</th>
              <th scope="col">{t("audit.did")}</th>
              <th scope="col">{t("audit.about")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.seq}>
                <td><When ns={line.time_ns} /></td>
                <th scope="row">{line.who || "–"}</th>
                <td>{didOf(line.did)}</td>
                <td class="muted about">{line.about}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What stands in the book is fixed English; what names a route keeps its name. */
function didOf(did: string): string {
  const [verb, ...route] = did.split(" ");
  return verb === "refused" || verb === "read" ? `${term("did", verb)} ${route.join(" ")}` : term("did", did);
}
