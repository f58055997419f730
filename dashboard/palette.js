/** The colours of the style sheet, for the canvas, and what is drawn with them. */

const listeners = [];
let cache = new Map();
let probe = null;

/** A custom property as a colour that a canvas takes. */
export function colour(name) {
  if (!cache.has(name)) {
    probe ??= document.body.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
    probe.style.color = `var(--${name})`;
    cache.set(name, getComputedStyle(probe).color);
  }
  return cache.get(name);
}

/** Stripes over a surface: rising for what is starting, falling for what is stopping. */
export function stripes(context, line, ground, rising) {
  const key = `${line} ${ground} ${rising} ${devicePixelRatio}`;
  if (!cache.has(key)) {
    const size = Math.max(6, Math.round(6 * devicePixelRatio));
    const tile = new OffscreenCanvas(size, size);
    const pen = tile.getContext("2d");
    pen.fillStyle = colour(ground);
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = colour(line);
    pen.lineWidth = Math.max(1.5, size / 4);
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, rising ? size : 0);
      pen.lineTo(shift + size, rising ? 0 : size);
    }
    pen.stroke();
    cache.set(key, context.createPattern(tile, "repeat"));
  }
  return cache.get(key);
}

/** Dots over a surface, for room that is free. */
export function dots(context, line, ground) {
  const key = `${line} ${ground} dots ${devicePixelRatio}`;
  if (!cache.has(key)) {
    const size = Math.round(7 * devicePixelRatio);
    const tile = new OffscreenCanvas(size, size);
    const pen = tile.getContext("2d");
    pen.fillStyle = colour(ground);
    pen.fillRect(0, 0, size, size);
    pen.fillStyle = colour(line);
    pen.beginPath();
    pen.arc(size / 2, size / 2, devicePixelRatio * 0.8, 0, 2 * Math.PI);
    pen.fill();
    cache.set(key, context.createPattern(tile, "repeat"));
  }
  return cache.get(key);
}

/** Calls back after each change of the colours. */
export const onColours = (listener) => listeners.push(listener);

function changed() {
  cache = new Map();
  listeners.forEach((listener) => listener());
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);

const THEMES = ["auto", "light", "dark"];

/** Makes a button go through the themes: the system's, light, dark. */
export function themeButton(button) {
  const root = document.documentElement;
  const show = () => {
    button.textContent = `Theme: ${root.dataset.theme ?? "auto"}`;
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "auto") localStorage.removeItem("microscale-theme");
      else localStorage.setItem("microscale-theme", next);
    } catch {
      // Storage may be forbidden; then the choice lasts until the page is left.
    }
    show();
    changed();
  });
  show();
}
