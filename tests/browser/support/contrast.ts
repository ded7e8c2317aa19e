/// <reference lib="dom" />
import type { Page } from "playwright-core";

/** WCAG 2.2, success criterion 1.4.3: the least contrast of text with what is behind it. */
const MIN_CONTRAST = 4.5;

/** The texts of a page whose contrast is too low, with it. */
export async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate(findFaint, MIN_CONTRAST);
}

/** Runs in the page. */
function findFaint(minimum: number): string[] {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("There is no canvas");

  /** What is seen when these colours lie upon one another, as red, green and blue from 0 to 1. */
  function mix(colours: readonly string[]): number[] {
    context?.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      if (context === null) continue;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context?.getImageData(0, 0, 1, 1).data ?? []].slice(0, 3).map((part) => part / 255);
  }

  function luminance(parts: readonly number[]): number {
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function backgrounds(element: Element | null): string[] {
    if (element === null) return ["Canvas"];
    return [...backgrounds(element.parentElement), getComputedStyle(element).backgroundColor];
  }

  const faint: string[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? "";
    if (element === null || text === "" || !element.checkVisibility()) continue;
    const behind = backgrounds(element);
    const back = luminance(mix(behind));
    const front = luminance(mix([...behind, getComputedStyle(element).color]));
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (contrast < minimum) faint.push(`${text.slice(0, 40)} (${contrast.toFixed(2)})`);
  }
  return faint;
}
