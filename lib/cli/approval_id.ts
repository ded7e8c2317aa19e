import { isApprovalId } from "../approvals/new_id.ts";

/** The values of a flag that names one approval, and why they do not; null: they do. */
export function findApprovalFault(flag: string, ids: readonly string[]): string | null {
  const [id = "", second] = ids;
  if (second !== undefined) return `"--${flag}" takes one id at a time`;
  return isApprovalId(id) ? null : `"--${flag}" must be an id that --approvals lists, not "${id}"`;
}
