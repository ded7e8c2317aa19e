import { isIPv6 } from "node:net";
import type { Problem } from "../../base/problem.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { MAX_TAGS, readHostGroups } from "./ansible_groups.ts";
import { type JsonTable, parseJsonTable, tableOf, textOf } from "./parse_json.ts";
import { type StatedHost, type StatedHosts, unusable } from "./source.ts";

/** Connections of Ansible's that use ssh. */
const SSH_CONNECTIONS = ["ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"];

/** Variables that say how ssh connects, which only its own configuration can say for the hub. */
const SSH_VARIABLES = [
  "ansible_ssh_common_args",
  "ansible_ssh_extra_args",
  "ansible_ssh_args",
  "ansible_ssh_private_key_file",
  "ansible_private_key_file",
];

/** Variables that hold a password, with which the hub cannot sign in. */
const PASSWORD_VARIABLES = ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"];

/** Reads the hosts that `ansible-inventory --list` prints; a host's groups become its tags. */
export function readAnsible(text: string, source: string): StatedHosts {
  const parsed = parseJsonTable(text, source);
  if ("problem" in parsed) return { hosts: [], problems: [parsed.problem] };
  const inventory = parsed.table;
  if (!Object.hasOwn(inventory, "_meta") && !Object.hasOwn(inventory, "all")) {
    const message = 'is not what ansible-inventory --list prints: there is no group "all"';
    return { hosts: [], problems: [unusable(source, message)] };
  }
  const variables = tableOf(tableOf(inventory, "_meta"), "hostvars");
  const problems = findSharedVariables(inventory, source);
  const hosts = [...readHostGroups(inventory)].flatMap(([name, tags]) => {
    const host = toHost(tableOf(variables, name), { name, tags, source });
    if (typeof host !== "string") return [host];
    problems.push(warning(source, name, `is left out: ${host}`));
    return [];
  });
  return { hosts, problems };
}

/** A host; or why it cannot be reached over ssh. */
function toHost(
  variables: JsonTable,
  { name, tags, source }: Pick<StatedHost, "name" | "tags" | "source">,
): StatedHost | string {
  const connection = textOf(variables, "ansible_connection") ?? "ssh";
  if (!SSH_CONNECTIONS.includes(connection)) {
    return `Ansible reaches it by ${quote(connection)}, not by ssh`;
  }
  const address = readVariable(variables, "ansible_host", "ansible_ssh_host");
  if (address.isHidden) return "its ansible_host is a template or a secret";
  const user = readVariable(variables, "ansible_user", "ansible_ssh_user");
  const port = readVariable(variables, "ansible_port", "ansible_ssh_port");
  const used = (keys: readonly string[]) => keys.filter((key) => Object.hasOwn(variables, key));
  const [options, passwords] = [used(SSH_VARIABLES), used(PASSWORD_VARIABLES)];
  const notes = [
    ...user.isHidden ? ["ansible_user is a template or a secret, and left out"] : [],
    ...port.isHidden ? ["ansible_port is a template or a secret, and left out"] : [],
    ...options.length > 0 ? [`${options.join(", ")}: say this in ssh's configuration`] : [],
    ...passwords.length > 0 ? [`${passwords.join(", ")}: the hub signs in by key alone`] : [],
    ...tags.length > MAX_TAGS ? [`is in more groups: ${MAX_TAGS} are tags here`] : [],
  ];
  const sshHost = toDestination(address.value ?? name, { user: user.value, port: port.value });
  return { name, sshHost, tags: tags.slice(0, MAX_TAGS), notes, source, line: null };
}

/** A variable's value; null: it is not set, or hidden. */
interface Variable {
  readonly value: string | null;
  /** Whether it is a template, which Ansible alone can fill in, or one of Vault's secrets. */
  readonly isHidden: boolean;
}

/** Reads the first of some names of a variable that is set. */
function readVariable(variables: JsonTable, ...names: readonly string[]): Variable {
  const name = names.find((name) => Object.hasOwn(variables, name));
  const value = name === undefined ? null : variables[name];
  if (value === null || value === "") return { value: null, isHidden: false };
  if (typeof value === "number") return { value: String(value), isHidden: false };
  const isPlain = typeof value === "string" && !value.includes("{{");
  return isPlain ? { value, isHidden: false } : { value: null, isHidden: true };
}

/** A destination as ssh takes it; only a URL can have a port. */
function toDestination(
  address: string,
  { user, port }: { readonly user: string | null; readonly port: string | null },
): string {
  if (port === null || port === "22") return user === null ? address : `${user}@${address}`;
  const host = isIPv6(address) ? `[${address}]` : address;
  return `ssh://${user === null ? "" : `${encodeURIComponent(user)}@`}${host}:${port}`;
}

/** With `--export` a group's variables are not in its hosts', where they are looked for. */
function findSharedVariables(inventory: JsonTable, source: string): Problem[] {
  return Object.keys(inventory).flatMap((name) => {
    const vars = Object.keys(tableOf(tableOf(inventory, name), "vars"));
    return vars.some((key) => key.startsWith("ansible_"))
      ? [
        warning(
          source,
          name,
          "sets variables that are not heeded: run ansible-inventory without --export",
        ),
      ]
      : [];
  });
}

function warning(source: string, field: string, message: string): Problem {
  return { severity: "warning", source, line: null, field: quote(field), message };
}

function quote(text: string): string {
  return JSON.stringify(foreignText(text));
}
