import browserActions from "./browser/actions.js" with { type: "text" };
import browserBoundedText from "./browser/bounded_text.js" with { type: "text" };
import browserClock from "./browser/clock.js" with { type: "text" };
import browserFilter from "./browser/filter.js" with { type: "text" };
import browserHostDetail from "./browser/host_detail.js" with { type: "text" };
import browserJobOutput from "./browser/job_output.js" with { type: "text" };
import browserLive from "./browser/live.js" with { type: "text" };
import browserMain from "./browser/main.js" with { type: "text" };
import browserMerge from "./browser/merge.js" with { type: "text" };
import browserOpenPage from "./browser/open_page.js" with { type: "text" };
import browserPause from "./browser/pause.js" with { type: "text" };
import browserPlotsColours from "./browser/plots/colours.js" with { type: "text" };
import browserPlotsLatencyPlot from "./browser/plots/latency_plot.js" with { type: "text" };
import browserPlotsMinutes from "./browser/plots/minutes.js" with { type: "text" };
import browserPlotsSparklines from "./browser/plots/sparklines.js" with { type: "text" };
import browserRequests from "./browser/requests.js" with { type: "text" };
import browserRetries from "./browser/retries.js" with { type: "text" };
import browserScreen from "./browser/screen.js" with { type: "text" };
import browserVisibility from "./browser/visibility.js" with { type: "text" };
import viewsCalls from "./views/calls.js" with { type: "text" };
import viewsHost from "./views/host.js" with { type: "text" };
import viewsHosts from "./views/hosts.js" with { type: "text" };
import viewsHtml from "./views/html.js" with { type: "text" };
import viewsOverview from "./views/overview.js" with { type: "text" };
import viewsPage from "./views/page.js" with { type: "text" };
import viewsPartsApprovals from "./views/parts/approvals.js" with { type: "text" };
import viewsPartsCallTable from "./views/parts/call_table.js" with { type: "text" };
import viewsPartsContact from "./views/parts/contact.js" with { type: "text" };
import viewsPartsHostMap from "./views/parts/host_map.js" with { type: "text" };
import viewsPartsHostTable from "./views/parts/host_table.js" with { type: "text" };
import viewsPartsJobOutput from "./views/parts/job_output.js" with { type: "text" };
import viewsPartsJobTable from "./views/parts/job_table.js" with { type: "text" };
import viewsPartsJobs from "./views/parts/jobs.js" with { type: "text" };
import viewsPartsLatency from "./views/parts/latency.js" with { type: "text" };
import viewsPartsMinuteBars from "./views/parts/minute_bars.js" with { type: "text" };
import viewsPartsMoment from "./views/parts/moment.js" with { type: "text" };
import viewsPartsProblems from "./views/parts/problems.js" with { type: "text" };
import viewsPartsSparkline from "./views/parts/sparkline.js" with { type: "text" };
import viewsPartsStatus from "./views/parts/status.js" with { type: "text" };
import viewsPartsTiles from "./views/parts/tiles.js" with { type: "text" };
import viewsPartsTimeline from "./views/parts/timeline.js" with { type: "text" };
import viewsScript from "./views/script.js" with { type: "text" };
import viewsWordsCalls from "./views/words/calls.js" with { type: "text" };
import viewsWordsHosts from "./views/words/hosts.js" with { type: "text" };
import viewsWordsNumbers from "./views/words/numbers.js" with { type: "text" };
import viewsWordsOrder from "./views/words/order.js" with { type: "text" };
import viewsWordsTimes from "./views/words/times.js" with { type: "text" };

/** The modules of the page by path, as text for the browser. */
export const MODULES: readonly (readonly [path: string, text: string])[] = [
  ["browser/actions.js", browserActions],
  ["browser/bounded_text.js", browserBoundedText],
  ["browser/clock.js", browserClock],
  ["browser/filter.js", browserFilter],
  ["browser/host_detail.js", browserHostDetail],
  ["browser/job_output.js", browserJobOutput],
  ["browser/live.js", browserLive],
  ["browser/main.js", browserMain],
  ["browser/merge.js", browserMerge],
  ["browser/open_page.js", browserOpenPage],
  ["browser/pause.js", browserPause],
  ["browser/plots/colours.js", browserPlotsColours],
  ["browser/plots/latency_plot.js", browserPlotsLatencyPlot],
  ["browser/plots/minutes.js", browserPlotsMinutes],
  ["browser/plots/sparklines.js", browserPlotsSparklines],
  ["browser/requests.js", browserRequests],
  ["browser/retries.js", browserRetries],
  ["browser/screen.js", browserScreen],
  ["browser/visibility.js", browserVisibility],
  ["views/calls.js", viewsCalls],
  ["views/host.js", viewsHost],
  ["views/hosts.js", viewsHosts],
  ["views/html.js", viewsHtml],
  ["views/overview.js", viewsOverview],
  ["views/page.js", viewsPage],
  ["views/parts/approvals.js", viewsPartsApprovals],
  ["views/parts/call_table.js", viewsPartsCallTable],
  ["views/parts/contact.js", viewsPartsContact],
  ["views/parts/host_map.js", viewsPartsHostMap],
  ["views/parts/host_table.js", viewsPartsHostTable],
  ["views/parts/job_output.js", viewsPartsJobOutput],
  ["views/parts/job_table.js", viewsPartsJobTable],
  ["views/parts/jobs.js", viewsPartsJobs],
  ["views/parts/latency.js", viewsPartsLatency],
  ["views/parts/minute_bars.js", viewsPartsMinuteBars],
  ["views/parts/moment.js", viewsPartsMoment],
  ["views/parts/problems.js", viewsPartsProblems],
  ["views/parts/sparkline.js", viewsPartsSparkline],
  ["views/parts/status.js", viewsPartsStatus],
  ["views/parts/tiles.js", viewsPartsTiles],
  ["views/parts/timeline.js", viewsPartsTimeline],
  ["views/script.js", viewsScript],
  ["views/words/calls.js", viewsWordsCalls],
  ["views/words/hosts.js", viewsWordsHosts],
  ["views/words/numbers.js", viewsWordsNumbers],
  ["views/words/order.js", viewsWordsOrder],
  ["views/words/times.js", viewsWordsTimes],
];
