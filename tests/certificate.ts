import assert from "node:assert/strict";

/** A certificate of a server, for as long as it is needed. */
export interface Certificate extends AsyncDisposable {
  /** It has `cert.pem` and `key.pem`. */
  readonly directory: string;
  /** For the hub and the agent. */
  readonly env: Readonly<Record<string, string>>;
}

/** A certificate for 127.0.0.1 that nobody trusts, and its key. */
export async function makeCertificate(): Promise<Certificate> {
  const directory = await Deno.makeTempDir();
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-nodes", "-days", "2"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-keyout", `${directory}/key.pem`, "-out", `${directory}/cert.pem`],
    ],
    stderr: "null",
  }).output();
  assert.ok(success);
  return {
    directory,
    env: { LMCP_TLS_CERT: `${directory}/cert.pem`, LMCP_TLS_KEY: `${directory}/key.pem` },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
