import { jsonAnswer, problemAnswer, redirectAnswer, wantsJson } from "./answer/content.ts";
import { parseBack } from "./request/back.ts";
import type { Visit } from "./request/visit.ts";

/** A form that asks for something to be done. */
export interface Action {
  readonly visit: Visit;
  readonly field: (name: string) => string;
}

/** Does what a form asks for; a text says why it was not done. */
export type Act = (action: Action) => string | null | Promise<string | null>;

/** `/probe`: of the hosts that `targets` names, all of them where it is empty. */
export function probeHosts({ visit: { view, signal }, field }: Action): Promise<string | null> {
  return view.probe(field("targets"), signal);
}

/** `/calls/end`: of the call `id`. */
export function endCall({ visit: { view }, field }: Action): Promise<string | null> {
  return view.endCall(field("id"));
}

/** `/jobs/end`: of the job `id` of `host`. */
export function endJob({ visit: { view, signal }, field }: Action): Promise<string | null> {
  return view.endJob({ host: field("host"), id: field("id") }, signal);
}

/** `/approvals/allow`: the call `id` may run, once. */
export function allowCall(action: Action): Promise<string | null> {
  return answerApproval(action, "allowed");
}

/** `/approvals/deny`: the call `id` must not run. */
export function denyCall(action: Action): Promise<string | null> {
  return answerApproval(action, "denied");
}

/** A person has signed in; a program that has the token sends it with each request. */
async function answerApproval(
  { visit: { view, viewer }, field }: Action,
  verdict: "allowed" | "denied",
): Promise<string | null> {
  if (!viewer.isSignedIn) return "sign in on the page first";
  return await view.answerApproval({ id: field("id"), verdict });
}

/** Says that an action was done, or why it was not; `problem` is null where it was. */
export function answerAction(
  { visit: { request }, field }: Action,
  problem: string | null,
): Response {
  if (wantsJson(request)) return jsonAnswer({ problem });
  const back = parseBack(field("back"));
  if (problem === null) return redirectAnswer(back);
  return problemAnswer(request, { status: 409, title: "Not done", text: problem, back });
}
