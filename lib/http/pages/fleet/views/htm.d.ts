import type { ComponentChild } from "preact";

/** The part of htm that the page uses; its own types do not say how it is exported. */
declare const htm: {
  bind<Result>(
    h: (
      this: number[],
      type: string,
      props: Record<string, unknown> | null,
      ...children: ComponentChild[]
    ) => Result,
  ): (strings: TemplateStringsArray, ...values: unknown[]) => Result | Result[];
};
export default htm;
