/** What was asked of a run and how it answered: marks, thresholds, checks. */
import type { Capsule } from '../capsule/capsule.ts'
import { type Recovery, recoveryOf } from '../faults/recovery.ts'
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'
import { clockText, countText, numberText } from './number-text.ts'
import { type Markup, markup } from './page.ts'

/** @param valid whether what was measured may be told */
export function markSection({ marks, timeline }: Capsule, valid: boolean): Markup {
  if (marks.length === 0) return markup``
  return markup`<section><h2>What happened on the way</h2><ol class="marks">${marks.map((mark) => {
    const { at_s, until_s, kind, text } = mark
    const recovery = valid && kind === 'fault' ? recoveryOf(timeline as TimelineBucket[], mark as Mark) : undefined
    return markup`<li><span class="mark mark-${kind}">${kind}</span> ${clockText(at_s)}${until_s === undefined ? '' : ` to ${clockText(until_s)}`} ${text}
${recovery ? markup`<br><small>${recoveryText(recovery)}</small>` : ''}</li>`
  })}</ol></section>`
}

function recoveryText({ before_per_s, lowest_per_s, back_after_s, unknown, refused }: Recovery): string {
  const fell = `Accepted events: ${numberText(before_per_s, '/s')} before, ${numberText(lowest_per_s, '/s')} at worst`
  const back = back_after_s === undefined ? 'not back by the end' : `back after ${numberText(back_after_s, 's')}`
  return `${fell}, ${back}; meanwhile ${countText(unknown)} unknown and ${countText(refused)} refused.`
}

/** @param valid whether what was measured may be told */
export function thresholdTable({ result: { thresholds } }: Capsule, valid: boolean): Markup {
  if (thresholds.length === 0) return markup``
  return markup`<section><h2>Thresholds</h2><div class="card table"><table id="thresholds">
<thead><tr><th></th><th>must hold</th><th>of</th><th class="number">measured</th><th>where</th></tr></thead>
<tbody>${thresholds.map(
    (each) => markup`<tr><td>${thresholdPill(each, valid)}</td>
<td><code>${each.threshold}</code></td><th scope="row">${each.metric}</th>
<td class="number">${valid ? markup`<data value="${each.value}">${Number(each.value.toPrecision(6))}</data>` : '–'}</td>
<td>${each.window ? `${clockText(each.window.from_s)} to ${clockText(each.window.to_s)}` : 'whole run'}</td></tr>`,
  )}</tbody></table></div></section>`
}

function thresholdPill(threshold: Capsule['result']['thresholds'][number], valid: boolean): Markup {
  // Met or missed by a generator that was not fit is not known either way.
  if (!valid || threshold['unjudged'] === true) return markup`<span class="pill is-warn">not judged</span>`
  return pill(threshold.ok, threshold.ok ? 'met' : 'missed')
}

export function checkTable({ checks }: Capsule): Markup {
  if (checks.length === 0) return markup``
  return markup`<section><h2>Checks</h2><div class="card table"><table id="checks">
<thead><tr><th>check</th><th class="number">passed</th><th class="number">failed</th><th></th></tr></thead>
<tbody>${checks.map(
    ({
      name,
      group,
      passes,
      fails,
    }) => markup`<tr><th scope="row">${group ? markup`<span class="soft">${group.slice(2).replaceAll('::', ' › ')} › </span>` : ''}${name}</th>
<td class="number"><data value="${passes}">${countText(passes)}</data></td>
<td class="number"><data value="${fails}">${countText(fails)}</data></td>
<td>${pill(fails === 0, fails === 0 ? 'all' : `${percentOf(passes, passes + fails)} %`)}</td></tr>`,
  )}</tbody></table></div></section>`
}

/** Rounded down: 99.99 of 100 is not all. */
function percentOf(part: number, whole: number): number {
  return Math.floor((10_000 * part) / whole) / 100
}

function pill(good: boolean, text: string): Markup {
  return markup`<span class="pill ${good ? 'is-good' : 'is-bad'}">${good ? '✓' : '✗'} ${text}</span>`
}
