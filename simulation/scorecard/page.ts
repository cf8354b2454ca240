/** The scorecard as one HTML file: no network, light and dark, fit to print. */
import type { CountedHistory } from './counted-history.ts'
import { escaped, legend, plotSvg } from './plot.ts'
import { plotsOf } from './plots.ts'
import type { Check, Tier } from './row.ts'
import type { Scorecard, ScoredRow } from './scorecard.ts'

export interface PageFacts {
  /** Where the history comes from, in words. */
  world: string
  events: number
}

export function scorecardPage(card: Scorecard, history: CountedHistory, { world, events }: PageFacts): string {
  const tiles = [
    tile(percent(card.t2_in_band_share), 'of rows held to published numbers are in band', card.t2_in_band_share >= 0.9),
    tile(
      percent(card.t1_in_band_share),
      'of rows held to the kernel’s own laws are in band',
      card.t1_in_band_share === 1,
    ),
    ...(card.mutants_surviving === null
      ? []
      : [tile(String(card.mutants_surviving), 'histories made wrong on purpose pass', card.mutants_surviving === 0)]),
    tile(events.toLocaleString('en-US'), 'events counted', undefined),
  ]
  const plots = plotsOf(history).map(
    (
      plot,
    ) => `<figure><figcaption><strong>${escaped(plot.title)}</strong> <span class="ids">${plot.rows.join(' · ')}</span><br>${escaped(plot.note)}</figcaption>
${plotSvg(plot)}<div class="legend">${legend(plot)}</div></figure>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>MusicBox realism scorecard</title><style>${STYLE}</style></head><body><main>
<h1>Realism scorecard</h1>
<p class="world">${escaped(world)}</p>
<section class="tiles">${tiles.join('')}</section>
<h2>What it looks like</h2>
<section class="plots">${plots.join('\n')}</section>
${table('Held to published numbers', card.rows, 'T2')}
${table('Held to the kernel’s own laws', card.rows, 'T1')}
<p class="foot">A row is in band when all its checks are. Bands are effect sizes: with so many events every p-value is zero. A row’s mutant is a history made wrong on purpose, for which the row must be out of band.</p>
</main></body></html>
`
}

function tile(figure: string, words: string, isGood: boolean | undefined): string {
  const mood = isGood === undefined ? '' : isGood ? ' good' : ' bad'
  return `<div class="tile${mood}"><b>${escaped(figure)}</b><span>${escaped(words)}</span></div>`
}

function table(heading: string, rows: readonly ScoredRow[], tier: Tier): string {
  const body = rows.filter((row) => row.tier === tier).map(tableRow)
  if (body.length === 0) return ''
  return `<h2>${heading}</h2>
<table><thead><tr><th>row</th><th>quantity and source</th><th>measured</th><th>band</th><th>verdict</th></tr></thead>${body.join('\n')}</table>`
}

function tableRow({ id, quantity, published, source, verdict, reason, checks, mutant }: ScoredRow): string {
  const lines = Math.max(1, checks.length)
  const chip = `<span class="chip ${verdict === 'not applicable' ? 'none' : verdict}">${verdict}</span>${
    mutant ? `<small class="mutant ${mutant.outcome}">${escaped(mutant.name)}: ${mutant.outcome}</small>` : ''
  }`
  const about = `<th rowspan="${lines}" scope="rowgroup">${escaped(id)}</th><td rowspan="${lines}"><strong>${escaped(quantity)}</strong><br>${escaped(published)}<br><small>${escaped(source)}</small></td>`
  const verdictCell = `<td rowspan="${lines}" class="verdict">${chip}</td>`
  if (checks.length === 0)
    return `<tbody><tr>${about}<td colspan="2" class="reason">${escaped(reason ?? '')}</td>${verdictCell}</tr></tbody>`
  const cells = checks.map(
    (each) =>
      `<td${each.in ? '' : ' class="outside"'}>${escaped(each.name)}: <b>${escaped(valueText(each))}</b></td><td class="band">${escaped(bandText(each))}</td>`,
  )
  return `<tbody>${cells.map((cell, i) => `<tr>${i === 0 ? about : ''}${cell}${i === 0 ? verdictCell : ''}</tr>`).join('')}</tbody>`
}

/** `0.1514`, `42.1 %`; a check that holds or not is yes or no. */
export function valueText({ value, unit }: Check): string {
  if (unit === 'yes') return value === 1 ? 'yes' : 'no'
  const text = Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–'
  return unit === '' ? text : `${text} ${unit}`
}

export function bandText({ low, high, unit }: Check): string {
  if (unit === 'yes') return 'yes'
  const end = (value: number): string => String(Number(value.toPrecision(3)))
  if (low === high) return end(low)
  if (high >= 1e6) return `≥ ${end(low)}`
  return `${end(low)} to ${end(high)}`
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

const STYLE = `
:root{--ink:#1c2530;--soft:#5a6673;--line:#dfe4ea;--paper:#fbfcfd;--card:#fff;--one:#2166ac;--two:#8c6bb1;--ref:#d9730d;--law:#1a7f5a;--good:#1a7f5a;--bad:#c0392b}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa6b2;--line:#2d3742;--paper:#12171d;--card:#1a2129;--one:#6db3f2;--two:#b79ae0;--ref:#f0a35e;--law:#58c79a;--good:#58c79a;--bad:#ff8a7a}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}h1{font-size:26px;margin:0}h2{font-size:18px;margin:34px 0 10px}
.world{color:var(--soft);margin:4px 0 18px}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px}.tile b{display:block;font-size:24px}.tile span{color:var(--soft);font-size:13px}
.tile.good b{color:var(--good)}.tile.bad b{color:var(--bad)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:14px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px;break-inside:avoid}
figcaption{font-size:13px;color:var(--soft)}figcaption strong{color:var(--ink);font-size:14px}.ids{float:right}
svg{width:100%;height:auto;display:block;margin-top:6px}svg text{fill:var(--soft);font-size:10.5px}svg .label{font-size:11px}
.grid{stroke:var(--line)}.tick,.frame{stroke:var(--soft)}polyline{fill:none;stroke-width:1.8;stroke-linejoin:round}
polyline.simulated{stroke:var(--one)}polyline.second{stroke:var(--two)}polyline.published{stroke:var(--ref);stroke-dasharray:5 4}polyline.law{stroke:var(--law)}
g.simulated{fill:var(--one)}g.second{fill:var(--two)}g.published{fill:var(--ref)}g.law{fill:var(--law)}
.legend{font-size:12px;color:var(--soft);display:flex;flex-wrap:wrap;gap:4px 16px}.key::before{content:"";display:inline-block;width:12px;height:10px;margin-right:6px;border-radius:2px;vertical-align:-1px}
.key.line::before{height:3px;vertical-align:3px}.key.dots::before{width:8px;height:8px;border-radius:4px}
.key.simulated::before{background:var(--one)}.key.second::before{background:var(--two)}.key.published::before{background:var(--ref)}.key.law::before{background:var(--law)}
table{width:100%;border-collapse:collapse;font-size:13.5px}th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0}thead th{color:var(--soft);font-weight:500;border-bottom:1px solid var(--soft)}
tbody{border-bottom:1px solid var(--line)}tbody tr:first-child>*{padding-top:8px}tbody tr:last-child>*{padding-bottom:8px}
td:nth-child(2){max-width:340px}small{color:var(--soft)}.band{white-space:nowrap;color:var(--soft)}.outside b{color:var(--bad)}.reason{color:var(--soft)}
.chip{display:inline-block;border-radius:10px;padding:0 9px;font-size:12.5px;border:1px solid;white-space:nowrap}.chip.in{color:var(--good)}.chip.out{color:var(--bad)}.chip.none{color:var(--soft)}
.mutant{display:block;margin-top:4px}.mutant.survives,.mutant.untold{color:var(--bad)}.foot{color:var(--soft);font-size:13px}
@media(max-width:640px){thead{display:none}tbody,tr,td,th{display:block}.band::before{content:"band "}.ids{float:none}}
@media print{body{background:#fff}main{max-width:none;padding:0}h2{break-after:avoid}tbody{break-inside:avoid}}
`
