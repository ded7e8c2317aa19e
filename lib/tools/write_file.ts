import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { writeFileProcedure } from "../work/write_file.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path"),
  content: textArgument("The whole new content"),
});

/** `remote_write_file`: replaces a file's content, all of it or nothing. */
export function remoteWriteFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_write_file",
    title: "Write a file on a host",
    description: "Write content to a file on a fleet host.",
    input,
    readOnly: false,
    idempotent: true,
    work: (args) => ({
      tool: "write_file",
      runMs: null,
      payloadBytes: Buffer.byteLength(args.content),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path, content }) =>
      writeFileProcedure({ path, content: new TextEncoder().encode(content) }),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
