import type { SearchedTool } from "./decoys.ts";

/** The usual constants of Okapi BM25. */
const K1 = 1.2;
const B = 0.75;

/** The tools' names as a search by words ranks them for a question, best first (Okapi BM25). */
export function rankTools(question: string, tools: readonly SearchedTool[]): readonly string[] {
  const documents = tools.map((tool) => ({ tool, words: wordsOf(Object.values(tool).join(" ")) }));
  const meanLength = documents.reduce((sum, { words }) => sum + words.length, 0) / documents.length;
  const weights = new Map(
    wordsOf(question).map((word) => {
      const holders = documents.filter(({ words }) => words.includes(word)).length;
      return [word, Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5))];
    }),
  );

  function scoreOf(words: readonly string[]): number {
    const norm = K1 * (1 - B + B * words.length / meanLength);
    return [...weights].reduce((sum, [word, weight]) => {
      const count = words.filter((other) => other === word).length;
      return sum + weight * count * (K1 + 1) / (count + norm);
    }, 0);
  }

  return documents.map(({ tool, words }) => ({ name: tool.name, score: scoreOf(words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ name }) => name);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}
