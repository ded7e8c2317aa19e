import assert from "node:assert/strict";
import { posix } from "node:path";
import { codeSpans, type Document, prose, readDocument, readDocuments, ROOT } from "./documents.ts";

const documents = await readDocuments();

Deno.test("links between documents lead to a file, and to a heading in it", async () => {
  let count = 0;
  for (const document of documents) {
    for (const [, target = ""] of prose(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = "", heading] = target.split("#");
      const path = file === "" ? document.path : posix.join(posix.dirname(document.path), file);
      await assert.doesNotReject(Deno.stat(ROOT + path), `${document.path} links to ${target}`);
      if (heading !== undefined) {
        const headings = headingsOf(await Deno.readTextFile(ROOT + path));
        assert.ok(headings.includes(heading), `${document.path} links to ${target}`);
      }
      count++;
    }
  }
  assert.ok(count > 10);
});

Deno.test("files and folders that the documents name are there", async () => {
  let count = 0;
  for (const document of documents) {
    for (const path of codeSpans(prose(document)).filter(isPath)) {
      const file = ROOT + folderOfNames(document) + path;
      await assert.doesNotReject(Deno.stat(file), `${document.path} names ${path}`);
      count++;
    }
  }
  assert.ok(count > 50);
});

Deno.test("docs/operating.md has the lines of scripts/cron/lmcp-hub", async () => {
  const { text } = await readDocument("docs/operating.md");
  const cron = await Deno.readTextFile(`${ROOT}scripts/cron/lmcp-hub`);
  const lines = cron.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.ok(lines.length >= 3);
  for (const line of lines) assert.ok(text.split("\n").includes(line), line);
});

/** Whether a code span is the path of a file or a folder, such as `lib/cli/` or `cli/role_test.ts`. */
function isPath(span: string): boolean {
  return /^(lib|tests|scripts|docs)\/[\w./-]*$/.test(span) || /^[\w./-]+_test\.ts$/.test(span);
}

/** Where paths in a document begin, from the root: the table of security cases names tests alone. */
function folderOfNames({ path }: Document): string {
  return path === "tests/security/README.md" ? "tests/" : "";
}

/** The headings of a document, as GitHub names them in links. */
function headingsOf(text: string): string[] {
  return [...prose({ path: "", text }).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}
