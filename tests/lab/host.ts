import type { Host, HostTimeouts } from "../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../lib/fleet/rules.ts";
import { Secret } from "../../lib/base/secret.ts";

/** Timeouts that no fault waits for. */
const GENEROUS: HostTimeouts = {
  connectMs: 5_000,
  lmcpMs: 20_000,
  sshMs: 10_000,
  sshHardMs: 30_000,
};

/** The part of a host that a test cares for. */
export interface LabHostOptions extends Partial<Omit<Host, "token" | "timeouts">> {
  readonly token?: string;
  readonly timeouts?: Partial<HostTimeouts>;
}

/** A host with both transports, with long timeouts by default. */
export function labHost({ token, timeouts, ...rest }: LabHostOptions = {}): Host {
  return {
    name: "tesla",
    sshHost: "tesla.invalid",
    lmcpUrl: null,
    natsName: null,
    token: token === undefined ? null : new Secret(token),
    tokenVariable: null,
    tags: [],
    rules: ALL_TOOLS,
    callTools: new Set(),
    wake: null,
    timeouts: { ...GENEROUS, ...timeouts },
    ...rest,
  };
}
