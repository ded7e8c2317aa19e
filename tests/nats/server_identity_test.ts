import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { PeerCertificate } from "node:tls";
import { createIdentityCheck } from "../../lib/nats/server_identity.ts";

const NOBODY = { C: "", ST: "", L: "", O: "", OU: "", CN: "x" };

/** Whether the check accepts a certificate with these names, where `node:tls` asks about `asked`. */
function accepts(
  servers: readonly string[],
  { asked, names }: { readonly asked: string; readonly names: string },
): boolean {
  const certificate: PeerCertificate = {
    ca: false,
    raw: Buffer.alloc(0),
    subject: NOBODY,
    issuer: NOBODY,
    subjectaltname: names,
    valid_from: "",
    valid_to: "",
    serialNumber: "",
    fingerprint: "",
    fingerprint256: "",
    fingerprint512: "",
  };
  return createIdentityCheck(servers)(asked, certificate) === undefined;
}

Deno.test("the certificate of a server that is named by its address must have that address", () => {
  for (
    const [servers, asked, names, isAccepted] of [
      [["10.0.0.1:4222"], "localhost", "IP Address:10.0.0.1", true],
      [["10.0.0.1:4222"], "localhost", "DNS:localhost", false],
      [["10.0.0.1:4222"], "localhost", "IP Address:10.0.0.2", false],
      [["10.0.0.1:4222", "10.0.0.2:4222"], "localhost", "IP Address:10.0.0.2", true],
      [["[::1]:4222"], "localhost", "IP Address:0:0:0:0:0:0:0:1", true],
      [["localhost:4222"], "localhost", "DNS:localhost", true],
      [["a.example:4222"], "localhost", "DNS:localhost", false],
      [["a.example:4222"], "a.example", "DNS:a.example", true],
      [["a.example:4222"], "a.example", "DNS:b.example", false],
    ] as const
  ) {
    assert.equal(accepts(servers, { asked, names }), isAccepted, `${servers} ${names}`);
  }
});
