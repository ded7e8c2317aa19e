import { readLines } from "./lines.ts";

/**
 * The data of an event stream's messages. An event that is not finished is dropped.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let data: string[] = [];
  let event = "message";
  for await (const line of readLines(input)) {
    if (line === "") {
      if (data.length > 0 && event === "message") yield data.join("\n");
      [data, event] = [[], "message"];
      continue;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (name === "data") data.push(value);
    if (name === "event" && value !== "") event = value;
  }
}
