import tokens from "./styles/tokens.css" with { type: "text" };
import base from "./styles/base.css" with { type: "text" };
import marks from "./styles/marks.css" with { type: "text" };
import top from "./styles/top.css" with { type: "text" };
import panels from "./styles/panels.css" with { type: "text" };
import rows from "./styles/rows.css" with { type: "text" };
import columns from "./styles/columns.css" with { type: "text" };
import forms from "./styles/forms.css" with { type: "text" };
import approvals from "./styles/approvals.css" with { type: "text" };
import host from "./styles/host.css" with { type: "text" };

/** The style sheet of all pages. */
export const STYLE: string = [
  tokens,
  base,
  marks,
  top,
  panels,
  rows,
  columns,
  forms,
  approvals,
  host,
].join("\n");
