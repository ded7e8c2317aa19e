import type { Secret } from "../base/secret.ts";
import type { Client } from "./client.ts";
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

/** One entry of the registry. At least one of `sshHost` and `lmcpUrl` is usually set. */
export interface Host {
  /** `[A-Za-z0-9._-]`, not starting with `-` or `.`; matched exactly. */
  readonly name: string;
  /** Destination for `ssh`; null: no ssh fallback. */
  readonly sshHost: string | null;
  /** URL of the backend's MCP endpoint, `http:`, `https:`, or `ssh:` (an `SshUrl`); null: ssh only. */
  readonly lmcpUrl: string | null;
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
}
