import assert from "node:assert/strict";
import { findKeyPairFault } from "../../lib/http/key_pair.ts";
import { makeCertificate } from "../certificate.ts";

async function readPair(directory: string) {
  const read = (name: string) => Deno.readTextFile(`${directory}/${name}.pem`);
  return { cert: await read("cert"), key: await read("key") };
}

Deno.test("findKeyPairFault() finds nothing wrong with a certificate and its key", async () => {
  await using certificate = await makeCertificate();
  assert.equal(findKeyPairFault(await readPair(certificate.directory)), null);
});

Deno.test("findKeyPairFault() says that a key belongs to another certificate", async () => {
  await using one = await makeCertificate();
  await using other = await makeCertificate();
  const { cert } = await readPair(one.directory);
  const { key } = await readPair(other.directory);
  assert.equal(findKeyPairFault({ cert, key }), "the key does not belong to the certificate");
});

Deno.test("findKeyPairFault() says that a key has a passphrase, or is none", async () => {
  await using certificate = await makeCertificate();
  const { directory } = certificate;
  const { success } = await new Deno.Command("openssl", {
    args: ["pkey", "-aes128", "-passout", "pass:secret", "-in", `${directory}/key.pem`].concat(
      "-out",
      `${directory}/locked.pem`,
    ),
  }).output();
  assert.ok(success);
  const { cert } = await readPair(directory);
  const locked = await Deno.readTextFile(`${directory}/locked.pem`);
  assert.equal(
    findKeyPairFault({ cert, key: locked }),
    "the key file has a passphrase, which nobody can be asked for: remove it",
  );
  assert.equal(
    findKeyPairFault({ cert, key: cert }),
    "the key file holds no private key in PEM form",
  );
});
