import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { textArgument, wordArgument } from "../../work/arguments.ts";
import { hasWishes, writeArguments, writeAsWishedProcedure } from "../../work/files/conditions.ts";
import { writeFileProcedure } from "../../work/write_file.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { keyArgument } from "../key.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path; its directory must exist"),
  content: textArgument("New content"),
  ...writeArguments,
  key: keyArgument,
});

/** `remote_write_file`: replaces a file's content, all of it or nothing. */
export function remoteWriteFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_write_file",
    title: "Write file",
    description:
      "Create a file on a remote host or replace its whole content. To change part of it use " +
      "remote_edit_file.",
    meta: { "anthropic/searchHint": "copy config to the server" },
    input,
    readOnly: false,
    idempotent: true,
    work: (args) => ({
      // Other backends would write, whatever is there, and take base64 for the content.
      tool: hasWishes(args) ? "write_bytes" : "write_file",
      runMs: null,
      payloadBytes: Buffer.byteLength(args.content),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: (args) =>
      hasWishes(args)
        ? writeAsWishedProcedure(args)
        : writeFileProcedure({ path: args.path, content: new TextEncoder().encode(args.content) }),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
