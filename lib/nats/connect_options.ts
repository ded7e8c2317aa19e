import { credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import type { Secret } from "../base/secret.ts";
import type { QuietOptions } from "./client.ts";
import { createIdentityCheck } from "./server_identity.ts";
import type { NatsSettings } from "./settings.ts";

/** How long a server may take to accept a connection. */
const CONNECT_MS = 5_000;
/** A server that does not answer two of these in a row is gone. */
const PING_MS = 10_000;

/** What a client is made with. */
export interface ClientOptions {
  readonly settings: NatsSettings;
  readonly name: string;
  readonly inboxPrefix?: string;
  /** How long to wait before the next attempt to connect. */
  readonly retryMs: () => number;
  /** Ends an attempt that is under way. */
  readonly ending: AbortSignal;
}

/** The options of the client library; a server that cannot be reached is tried again for ever. */
export function toClientOptions(
  { settings, name, inboxPrefix, retryMs, ending }: ClientOptions,
): QuietOptions {
  const { servers, credentials, seed, user, password, needsTls, ca, cert, key } = settings;
  const tls = {
    checkServerIdentity: createIdentityCheck(servers),
    ...ca !== null && { ca },
    ...cert !== null && { cert },
    ...key !== null && { key: key.reveal() },
  };
  return {
    ending,
    name,
    servers: [...servers],
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: retryMs,
    pingInterval: PING_MS,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...inboxPrefix !== undefined && { inboxPrefix },
    ...needsTls && { tls },
    ...user !== null && { user },
    ...password !== null && { pass: password.reveal() },
    ...credentials !== null && {
      authenticator: credsAuthenticator(encode(credentials)),
    },
    ...seed !== null && { authenticator: nkeyAuthenticator(encode(seed)) },
  };
}

function encode(secret: Secret): Uint8Array {
  return new TextEncoder().encode(secret.reveal());
}
