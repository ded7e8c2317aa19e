/** The lines of a text that arrives in pieces, without their ends; an empty last one is left out. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of input) {
    const [first = "", ...further] = decoder.decode(chunk, { stream: true }).split("\n");
    parts.push(first);
    for (const part of further) {
      yield parts.join("").replace(/\r$/, "");
      parts = [part];
    }
  }
  const last = parts.join("") + decoder.decode();
  if (last !== "") yield last.replace(/\r$/, "");
}
