import { startAgent } from "./agent.ts";

/** A program whose agent writes a new file, and that prints the file's mode in octal digits. */
await using agent = await startAgent();
const path = `${agent.directory}/new`;
await agent.call("write_file", { path, content: "" });
console.log((((await Deno.stat(path)).mode ?? 0) & 0o7777).toString(8));
