// @ts-check
import { html } from "../html.js";
import { useContext, useRef, useState } from "preact/hooks";
import { Script } from "../script.js";
import { JobOutputView } from "./job_output.js";
import { Moment } from "./moment.js";

/** @import { HostDetail, JobRow, Jobs } from "../../model.ts" */

/**
 * A table of jobs; the output of one is shown below its row.
 * @param {{ host: string, list: Jobs, rights: HostDetail["jobs"], back: string }} props
 */
export function JobTable({ host, list: { jobs, problem }, rights, back }) {
  return html`
    ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
    ${jobs.length === 0
      ? problem === null && html`<p class="empty">There are no jobs on this host.</p>`
      : html`
        <table class="rows jobs" role="table">
          <caption class="hidden">Jobs, the newest first</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader" class="state">State</th>
              <th scope="col" role="columnheader" class="job">Job</th>
              <th scope="col" role="columnheader" class="command">Command</th>
              <th scope="col" role="columnheader" class="began">Began</th>
              <th scope="col" role="columnheader" class="acts"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody role="rowgroup">${jobs.map((job) =>
            html`<${JobLines} key=${job.id} host=${host} job=${job} rights=${rights} back=${back} />`
          )}</tbody>
        </table>
      `}
  `;
}

/** @param {{ host: string, job: JobRow, rights: HostDetail["jobs"], back: string }} props */
function JobLines({ host, job, rights, back }) {
  const [isOpen, setOpen] = useState(false);
  const { id, name, command, state, exitCode, startedAt, mayEnd } = job;
  const title = name ?? id;
  return html`
    <tr role="row" class="row">
      <td role="cell" class="state"><span class="mark ${toneOf(
        job,
      )}">${state}</span>${exitCode !== null && exitCode !== 0 &&
        html`<span class="age"> exit ${exitCode}</span>`}</td>
      <th scope="row" role="rowheader" class="job" title=${id}>${title}</th>
      <td role="cell" class="command" title=${command}><code>${command}</code></td>
      <td role="cell" class="began">${startedAt !== null &&
        html`<${Moment} at=${startedAt} way="ago" />`}</td>
      <td role="cell" class="acts">
        ${rights.output && html`
          <button class="small" aria-expanded=${isOpen ? "true" : "false"}
            aria-label="Output of ${title}" onClick=${() => setOpen(!isOpen)}>Output</button>
        `}
        ${rights.end && mayEnd &&
          html`<${EndJob} host=${host} id=${id} title=${title} back=${back} />`}
      </td>
    </tr>
    ${isOpen && html`
      <tr role="row" class="below">
        <td role="cell" colspan="5">
          <${JobOutputView} host=${host} id=${id} title=${title} />
        </td>
      </tr>
    `}
  `;
}

/** @param {JobRow} job */
function toneOf({ endedAt, exitCode, mayEnd }) {
  if (endedAt === null && exitCode === null) return mayEnd ? "busy" : "calm";
  return exitCode === 0 ? "good" : "bad";
}

/**
 * A button that asks first.
 * @param {{ host: string, id: string, title: string, back: string }} props
 */
function EndJob({ host, id, title, back }) {
  const script = useContext(Script);
  const dialog = useRef(null);
  return html`
    <button class="small" aria-label="End ${title}" aria-haspopup="dialog"
      onClick=${() => script?.openDialog(dialog.current)}>End</button>
    <dialog ref=${dialog} aria-label="End ${title}">
      <form method="post" action="/jobs/end" data-done="The job was ended">
        <p>End the job ${title} on ${host}? Its processes are killed.</p>
        <input type="hidden" name="host" value=${host} />
        <input type="hidden" name="id" value=${id} />
        <input type="hidden" name="back" value=${back} />
        <p class="choices">
          <button type="button" onClick=${() =>
            script?.closeDialog(dialog.current)}>Keep it</button>
          <button class="danger">End the job</button>
        </p>
      </form>
    </dialog>
  `;
}
