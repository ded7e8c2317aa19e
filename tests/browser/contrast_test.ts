import assert from "node:assert/strict";
import { faintTexts } from "./support/contrast.ts";
import { inChromium } from "./support/in_chromium.ts";

inChromium(
  "faintTexts() finds what can hardly be read, whatever it lies upon",
  async (chromium) => {
    await using page = await chromium.browser.newPage();
    await page.setContent(`<body style="color-scheme: light">
    <p>black</p>
    <p style="color: #777">grey</p>
    <p style="color: #767676">just dark enough</p>
    <p style="color: rgb(0 0 0 / 50%)">half</p>
    <div style="background: #000"><p style="color: #eee">light on dark</p><p>dark on dark</p></div>
    <p style="color: white; display: none">hidden</p>
    <script>const text = "not shown";</script>`);
    assert.deepEqual(await faintTexts(page), [
      "grey (4.48)",
      "half (4.00)",
      "dark on dark (1.00)",
    ]);
  },
);
