// What the chart shows, read from the API: demand, ready capacity, the range over time, the forecast.

import { drawChart } from "./chart.js";
import { pathOf, read, whole } from "./session.js";

const RESOLUTIONS = [[6, "kept"], [72, "5m"], [Infinity, "1h"]];
const MOST_CHANGES = 500;

export async function readSeries(one, hours) {
  const forecast = await read(`${pathOf(one.cluster_id)}/forecast?recent_hours=0`);
  const now = Date.parse(forecast.at), from = now - hours * 3600e3, since = encodeURIComponent(new Date(from).toISOString());
  const resolution = RESOLUTIONS.find(([most]) => hours <= most)[1];
  const [samples, decisions] = await Promise.all([
    whole(`${pathOf(one.cluster_id)}/samples?since=${since}&resolution=${resolution}`),
    read(`${pathOf(one.cluster_id)}/decisions?outcome=applied&since=${since}&limit=${MOST_CHANGES}`),
  ]);
  const ahead = forecast.windows.length ? Math.min(hours / 2, 24) * 3600e3 : hours * 60e3;
  return {
    from, now, until: now + ahead, levels: forecast.levels,
    samples: samples.map(sample => ({ at: Date.parse(sample.at), seconds: sample.seconds,
      demand: sample.demand_acu, ready: sample.capacity_acu })),
    ranges: rangesOf(one, decisions.items, from, now),
    windows: forecast.windows.map(window => ({ at: Date.parse(window.at), seconds: forecast.step_seconds,
      demand: window.demand_acu })).filter(window => window.at < now + ahead && window.at + window.seconds * 1000 > now),
  };
}

// The range in force from moment to moment: each applied decision says what was before it and after.
function rangesOf(one, items, from, now) {
  const steps = items.toReversed().map(item => ({ ...item.decision, at: Date.parse(item.finished_at) }));
  const first = steps[0]?.before ?? one.status?.range;
  if (!first) return [];
  const found = [{ at: from, range: first }, ...steps.map(step => ({ at: Math.max(from, step.at), range: step.after }))];
  return found.map((step, place) => ({ from: step.at, until: found[place + 1]?.at ?? now,
    floor: step.range.floor_acu, ceiling: step.range.ceiling_acu }));
}

export const chartOf = (place, series) => drawChart(place, series);
