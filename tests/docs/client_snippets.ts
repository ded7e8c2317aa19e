import { codeBlocks, readDocument, section } from "./documents.ts";
import type { DocumentedFleet } from "./fleet.ts";
import { type ShellCommand, shellCommands } from "./shell_commands.ts";

/** Where a running hub is, and its token. */
export type Access = Pick<DocumentedFleet, "origin" | "token">;

/** Puts a running hub and its token in the place of the documents' examples. */
export function toFleet(text: string, { origin, token }: Access): string {
  return text
    .replace(/https:\/\/hub\.example\.org|http:\/\/127\.0\.0\.1:8090/g, origin)
    .replace(/\$\(cat [^)]*hub-token\)|\bTOKEN\b|\$\{input:token\}/g, token);
}

/** The only snippet of a client in docs/clients.md that is in this language. */
export async function clientSnippet(title: string, language: string): Promise<string> {
  const blocks = codeBlocks(section(await readDocument("docs/clients.md"), title))
    .filter((block) => block.language === language);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(`${title} has ${blocks.length} snippets in ${language}, not 1`);
  }
  return block.code;
}

/** The commands that docs/clients.md says to type for a client, for a running hub. */
export async function clientCommands(title: string, access: Access): Promise<ShellCommand[]> {
  return await shellCommands(toFleet(await clientSnippet(title, "sh"), access));
}
