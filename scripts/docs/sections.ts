const SECTION = /(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->\n)/gs;

/**
 * Fills each section of a Markdown text that lies between `<!-- generated: NAME -->` and
 * `<!-- end -->`. Throws an `Error` if a section has no content or a content no section.
 */
export function fillSections(text: string, contents: ReadonlyMap<string, string>): string {
  const unused = new Set(contents.keys());
  const filled = text.replace(SECTION, (_, start: string, name: string, end: string) => {
    const content = contents.get(name);
    if (content === undefined) throw new Error(`Cannot fill section "${name}": nothing makes it`);
    unused.delete(name);
    return `${start}\n${content}\n${end}`;
  });
  if (unused.size > 0) throw new Error(`Cannot find a section for ${[...unused].join(", ")}`);
  return filled;
}
