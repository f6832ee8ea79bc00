// All clusters: sortable, filtered, a hundred rows at a time, so that thousands are no burden.

import { alarmsOf } from "./alarms.js";
import { html, say } from "./dom.js";
import { gauge } from "./gauge.js";
import { whole } from "./session.js";
import { moment, number, usd } from "./words.js";

const ROWS = 100, FEW = 300, OFTEN_MS = 4000, SELDOM_MS = 15000;

const COLUMNS = [
  { title: "Cluster", of: one => one.cluster_id, cell: cluster, head: true },
  { title: "Phase", of: one => one.status?.phase ?? "", cell: phase },
  { title: "Demand, ACU", of: one => one.demand_acu, cell: one => number(one.demand_acu), kind: "number" },
  { title: "Capacity in range, ACU", of: one => one.status?.ready_acu ?? null, cell: capacity, kind: "span" },
  { title: "Cost now, $/h", of: one => one.usd_per_hour, cell: one => usd(one.usd_per_hour), kind: "number" },
  { title: "Policy", of: one => one.policy, cell: one => [html("div", {}, one.policy), quiet(one.profile)] },
  { title: "Mode", of: one => one.mode, cell: one => one.mode },
  { title: "Alarms", of: one => -alarmsOf(one).length, cell: alarms },
  { title: "Last decision", of: one => one.last_decision?.at ?? "", cell: decision, kind: "why" },
];

export function fleetView() {
  let clusters = [], wanted = "", column = COLUMNS[0], ascending = true, page = 0;
  const sum = html("p", { class: "quiet" }), body = html("tbody"), pages = html("div", { class: "bar" });
  const search = html("input", { type: "search", id: "filter", placeholder: "name, policy, phase, mode, alarm …",
    oninput: () => { wanted = search.value.toLowerCase(); page = 0; draw(); } });
  const heads = COLUMNS.map(one => html("th", { scope: "col", class: one.kind ?? "" },
    html("button", { type: "button", onclick: () => sortBy(one) }, one.title)));

  function sortBy(one) {
    ascending = one === column ? !ascending : true;
    column = one;
    draw();
  }

  function found() {
    const sign = ascending ? 1 : -1;
    const known = clusters.filter(one => text(one).includes(wanted));
    return known.sort((a, b) => sign * compare(column.of(a), column.of(b)) || compare(a.cluster_id, b.cluster_id));
  }

  function draw() {
    const rows = found(), last = Math.max(0, Math.ceil(rows.length / ROWS) - 1);
    page = Math.min(page, last);
    heads.forEach((head, place) => {
      if (COLUMNS[place] === column) head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    const focused = document.activeElement?.closest?.("tbody") === body ? document.activeElement.textContent : null;
    body.replaceChildren(...rows.slice(page * ROWS, (page + 1) * ROWS).map(row));
    if (focused) [...body.querySelectorAll("a")].find(link => link.textContent === focused)?.focus();
    say(sum, told(rows));
    pages.replaceChildren(...(last ? turning(last) : []));
  }

  const turning = last => [
    html("button", { type: "button", disabled: page === 0, onclick: () => { page -= 1; draw(); } }, "Previous"),
    html("span", { class: "quiet" }, `page ${page + 1} of ${last + 1}`),
    html("button", { type: "button", disabled: page === last, onclick: () => { page += 1; draw(); } }, "Next"),
  ];

  return {
    title: "",
    everyMs: () => (clusters.length > FEW ? SELDOM_MS : OFTEN_MS),
    element: html("section", { "aria-label": "Fleet" },
      html("div", { class: "bar" }, html("label", { for: "filter" }, "Filter", search), sum),
      html("div", { class: "card scroll", tabindex: 0, role: "region", "aria-label": "Clusters" },
        html("table", { class: "fleet" },
          html("caption", { class: "hidden" }, "Clusters with their demand, capacity, cost and latest decision"),
          html("thead", {}, html("tr", {}, heads)), body)),
      pages,
      html("p", { class: "quiet", "aria-hidden": "true" }, "In the bars, on a logarithmic scale up to the owner's maximum: ",
        html("span", { class: "key band" }), "range ", html("span", { class: "key ready" }), "capacity ",
        html("span", { class: "key demand" }), "demand")),
    async refresh() {
      clusters = await whole("v1/clusters?limit=500");
      draw();
    },
  };
}

function row(one) {
  return html("tr", {}, COLUMNS.map(({ cell, kind, head, title }) => (head
    ? html("th", { scope: "row" }, cell(one))
    : html("td", { class: kind ?? "", "data-of": title.split(",")[0] }, cell(one)))));
}

const quiet = text => html("div", { class: "quiet" }, text);

function cluster(one) {
  const link = html("a", { href: `#/clusters/${encodeURIComponent(one.cluster_id)}` }, one.cluster_id);
  return [link, one.title === one.cluster_id ? "" : quiet(one.title)];
}

function phase(one) {
  return html("span", { class: `phase ${one.status?.phase ?? ""}` }, one.status?.phase ?? "not read yet");
}

function capacity(one) {
  if (!one.status) return "unknown";
  const { ready_acu, range } = one.status;
  return [`${number(ready_acu)} in ${number(range.floor_acu)} to ${number(range.ceiling_acu)}`, gauge(one)];
}

function alarms(one) {
  const found = alarmsOf(one);
  return found.length ? found.map(({ kind, text, why }) => html("span", { class: `chip ${kind}`, title: why }, text)) : "none";
}

function decision(one) {
  const { last_decision: last } = one;
  if (!last) return "none yet";
  return [html("div", {}, last.reason), quiet([moment(last.at), last.changes ? one.last_outcome : ""].filter(Boolean).join(" · "))];
}

function text(one) {
  const words = [one.cluster_id, one.title, one.policy, one.profile, one.mode, one.status?.phase];
  return [...words, ...alarmsOf(one).map(alarm => alarm.text)].join(" ").toLowerCase();
}

// Unknown comes last among numbers, whichever way: `null` is no small number.
function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

function told(clusters) {
  const total = of => clusters.reduce((sum, one) => sum + (of(one) ?? 0), 0);
  const alarmed = clusters.filter(one => alarmsOf(one).some(alarm => alarm.kind === "bad")).length;
  return [`${clusters.length} cluster${clusters.length === 1 ? "" : "s"}`, `${number(total(one => one.demand_acu))} ACU demand`,
    `${number(total(one => one.status?.ready_acu))} ACU capacity`, `${usd(total(one => one.usd_per_hour))} an hour`,
    alarmed ? `${alarmed} in trouble` : ""].filter(Boolean).join(" · ");
}
