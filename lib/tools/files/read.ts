import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { isPart, partArguments, readPartProcedure } from "../../work/files/part.ts";
import { readFileProcedure } from "../../work/read_file.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MIB = 1024 * 1024;
/** A file of that size as JSON, where most text needs few escapes. */
const MAX_ANSWER_BYTES = 80 * MIB;
/** What reading may take beyond the wait for new lines. */
const READ_MS = 30_000;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path"),
  ...partArguments,
});

/** `remote_read_file`: reads a text file of up to 32 MiB, whole, or a part of any file. */
export function remoteReadFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_read_file",
    title: "Read file",
    description: "Read a text file of a remote host, such as /etc/hosts: all, or lines of it.",
    input,
    readOnly: true,
    work: (args) => ({
      // Backends that do not know parts would answer with all of it.
      tool: isPart(args) ? "read_part" : "read_file",
      runMs: args.follow === undefined ? null : args.follow * 1_000 + READ_MS,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path, ...part }) =>
      isPart(part) ? readPartProcedure(path, part) : readFileProcedure(path),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
