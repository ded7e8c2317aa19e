import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

/** A real authorization server on this machine, on which whoever signs in is believed. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
}

/** Starts `oidc-provider`: registration of clients, PKCE, and JWTs for the resource that is asked for. */
export async function startAuthorizationServer(scope: string): Promise<AuthorizationServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("There is no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...await exportJWK(privateKey), alg: "ES256", use: "sig", kid: "k1" }] },
    scopes: ["openid", "offline_access", scope],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    cookies: { keys: ["a key for cookies"] },
    features: {
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          scope,
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "ES256" } },
        }),
        useGrantedResource: () => true,
      },
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id }),
    }),
  });
  server.on("request", provider.callback());
  return {
    issuer,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Signs in as a browser with a person before it would, from the URL that a client sends them to.
 * Returns the URL of the client that they come back to.
 */
export async function signIn(start: URL, login: string, redirectUrl: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let body: URLSearchParams | null = null;
  for (let step = 0; step < 20; step++) {
    if (url.href.startsWith(redirectUrl)) return url;
    const response: Response = await fetch(url, {
      method: body === null ? "GET" : "POST",
      body,
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const html = await response.text();
    const location = response.headers.get("location");
    if (location !== null) {
      url = new URL(location, url);
      body = null;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
    if (prompt === undefined) throw new Error(`There is no form at ${url}: ${html}`);
    body = new URLSearchParams(prompt === "login" ? { prompt, login, password: "x" } : { prompt });
  }
  throw new Error("Signing in has no end");
}
