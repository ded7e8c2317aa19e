/** Why a PEM text is of no use as the key of a certificate; null: it seems to be one. */
export function findKeyFault(pem: string): string | null {
  const [begin] = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.exec(pem) ?? [];
  if (begin === undefined) return "holds no private key in PEM form";
  return begin.includes("ENCRYPTED") || pem.includes("Proc-Type: 4,ENCRYPTED")
    ? "has a passphrase, which nobody can be asked for: remove it"
    : null;
}
