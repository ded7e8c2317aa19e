// @ts-check
import { html } from "../html.js";
import { useContext, useEffect, useState } from "preact/hooks";
import { Script } from "../script.js";
import { JobTable } from "./job_table.js";

/** @import { HostDetail, Jobs } from "../../model.ts" */

/** Between two lists. */
const REFRESH_MS = 5000;

/**
 * The jobs of a host, which the script reads: the host itself is asked for them.
 * @param {{ host: string, rights: HostDetail["jobs"], back: string }} props
 */
export function JobsPanel({ host, rights, back }) {
  const { jobs, isRead } = useJobs(host);
  return html`
    <section class="panel" aria-labelledby="jobs-title">
      <header><h2 id="jobs-title">Jobs</h2></header>
      ${isRead
        ? html`<${JobTable} host=${host} list=${jobs} rights=${rights} back=${back} />`
        : html`<p class="empty">Asking the host for its jobs. This needs the script of this page.</p>`}
    </section>
  `;
}

/** @param {string} host */
function useJobs(host) {
  const script = useContext(Script);
  const [state, setState] = useState({ isRead: false, jobs: noJobs() });
  useEffect(() => {
    if (script === null) return;
    const ending = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    async function read() {
      const jobs = await script?.readJobs(host, ending.signal) ?? noJobs();
      if (ending.signal.aborted) return;
      setState((last) => ({ isRead: true, jobs: keepListed(last.jobs, jobs) }));
      timer = setTimeout(read, REFRESH_MS);
    }
    read();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [script, host]);
  return state;
}

/**
 * What was listed stays where there is a problem: the output of one may be open.
 * @param {Jobs} last
 * @param {Jobs} next
 * @returns {Jobs}
 */
function keepListed(last, next) {
  const isLost = next.problem !== null && next.jobs.length === 0;
  return isLost ? { jobs: last.jobs, problem: next.problem } : next;
}

/** @returns {Jobs} */
function noJobs() {
  return { jobs: [], problem: null };
}
