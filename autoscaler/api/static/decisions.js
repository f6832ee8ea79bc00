// The decisions about a cluster, newest first; a click tells how one came about.

import { explanationOf } from "./explanation.js";
import { html } from "./dom.js";
import { following, pathOf, read } from "./session.js";
import { moment } from "./words.js";

const FIRST = 25;
const OUTCOMES = ["none", "planned", "applied", "refused", "failed", "abandoned", "not-enforced"];

export function decisionList(id) {
  let items = [], next = null, more = false;
  const open = new Map();
  const list = html("ol", { class: "card decisions" });
  const changes = html("input", { type: "checkbox", onchange: () => restart() });
  const outcome = html("select", { onchange: () => restart() }, html("option", { value: "" }, "all"),
    OUTCOMES.map(one => html("option", { value: one }, one)));
  const rest = html("button", { type: "button", onclick: () => older() }, "Older ones");

  function path() {
    const wanted = new URLSearchParams({ limit: FIRST, changes_only: changes.checked });
    if (outcome.value) wanted.set("outcome", outcome.value);
    return `${pathOf(id)}/decisions?${wanted}`;
  }

  async function restart() {
    more = false;
    await refresh();
  }

  async function refresh() {
    if (more) return; // whoever reads the past is not thrown back to the present
    ({ items, next } = await read(path()));
    draw();
  }

  async function older() {
    more = true;
    const page = await read(following(next));
    items = [...items, ...page.items];
    next = page.next;
    draw();
  }

  function draw() {
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    list.replaceChildren(...items.map(item => lineOf(item)));
    if (!items.length) list.append(html("li", { class: "quiet" }, "There are none."));
    if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus();
    rest.hidden = next === null;
  }

  function lineOf(item) {
    const { decision } = item, told = open.get(item.id) ?? null;
    const chip = decision.changes ? html("span", { class: `chip ${kindOf(item.state)}` }, item.state) : "";
    const button = html("button", { type: "button", "data-id": item.id, "aria-expanded": String(told !== null), onclick: toggle },
      html("div", { class: "quiet" }, `${moment(decision.at)} · ${decision.driver.replaceAll("_", " ")} `, chip), decision.reason);
    async function toggle() {
      if (open.has(item.id)) open.delete(item.id);
      else open.set(item.id, await explanationOf(id, item));
      draw();
    }
    return html("li", {}, button, told);
  }

  return {
    refresh,
    element: html("section", {},
      html("div", { class: "bar" }, html("label", { class: "line" }, changes, "only changes"), html("label", {}, "Outcome", outcome)),
      list, html("div", { class: "bar" }, rest)),
  };
}

const kindOf = state => ({ applied: "good", refused: "warn", failed: "bad", abandoned: "warn" })[state] ?? "";
