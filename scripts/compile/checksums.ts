import { createHash } from "node:crypto";

/** Writes `SHA256SUMS` for `sha256sum -c`; returns a line with sum and size for each file. */
export async function writeChecksums(
  directory: string,
  files: readonly string[],
): Promise<string[]> {
  const sums: string[] = [];
  const lines: string[] = [];
  for (const file of files) {
    const bytes = await Deno.readFile(`${directory}/${file}`);
    const sum = createHash("sha256").update(bytes).digest("hex");
    sums.push(`${sum}  ${file}\n`);
    lines.push(`${sum}  dist/${file}  ${(bytes.length / 1_000_000).toFixed(1)} MB`);
  }
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, sums.join(""));
  return lines;
}
