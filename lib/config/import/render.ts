import { stringify } from "smol-toml";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { StatedHost } from "./source.ts";

/** Checked hosts as TOML to append to a registry, below lines of comment. */
export function renderHosts(
  hosts: readonly StatedHost[],
  heading: readonly string[],
): string {
  return [heading.map(toComment).join("\n"), ...hosts.map(renderHost)].join("\n\n");
}

function renderHost({ name, sshHost, tags, notes }: StatedHost): string {
  const fields = { ssh_host: sshHost, ...(tags.length === 0 ? {} : { tags }) };
  const [header = "", ...lines] = stringify({ hosts: Object.fromEntries([[name, fields]]) })
    .trimEnd().split("\n");
  return [header, ...notes.map(toComment), ...lines].join("\n");
}

/** Paths can be long. */
const MAX_COMMENT_CHARS = 1_000;

/** One line, whatever is in the text. */
function toComment(text: string): string {
  return `# ${foreignText(text, MAX_COMMENT_CHARS)}`;
}
