// One cluster: what it is, its chart, people's orders, its decisions.

import { alarmsOf } from "./alarms.js";
import { chartOf, readSeries } from "./chart-data.js";
import { decisionList } from "./decisions.js";
import { html } from "./dom.js";
import { ordersOf } from "./orders.js";
import { pathOf, read } from "./session.js";
import { sleepOf } from "./sleep.js";
import { moment, number, range, span, usd } from "./words.js";

const EVERY_MS = 5000;
const SPANS = { "1 h": 1, "6 h": 6, "24 h": 24, "7 d": 168 };

export function clusterView(id, caller) {
  let hours = 6;
  const head = html("div"), facts = html("dl", { class: "card facts" }), chart = html("div", { class: "card chart" });
  const orders = ordersOf(id, caller, () => refresh()), decisions = decisionList(id), sleep = sleepOf(id);
  const spans = html("div", { class: "bar", role: "group", "aria-label": "How much of the past" });

  function drawSpans() {
    spans.replaceChildren(...Object.entries(SPANS).map(([text, value]) => html("button",
      { type: "button", "aria-pressed": String(value === hours), onclick: () => choose(value) }, text)));
  }

  async function choose(value) {
    hours = value;
    drawSpans();
    spans.querySelector("[aria-pressed=true]").focus();
    await refresh();
  }

  async function refresh() {
    const one = await read(pathOf(id));
    head.replaceChildren(html("h2", {}, one.cluster_id, " "), html("p", { class: "quiet" }, one.title),
      html("p", {}, alarmsOf(one).map(({ kind, text, why }) => html("span", { class: `chip ${kind}` }, `${text}: ${why}`))));
    facts.replaceChildren(...factsOf(one).map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
    await Promise.all([orders.refresh(one), sleep.refresh(one), decisions.refresh(), readSeries(one, hours).then(series => chartOf(chart, series))]);
  }

  drawSpans();
  return {
    title: id,
    everyMs: () => EVERY_MS,
    refresh,
    element: html("article", { "aria-label": `Cluster ${id}` },
      html("p", {}, html("a", { href: "#/" }, "← all clusters")), head, facts, spans, chart, sleep.element,
      html("h3", {}, "Orders"), orders.element, html("h3", {}, "Decisions"), decisions.element),
  };
}

function factsOf(one) {
  const { status } = one;
  return [
    ["Phase", status?.phase ?? "not read yet"], ["Demand", `${number(one.demand_acu)} ACU`],
    ["Ready capacity", `${number(status?.ready_acu)} ACU`], ["Range in force", range(status?.range)],
    ["Range on its way", status?.requested ? range(status.requested) : "none"],
    ["Owner's limits", `${number(one.limits.min_acu)} to ${number(one.limits.max_acu)} ACU${one.limits.may_pause ? ", may pause" : ""}`],
    ["Policy", one.policy], ["Mode", one.mode], ["Cost now", `${usd(one.usd_per_hour)} an hour`],
    ["Used so far", `${number(one.acu_hours)} ACU-hours`], ["Newest sample", one.demand_at ? moment(one.demand_at) : "none"],
    ["Sight", one.blind_seconds === null ? "never measured" : one.blind_seconds > 0 ? `blind for ${span(one.blind_seconds)}` : "good"],
  ];
}
