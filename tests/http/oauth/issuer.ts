import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from "jose";

/** A key pair of an issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** What the issuer publishes. */
  readonly jwk: JWK;
}

/** Makes a key pair. */
export async function makeKey(kid: string, alg = "ES256", more: JWK = {}): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    alg,
    privateKey,
    jwk: { ...await exportJWK(publicKey), kid, alg, use: "sig", ...more },
  };
}

/** An authorization server that does as it is asked, on this machine. */
export interface LabIssuer extends AsyncDisposable {
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** What it publishes. */
  keys: readonly SigningKey[];
  /** What it does instead of an answer, or before it; null: nothing. */
  fault: ((request: Request) => Promise<Response | null>) | null;
  /** What else its metadata says. */
  metadata: Readonly<Record<string, unknown>>;
}

/** Starts an issuer with one key. */
export async function startIssuer(path = ""): Promise<LabIssuer> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const url = origin + path;
  const lab: LabIssuer = {
    url,
    asked: [],
    keys: [await makeKey("k1")],
    fault: null,
    metadata: {},
    [Symbol.asyncDispose]: () => server.shutdown(),
  };

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    lab.asked.push(pathname);
    const faulty = await lab.fault?.(request);
    if (faulty) return faulty;
    if (pathname === "/keys") return Response.json({ keys: lab.keys.map(({ jwk }) => jwk) });
    if (pathname === `/.well-known/oauth-authorization-server${path}`) {
      return Response.json({ issuer: url, jwks_uri: `${origin}/keys`, ...lab.metadata });
    }
    return new Response(null, { status: 404 });
  }
  return lab;
}

/** What a token says beside what it must. */
export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: SigningKey;
}

/** The audience of tokens in these tests. */
export const AUDIENCE = "https://hub.example.org/mcp";

/** A token for ann that is valid for an hour from `wall` on, but for what `options` change. */
export async function tokenOf(
  { url, keys }: Pick<LabIssuer, "url" | "keys">,
  { claims = {}, header = {}, key = keys[0] }: TokenOptions = {},
): Promise<string> {
  if (key === undefined) throw new TypeError("The issuer has no key");
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: url, aud: AUDIENCE, sub: "ann", iat: now, exp: now + 3_600, ...claims };
  const defined = Object.fromEntries(
    Object.entries(payload).filter(([, value]) => value !== undefined),
  );
  return await new SignJWT(defined)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt", ...header })
    .sign(key.privateKey);
}
