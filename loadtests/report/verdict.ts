/** What is to be known of a run before any number of it. */
import type { Capsule } from '../capsule/capsule.ts'
import { type Markup, markup } from './page.ts'

const MEANING = {
  VALID: 'The generator was fit to measure.',
  SUSPECT: 'The generator came near its limits: read the figures as upper bounds of the times.',
  INVALID: 'The generator was not fit to measure: its figures would be its own, so none is shown.',
} as const

const TONE = { VALID: 'is-good', SUSPECT: 'is-warn', INVALID: 'is-bad' } as const

export function verdictBox({ result }: Capsule): Markup {
  const { verdict, reasons } = result.generator
  return markup`<section class="verdict ${TONE[verdict]}" id="verdict"><strong>${verdict}</strong> ${MEANING[verdict]}
${reasons.length > 0 ? markup`<ul>${reasons.map((reason) => markup`<li>${reason}</li>`)}</ul>` : ''}
${verdict === 'INVALID' ? markup`<p>Use fewer listeners, more workers or an idle machine, and run it again.</p>` : ''}</section>
${result.exitCode === 0 ? '' : problemBox(result)}`
}

function problemBox({ exitCode, problem, thresholds, generator }: Capsule['result']): Markup {
  if (exitCode !== 99) {
    return markup`<section class="verdict is-bad" id="problem"><strong>Ended with exit code ${exitCode}</strong> ${problem ?? ''}</section>`
  }
  // What a generator that was not fit has measured is neither met nor missed.
  if (generator.verdict === 'INVALID') return markup``
  const missed = thresholds.filter(({ ok }) => !ok).length
  const count = missed === 1 ? '1 threshold was' : `${missed} thresholds were`
  return markup`<section class="verdict is-bad" id="problem"><strong>${count} missed</strong> ${problem ?? ''}</section>`
}
