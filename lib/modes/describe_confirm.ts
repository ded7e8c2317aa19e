import { foldNames } from "../targets/fold_names.ts";
import type { ConfirmRule } from "../fleet/confirm.ts";
import type { Registry } from "../fleet/host.ts";

/** Characters of the names of hosts. */
const MAX_HOSTS = 200;

/** Which calls wait for a person, a line for each rule. */
export function describeConfirm({ path, confirm = [], commands }: Registry): readonly string[] {
  const named = [...commands?.values() ?? []].filter(({ mustBeConfirmed }) => mustBeConfirmed)
    .map(({ name }) => name);
  return [
    ...confirm.map((rule) => `${path}: confirm: ${describeRule(rule)}`),
    ...(named.length === 0
      ? []
      : [`${path}: confirm: the commands ${named.join(", ")}: ${CLIENT}`]),
  ];
}

const CLIENT = "the client's user is asked, or the operator";

function describeRule({ tools, hosts, minHosts, asked }: ConfirmRule): string {
  const what = tools === null ? "whatever changes something" : [...tools].join(", ");
  const names = hosts === null ? "any host" : shorten(foldNames([...hosts]));
  const where = minHosts === 1 ? names : `${minHosts} or more of ${names}`;
  return `${what} on ${where}: ${asked === "client" ? CLIENT : "the operator is asked"}`;
}

function shorten(text: string): string {
  return text.length <= MAX_HOSTS ? text : `${text.slice(0, MAX_HOSTS - 1)}…`;
}
