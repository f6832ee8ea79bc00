// From values to places on a chart.

const HOUR = 3600e3;

export function ticksOf(top) {
  const rough = top / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(one => one >= rough);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, place) => place * step);
}

export function timesOf(from, until, most) {
  const step = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48].map(one => one * HOUR).find(one => (until - from) / one <= most) ?? 48 * HOUR;
  const found = [];
  for (let time = Math.ceil(from / step) * step; time < until; time += step) {
    const text = new Date(time).toISOString();
    found.push({ time, text: step >= 12 * HOUR ? text.slice(5, 10) : text.slice(11, 16) });
  }
  return found;
}

// A line through the middles of samples; what is unknown, or missing for long, is a gap.
export function lineOf(samples, of, x, y) {
  let path = "", end = null;
  for (const one of samples) {
    const value = of(one), middle = one.at + one.seconds * 500;
    if (value === null) { end = null; continue; }
    path += `${end !== null && one.at - end < one.seconds * 1500 ? "L" : "M"}${x(middle).toFixed(1)} ${y(value).toFixed(1)}`;
    end = one.at + one.seconds * 1000;
  }
  return path;
}

export function stepsOf(windows, of, x, y) {
  return windows.map((one, place) => `${place ? "L" : "M"}${x(one.at).toFixed(1)} ${y(of(one)).toFixed(1)}`
    + `L${x(one.at + one.seconds * 1000).toFixed(1)} ${y(of(one)).toFixed(1)}`).join("");
}
