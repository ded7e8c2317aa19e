/**
 * `deno task share`: writes the manual pages and the completions for bash, zsh and fish into
 * `dist/share`, made from what `--help` says.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../lib/base/version.ts";
import { buildDate } from "./share/build_date.ts";
import { renderShared } from "./share/files.ts";

const folder = fileURLToPath(new URL("../dist/share", import.meta.url));
const edition = { version: VERSION, date: buildDate(Deno.env.get("SOURCE_DATE_EPOCH")) };
for (const role of ["hub", "agent"] as const) {
  for (const { path, text } of renderShared(role, edition)) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
    console.log(`dist/share/${path}`);
  }
}
