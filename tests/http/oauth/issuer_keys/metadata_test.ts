import assert from "node:assert/strict";
import { openGate } from "../gate_lab.ts";
import { startIssuer, tokenOf } from "../issuer.ts";

Deno.test("keys are where the operator says, whatever the issuer's metadata does", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { jwksUrl: `${issuer.url}/keys` });
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
  assert.deepEqual(issuer.asked, ["/keys"]);
});

Deno.test("an issuer's metadata is found in the places of OAuth and OpenID Connect", async () => {
  for (
    const place of [
      "/.well-known/oauth-authorization-server/realm",
      "/.well-known/openid-configuration/realm",
      "/realm/.well-known/openid-configuration",
    ]
  ) {
    await using issuer = await startIssuer("/realm");
    const { origin } = new URL(issuer.url);
    issuer.fault = ({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === "/keys") return Promise.resolve(null);
      return Promise.resolve(
        pathname === place
          ? Response.json({ issuer: issuer.url, jwks_uri: `${origin}/keys` })
          : new Response(null, { status: 404 }),
      );
    };
    await using lab = openGate([issuer]);
    assert.equal(await lab.judge(await tokenOf(issuer)), "ann", place);
  }
});
