import { newClaimId } from "../../../../lib/work/claims/id.ts";
import { lookUpScript, readLookUp } from "../../../../lib/work/claims/look_up.ts";
import type { ClaimPlace } from "../../../../lib/work/claims/on_host.ts";
import { type OldFolder, runHere, startOf } from "../host_scripts.ts";

/** Options of a test that reads `/proc`. */
export const linux = { ignore: Deno.build.os !== "linux" };
/** The digest of a claim's arguments. */
export const DIGEST = "0d".repeat(32);

/** Looks a claim up that has these files. */
export async function lookUp(
  folder: OldFolder,
  files: Readonly<Record<string, string>> | null,
  { id = newClaimId(), ageSeconds = 5, boot = folder.boot } = {},
) {
  if (files !== null) {
    await Deno.mkdir(`${folder.path}/${id}`, { mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder.path}/${id}/${name}`, text);
    }
  }
  const place: ClaimPlace = { kind: "agent", directory: folder.path, id: folder.id, boot };
  return readLookUp(await runHere(lookUpScript({ place, id, ageSeconds })));
}

/** A process of that age which has ended, so that its id is free. */
export async function endedProcess(): Promise<{ pid: number; start: string }> {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const start = await startOf(child.pid);
  child.kill("SIGKILL");
  await child.status;
  return { pid: child.pid, start };
}
