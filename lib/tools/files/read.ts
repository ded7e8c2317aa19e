import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { readFileProcedure } from "../../work/read_file.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MIB = 1024 * 1024;
/** A file of that size as JSON, where most text needs few escapes. */
const MAX_ANSWER_BYTES = 80 * MIB;

const input = z.looseObject({ host: hostArgument, path: wordArgument("File path") });

/** `remote_read_file`: reads a text file of up to 32 MiB, whole. */
export function remoteReadFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_read_file",
    title: "Read file",
    description:
      "Read a whole text file (UTF-8, up to 32 MiB) of a remote host, such as /etc/hosts. " +
      "For parts of a long file use remote_shell with sed or grep.",
    input,
    readOnly: true,
    work: () => ({
      tool: "read_file",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path }) => readFileProcedure(path),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
