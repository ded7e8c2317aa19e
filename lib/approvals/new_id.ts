/** Easy to copy by hand, without what looks alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
/** Some 50 bits: nobody guesses one in ten minutes. */
const LENGTH = 10;

/** An id for an approval. */
export function newApprovalId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** Whether a text can be one. */
export function isApprovalId(text: string): boolean {
  return text.length === LENGTH && [...text].every((char) => LETTERS.includes(char));
}
