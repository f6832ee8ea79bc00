// A bar from 0 to the owner's maximum: the range, the ready capacity, the demand.

import { svg } from "./dom.js";

export function gauge(one) {
  const place = value => 100 * Math.min(1, Math.log2(1 + value) / Math.log2(1 + one.limits.max_acu));
  const { range, ready_acu } = one.status, floor = place(range.floor_acu);
  const part = (name, x, width, y, height) => svg("rect", { class: name, x, width, y, height });
  return svg("svg", { class: "gauge", viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    part("all", 0, 100, 2, 8),
    part("band", floor, Math.max(1, place(range.ceiling_acu) - floor), 2, 8),
    part("ready", Math.min(98.5, place(ready_acu)), 1.5, 0, 12),
    one.demand_acu === null ? null : part("demand", 0, place(one.demand_acu), 5, 2));
}
