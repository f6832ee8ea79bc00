// Who we are to the service. The token stays in this tab: it is in no URL, no cookie and no lasting store.

const KEY = "autoscaler-token";
const LONGEST_MS = 20000;

export const token = () => sessionStorage.getItem(KEY) ?? "";
export const keep = text => sessionStorage.setItem(KEY, text);
export const forget = () => sessionStorage.removeItem(KEY);

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

// One request; `headers` are besides the usual ones. Throws Refused with the service's own sentence.
export async function ask(path, { method = "GET", body = null, headers = {} } = {}) {
  const sent = { ...headers };
  if (token()) sent.Authorization = `Bearer ${token()}`;
  if (body !== null) sent["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method, headers: sent, body: body === null ? undefined : JSON.stringify(body),
    cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(LONGEST_MS),
  });
  const document = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, document?.detail ?? `the service answered ${answer.status}`);
  return { document, etag: answer.headers.get("ETag") };
}

export const read = async path => (await ask(path)).document;

// `next` is a path on the service; the page may be served below another one.
export const following = next => next.replace(/^\//, "");

export const pathOf = id => `v1/clusters/${encodeURIComponent(id)}`;

export async function whole(path) {
  const items = [];
  for (let next = path; next !== null;) {
    const page = await read(next);
    items.push(...page.items);
    next = page.next === null ? null : following(page.next);
  }
  return items;
}
