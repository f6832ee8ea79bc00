// The frame: who is signed in, which view is shown, and how often it is read again.

import { clusterView } from "./cluster.js";
import { say } from "./dom.js";
import { fleetView } from "./fleet.js";
import { Refused, forget, read, token } from "./session.js";
import { signIn } from "./sign-in.js";
import { followTheme } from "./theme.js";

const main = document.getElementById("main");
const state = document.getElementById("state");
const leave = document.getElementById("leave");
let caller = null, view = null, timer = 0;

function viewOf(hash) {
  const [, kind, id] = hash.split("/");
  return kind === "clusters" && id ? clusterView(decodeURIComponent(id), caller) : fleetView(caller);
}

async function open() {
  view?.close?.();
  clearTimeout(timer);
  if (caller === null && !(await known())) return;
  view = viewOf(location.hash);
  document.title = view.title ? `${view.title} · autoscaler` : "autoscaler";
  main.replaceChildren(view.element);
  await refresh();
}

async function known() {
  try {
    caller = await read("v1/me");
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status !== 401) {
      say(state, `${problem.message}. Trying again.`);
      timer = setTimeout(open, 3000);
      return false;
    }
    say(state, "");
    main.replaceChildren(signIn(token() ? "That token is not good (any more)." : "", open));
    document.getElementById("token").focus();
    return false;
  }
  say(document.getElementById("caller"), `${caller.actor} · ${caller.scope}`);
  leave.hidden = !token();
  return true;
}

async function refresh() {
  clearTimeout(timer);
  const shown = view;
  try {
    if (!document.hidden) await shown.refresh();
    say(state, "");
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) return signOut();
    say(state, `${problem.message}. What is shown may be old; trying again.`);
  }
  if (shown === view) timer = setTimeout(refresh, shown.everyMs());
}

function signOut() {
  forget();
  caller = null;
  leave.hidden = true;
  say(document.getElementById("caller"), "");
  return open();
}

leave.addEventListener("click", signOut);
document.getElementById("skip").addEventListener("click", event => { event.preventDefault(); main.focus(); });
window.addEventListener("hashchange", () => { open(); main.focus(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && view) refresh(); });
followTheme(document.getElementById("theme"));
open();
