// @ts-check
/// <reference lib="dom" />

/**
 * A colour of the style sheet as it is now, for a canvas.
 * @param {Element} element
 * @param {string} name
 */
export function colourOf(element, name) {
  return getComputedStyle(element).getPropertyValue(`--${name}-plot`).trim() || "gray";
}

/**
 * Calls back when the system changes between light and dark.
 * @param {() => void} listener
 */
export function onSchemeChange(listener) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}
