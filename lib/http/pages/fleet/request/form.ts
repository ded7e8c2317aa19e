import type { Clock } from "../../../../base/time/clock.ts";
import { createBudget } from "../../../../calls/budget.ts";
import { type Body, type BodyOptions, createBodyReader } from "../../../body.ts";
import type { Problem } from "../answer/content.ts";

const MAX_FORM_BYTES = 16 * 1024;
const MAX_FORMS = 512;
const FORM_TYPE = "application/x-www-form-urlencoded";

/** The fields of a form that was sent, or why it cannot be read. */
export type Form =
  | { readonly kind: "ok"; readonly field: (name: string) => string }
  | { readonly kind: "problem"; readonly problem: Problem };

/** Reads forms, within bounds on their size, their number and their time. */
export function createFormReader(
  { clock, stallMs }: { readonly clock: Pick<Clock, "now" | "after">; readonly stallMs: number },
): (request: Request, sender: Omit<BodyOptions, "maxBytes">) => Promise<Form> {
  const readBody = createBodyReader({
    places: createBudget(() => MAX_FORMS),
    bytes: createBudget(() => MAX_FORMS * MAX_FORM_BYTES),
    stallMs,
    slackMs: stallMs,
    clock,
  });

  return async function readForm(request, sender) {
    const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
    if (type.trim().toLowerCase() !== FORM_TYPE) {
      await request.body?.cancel().catch(() => {});
      return refuseForm(415, `The form must be sent as ${FORM_TYPE}.`);
    }
    const body = await readBody(request, { ...sender, maxBytes: MAX_FORM_BYTES });
    if (body.kind !== "ok") return refuseBody(body);
    const fields = new URLSearchParams(body.text);
    body.release();
    return { kind: "ok", field: (name) => fields.get(name) ?? "" };
  };
}

function refuseForm(status: number, text: string): Form {
  return { kind: "problem", problem: { status, title: "The form was not read", text } };
}

function refuseBody(body: Exclude<Body, { kind: "ok" }>): Form {
  switch (body.kind) {
    case "too_large":
      return refuseForm(
        413,
        `The form is too large: at most ${MAX_FORM_BYTES} bytes are accepted.`,
      );
    case "too_many":
      return refuseForm(429, "Too many forms are being read: try again later.");
    case "too_slow":
      return refuseForm(408, "The form did not come in time.");
    case "not_utf8":
      return refuseForm(400, "The form is not UTF-8.");
    case "lost":
      return refuseForm(400, "The connection was lost before the form ended.");
  }
}
