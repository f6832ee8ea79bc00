// An SVG of capacities over time. The mouse or the arrow keys walk along it; what is under them is told in words.

import { html, svg } from "./dom.js";
import { lineOf, stepsOf, ticksOf, timesOf } from "./scales.js";
import { moment, number } from "./words.js";

const NARROWEST = 300, HEIGHT = 320, LEFT = 42, RIGHT = 8, TOP = 10, BOTTOM = 22;

export function drawChart(place, series) {
  const at = place.dataset.at ? Number(place.dataset.at) : null;
  const top = highest(series), width = Math.max(NARROWEST, place.clientWidth - 16), plain = width - LEFT - RIGHT;
  const x = time => LEFT + plain * (time - series.from) / (series.until - series.from);
  const y = acu => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(acu, top) / top);
  const cross = svg("line", { class: "cross", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
  const tip = html("p", { class: "tip", "aria-live": "polite" });
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", tabindex: 0,
    "aria-label": aboutOf(series) }, grid(series, top, width, x, y), bands(series, x, y), lines(series, x, y), cross);

  function show(time) {
    const found = Math.max(series.from, Math.min(series.until, time));
    place.dataset.at = String(found);
    for (const name of ["x1", "x2"]) cross.setAttribute(name, x(found));
    cross.setAttribute("visibility", "visible");
    tip.textContent = toldAt(series, found);
  }

  const step = (series.until - series.from) / 120;
  picture.addEventListener("pointermove", event => {
    const box = picture.getBoundingClientRect();
    const part = ((event.clientX - box.left) / box.width * width - LEFT) / plain;
    show(series.from + part * (series.until - series.from));
  });
  picture.addEventListener("keydown", event => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    show((Number(place.dataset.at) || series.now) + way * step);
  });
  const focused = place.contains(document.activeElement);
  place.replaceChildren(picture, legend(series), tip);
  if (focused) picture.focus();
  if (at !== null) show(at);
  else tip.textContent = "Point at the chart, or use the arrow keys on it.";
}

function highest({ samples, windows, ranges }) {
  const seen = [...samples.flatMap(one => [one.demand ?? 0, one.ready ?? 0]), ...windows.flatMap(one => one.demand ?? 0)];
  const floors = ranges.map(one => one.floor);
  return 1.15 * Math.max(1, ...floors, ...seen.flat());
}

function grid({ from, until, now }, top, width, x, y) {
  const across = ticksOf(top).map(acu => [
    svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(acu), y2: y(acu) }),
    svg("text", { x: LEFT - 6, y: y(acu) + 4, "text-anchor": "end" }, number(acu))]);
  const along = timesOf(from, until, width / 110).map(({ time, text }) => svg("text",
    { x: x(time), y: HEIGHT - 6, "text-anchor": "middle" }, text));
  return [...across.flat(), ...along, svg("line", { class: "now", x1: x(now), x2: x(now), y1: TOP, y2: HEIGHT - BOTTOM })];
}

function bands({ ranges, windows }, x, y) {
  const range = ranges.map(one => svg("rect", { class: "band", x: x(one.from), y: y(one.ceiling),
    width: Math.max(0, x(one.until) - x(one.from)), height: Math.max(1, y(one.floor) - y(one.ceiling)) }));
  const foreseen = windows.map(one => ({ ...one, low: one.demand[0], high: one.demand.at(-1) })).map(one => svg("rect",
    { class: "foreseen-band", x: x(one.at), y: y(one.high), width: x(one.at + one.seconds * 1000) - x(one.at),
      height: Math.max(1, y(one.low) - y(one.high)) }));
  return [...range, ...foreseen];
}

function lines({ samples, windows }, x, y) {
  const middle = windows.map(one => ({ ...one, value: one.demand[0] }));
  return [
    svg("path", { class: "line foreseen", d: stepsOf(middle, one => one.value, x, y) }),
    svg("path", { class: "line ready", d: lineOf(samples, one => one.ready, x, y) }),
    svg("path", { class: "line demand", d: lineOf(samples, one => one.demand, x, y) }),
  ];
}

function legend({ levels }) {
  const part = (key, text) => html("span", {}, html("span", { class: `key ${key}` }), text);
  const band = levels.length ? `forecast of the demand, ${levels[0] * 100} to ${levels.at(-1) * 100} %` : "no forecast";
  return html("div", { class: "legend quiet" }, part("demand", "demand"), part("ready", "ready capacity"),
    part("band", "range in force"), part("foreseen", band));
}

function toldAt({ samples, ranges, windows, levels }, time) {
  const within = one => time >= (one.from ?? one.at) && time < (one.until ?? one.at + one.seconds * 1000);
  const sample = samples.find(within), range = ranges.find(within), window = windows.find(within);
  return [moment(new Date(time).toISOString()),
    sample && `demand ${number(sample.demand)} ACU, ready ${number(sample.ready)} ACU`,
    range && `range ${number(range.floor)} to ${number(range.ceiling)} ACU`,
    window && `forecast ${levels.map((level, place) => `${level * 100} %: ${number(window.demand[place])}`).join(", ")} ACU`,
  ].filter(Boolean).join(" · ");
}

function aboutOf({ samples, levels }) {
  const known = samples.map(one => one.demand).filter(value => value !== null);
  const span = known.length ? `between ${number(Math.min(...known))} and ${number(Math.max(...known))} ACU` : "not measured";
  return `Chart. Demand was ${span}${levels.length ? "; a forecast follows" : ""}. The arrow keys walk along it.`;
}
