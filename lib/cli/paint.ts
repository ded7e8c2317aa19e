/** When output is coloured: on a terminal unless NO_COLOR is set, always, or never. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** One of them. */
export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** Puts a text into a colour of the terminal. */
export type Paint = (color: Color, text: string) => string;

/** What colours there are, as parameters of SGR (ECMA-48, section 8.3.117). */
const COLORS = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

/** One of them. */
export type Color = keyof typeof COLORS;

/** Makes a `Paint`, which leaves texts as they are if there are to be no colours. */
export function createPaint(isColored: boolean): Paint {
  return (color, text) => isColored && text !== "" ? `\x1b[${COLORS[color]}m${text}\x1b[0m` : text;
}

/** Where standard output goes. */
export interface Screen {
  /** To a terminal, so that a person reads it. */
  readonly isTerminal: boolean;
  /** Whether NO_COLOR is set (https://no-color.org/). */
  readonly noColor: boolean;
}

/** Whether output is coloured. */
export function isColored(choice: ColorChoice, { isTerminal, noColor }: Screen): boolean {
  return choice === "always" || choice === "auto" && isTerminal && !noColor;
}
