// @ts-check
/// <reference lib="dom" />

/** The page that the server has written is seen before its script is loaded. */
async function start() {
  const modules = document.getElementById("modules");
  if (modules instanceof HTMLTemplateElement) document.head.append(modules.content);
  const { openPage } = await import("./open_page.js");
  openPage(JSON.parse(document.getElementById("data")?.textContent ?? "null"));
}

if (document.hidden) start();
else requestAnimationFrame(() => setTimeout(start));
