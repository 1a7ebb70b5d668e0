/* Colours from the theme in force, for canvases, which cannot use CSS variables themselves. */

const FALLBACK = {
  "--primary-color": "#03a9f4", "--primary-text-color": "#212121", "--secondary-text-color": "#727272",
  "--divider-color": "#e0e0e0", "--card-background-color": "#ffffff", "--secondary-background-color": "#e5e5e5",
  "--warning-color": "#ffa600", "--error-color": "#db4437", "--info-color": "#039be5", "--success-color": "#43a047",
  "--disabled-text-color": "#bdbdbd", "--purple-color": "#926bc7",
};

/** The regimes' colours: calm ones for calm regimes; none is an alarm. */
export const REGIME_VARIABLE = {
  idle: "--disabled-text-color", periodic: "--info-color", transient: "--warning-color", chaotic: "--purple-color",
  unknown: "--divider-color",
};

export function colour(element, variable) {
  return getComputedStyle(element).getPropertyValue(variable).trim() || FALLBACK[variable] || "#888888";
}

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [red, green, blue]. */
export function rgb(value) {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = "#888888";
  probe.fillStyle = value;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** 256 colours through the given stops, each as a little-endian RGBA word for an image's Uint32Array. */
export function ramp(stops) {
  const points = stops.map(rgb);
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (points.length - 1);
    const low = Math.min(Math.floor(place), points.length - 2);
    const share = place - low;
    const [red, green, blue] = points[low].map((from, part) => Math.round(from + share * (points[low + 1][part] - from)));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
