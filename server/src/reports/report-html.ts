import { hasSweepEnded, type Report, type Sweep, type SweepBudget } from '@hilltop/contracts';
import { headlineOf } from './headline.js';
import { environmentSection } from './html-environment.js';
import { frontierSections } from './html-frontiers.js';
import { gateSection } from './html-gate.js';
import { modelNames, trialSections } from './html-trials.js';
import { type Content, type Markup, markup } from './markup.js';
import { page, shape } from './page.js';
import { durationText, instantText } from './words.js';

/** A report as one page: no script, nothing fetched, opens from a disk. */
export function reportHtml(report: Report): string {
  const { gate, sweep } = report;
  const headline = headlineOf(report);
  const body = markup`<header><p class="eyebrow">Hilltop ${gate ? 'gate' : 'sweep'} report</p><h1>${report.title}</h1>
<p class="meta">${metaOf(report)}</p>
<div class="verdict ${headline.tone}">${shape(headline.tone)}<strong>${headline.verdict}</strong><span>${headline.sentence}</span></div>
${sweep && factsOf(sweep)}</header>
${gate && gateSection(gate)}
${frontierSections(report.frontiers)}
${trialSections(report)}
${environmentSection(report)}
<footer>Made ${instantText(report.createdAt)} by Hilltop ${report.lab.version}, lab ${report.lab.id}${sweep && `, from sweep ${sweep.id}`}${gate && `, gate ${gate.id}`}. Intervals are 95 %; MB is 10⁶ bytes.</footer>`;
  return page({ title: `${report.title}: ${headline.verdict}`, body });
}

function metaOf(report: Report): string {
  const { sweep, gate } = report;
  const models = [...modelNames(report).values()].join(', ');
  const when = sweep?.startedAt ?? sweep?.createdAt ?? gate?.createdAt;
  return [
    models,
    sweep && `${sweep.file.protocol} protocol, ${sweep.file.sampler.name} search`,
    when && instantText(when),
    sweep?.startedAt &&
      sweep.endedAt &&
      `took ${durationText((Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt)) / 1000)}`,
    sweep?.scheduleId ? 'started by its schedule' : sweep?.createdBy && `started by ${sweep.createdBy}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What it took, and what it might. */
function factsOf(sweep: Sweep): Markup {
  const { used, trials, file } = sweep;
  const { runs, deviceMinutes, wallMinutes }: SweepBudget = file.budget;
  const minutes = (value: number): string => durationText(value * 60);
  return markup`<dl class="facts">
${fact('Trials', String(trials.total), `${trials.succeeded} succeeded${trials.failed > 0 ? `, ${trials.failed} failed` : ''}${trials.skipped > 0 ? `, ${trials.skipped} skipped` : ''}${hasSweepEnded(sweep.state) || trials.open === 0 ? '' : `, ${trials.open} open`}`)}
${budgetFact('Runs', used.runs, runs, String)}
${budgetFact('Device time', used.deviceMinutes, deviceMinutes, minutes)}
${budgetFact('Wall time', used.wallMinutes, wallMinutes, minutes)}
</dl>`;
}

const fact = (name: string, value: string, more: Content): Markup =>
  markup`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`;

function budgetFact(name: string, used: number, limit: number | undefined, text: (value: number) => string): Markup {
  if (limit === undefined) return fact(name, text(used), undefined);
  const share = Math.min(100, (100 * used) / limit);
  return markup`<div><dt>${name}</dt><dd>${text(used)} <small>of ${text(limit)}</small></dd><dd class="meter" aria-hidden="true"><i style="width:${share.toFixed(1)}%"></i></dd></div>`;
}
