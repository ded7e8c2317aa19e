import { Secret } from "../../../../lib/base/secret.ts";
import { createAuthenticator } from "../../../../lib/http/auth.ts";
import { serveHttp } from "../../../../lib/http/listen.ts";
import { createSite } from "../../../../lib/http/pages/fleet/site.ts";
import { createServer } from "../../../../lib/mcp/server.ts";
import { fakeSources } from "../../../config/fake_sources.ts";
import { createFakeView, type FakeView } from "./fake_view.ts";
import { TOKEN } from "./served_site.ts";

/** A certificate for localhost that nobody trusts, and its key, as one PEM text. */
export async function makeKeyPair(): Promise<string> {
  const { stdout } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-nodes", "-days", "2", "-keyout", "-", "-out", "-"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** The fleet page on a port of its own, as the hub serves it; with a key pair, over HTTPS. */
export async function serveSite(keyPair: string | null = null, fleet: FakeView = createFakeView()) {
  const stop = new AbortController();
  const authenticate = createAuthenticator([{ name: "default", token: new Secret(TOKEN) }]);
  const listening = Promise.withResolvers<string>();
  const denials: unknown[] = [];
  const served = serveHttp({
    server: createServer({ name: "s", version: "1", tools: () => [], log() {} }),
    authenticate,
    createSite: (server) => createSite({ ...server, authenticate, openView: fleet.open }),
    onDenied: (denial) => denials.push(denial),
    settings: {
      name: "test",
      bind: "127.0.0.1",
      port: 0,
      token: null,
      allowedHosts: [],
      tls: keyPair === null ? null : { certPath: "/pair.pem", keyPath: "/pair.pem" },
      log: { format: "text", level: "info" },
      nats: null,
    },
    log: { error() {}, warn() {}, info() {}, debug() {} },
    stop: stop.signal,
    readTextFile: fakeSources({ files: { "/pair.pem": keyPair ?? "" } }).readTextFile,
    onListen: (url) => listening.resolve(new URL(url).origin),
  });
  const origin = await listening.promise;
  const signIn = async (token: string) => {
    const answer = await fetch(`${origin}/sign-in`, {
      method: "POST",
      body: new URLSearchParams({ token }),
      headers: { origin },
      redirect: "manual",
    });
    if (answer.status === 303) await answer.body?.cancel();
    return answer;
  };
  return {
    fleet,
    origin,
    denials,
    signIn,
    stop: async () => {
      stop.abort();
      await served;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await served;
    },
  };
}
