import type { Secret } from "../base/secret.ts";
import type { Client } from "./client.ts";
import type { ConfirmRule } from "./confirm.ts";
import type { NamedCommands } from "../work/commands/named_command.ts";
import type { Wake } from "./wake.ts";
import type { ToolRules } from "./rules.ts";

/** How long to wait for a host, in milliseconds. */
export interface HostTimeouts {
  /** To reach the backend's port (name lookup, TCP and TLS handshake). */
  readonly connectMs: number;
  /** For the backend to answer; a `shell` call's own `timeout` comes on top. */
  readonly lmcpMs: number;
  /** ssh's `ConnectTimeout`. */
  readonly sshMs: number;
  /** Wall-clock cap of an ssh call other than `shell`. */
  readonly sshHardMs: number;
}

/** One entry of the registry. At least one of `sshHost`, `lmcpUrl` and `natsName` is usually set. */
export interface Host {
  /** `[A-Za-z0-9._-]`, not starting with `-` or `.`; matched exactly. */
  readonly name: string;
  /** Destination for `ssh`; null: no ssh fallback. */
  readonly sshHost: string | null;
  /** URL of the backend's MCP endpoint, `http:`, `https:`, or `ssh:` (an `SshUrl`); null: ssh only. */
  readonly lmcpUrl: string | null;
  /** Its name on NATS, where its agents answer; null: it is not reached over NATS. */
  readonly natsName: string | null;
  /** Bearer token for the backend. */
  readonly token: Secret | null;
  /** Environment variable that holds the token, to be hidden from child processes. */
  readonly tokenVariable: string | null;
  readonly tags: readonly string[];
  readonly timeouts: HostTimeouts;
  /** What everybody is allowed here. */
  readonly rules: ToolRules;
  /** Names of the backend's own tools that `remote_call_tool` may call; null: all of them. */
  readonly callTools: ReadonlySet<string> | null;
  /** How it is woken; null: it cannot be. */
  readonly wake: Wake | null;
  /** It has announced itself over NATS, and the registry does not name it. */
  readonly isDiscovered?: true;
}

/** Whether a text can be the name of a host. */
export function isHostName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(text);
}

/** Where a host is, as its entry in the registry says: another place is another host. */
export function placeOf(host: Host | undefined): string {
  return JSON.stringify([host?.lmcpUrl ?? null, host?.sshHost ?? null, host?.natsName ?? null]);
}

/** Whether a host is reached over an MCP server of its own. */
export function hasBackend({ lmcpUrl, natsName }: Host): boolean {
  return lmcpUrl !== null || natsName !== null;
}

/** The host without that: as it is reached over ssh alone. */
export function withoutBackend(host: Host): Host {
  return { ...host, lmcpUrl: null, natsName: null };
}

/** Names of hosts by the name that they have together. */
export type HostGroups = ReadonlyMap<string, ReadonlySet<string>>;

/** Hosts by name. */
export interface HostList {
  /** The file that names them, for texts to the hub's operators; null: the reader is not one. */
  readonly path: string | null;
  readonly hosts: ReadonlyMap<string, Host>;
  /** Names of some of them, by the name of their group. */
  readonly groups: HostGroups;
}

/** All that a registry's file states. */
export interface Registry extends HostList {
  readonly path: string;
  /** By name. */
  readonly clients: ReadonlyMap<string, Client>;
  /** Absent: there are none. */
  readonly commands?: NamedCommands;
  /** Which calls wait for a person; absent: none does, but for commands that say so themselves. */
  readonly confirm?: readonly ConfirmRule[];
}
