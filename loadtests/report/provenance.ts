/** Where a run's figures come from: the events and their proof, and how to make the run again. */
import type { Capsule } from '../capsule/capsule.ts'
import { countText, numberText } from './number-text.ts'
import { type Markup, markup } from './page.ts'

export function ledgerFacts({ result: { fates, traffic }, ledger, proof }: Capsule): Markup {
  if (traffic.events === 0) return markup``
  return markup`<section><h2>Events</h2><div class="card"><dl class="facts" id="events">
<dt>sent</dt><dd><data value="${traffic.events}">${countText(traffic.events)}</data></dd>
${Object.entries(fates).map(([fate, count]) => markup`<dt>${fate}</dt><dd><data value="${count}">${countText(count)}</data></dd>`)}
<dt>traffic</dt><dd><code>${traffic.digest}</code> <small>the same seed and run label give the same, on any engine</small></dd>
${ledger ? markup`<dt>ledger</dt><dd>${ledger.file}, ${numberText(ledger.bytes, 'bytes')}, SHA-256 <code>${ledger.sha256}</code></dd>` : ''}
<dt>proof</dt><dd id="proof">${proof ? proofText(proof) : 'not asked for: musicbox verify settles every event against the reports'}</dd>
</dl></div></section>`
}

const TONE = { PROVEN: 'is-good', OPEN: 'is-warn', FAILED: 'is-bad' } as const

const FOUND_SHOWN = 20

function proofText(proof: NonNullable<Capsule['proof']>): Markup {
  const { verdict, accepted, reported, unknown, unknown_landed, found, found_total } = proof
  const wrong = (['lost', 'doubled', 'altered'] as const).map((fault) => `${countText(proof[fault])} ${fault}`)
  const shown = found.slice(0, FOUND_SHOWN)
  return markup`<span class="pill ${TONE[verdict]}">${verdict}</span>
${countText(reported)} of ${countText(accepted)} accepted events are in the reports; ${wrong.join(', ')}. Of ${countText(unknown)} unknown, ${countText(unknown_landed)} landed; ${countText(proof.refused_but_present)} refused ones are there.
${shown.length > 0 ? markup`<ul>${shown.map(({ eid, fault, stage, day, hour }) => markup`<li><code>${eid ?? 'a count'}</code> ${fault} at ${stage}, ${day} ${hour}:00</li>`)}</ul>` : ''}
${found_total > shown.length ? `and ${countText(found_total - shown.length)} more` : ''}`
}

export function repeatFacts(capsule: Capsule): Markup {
  const { machine, versions, result } = capsule
  return markup`<section><h2>How to repeat it</h2><div class="card"><pre id="command">${capsule.command.map(quoted).join(' ')}</pre>
<dl class="facts">
<dt>script</dt><dd>${capsule.script}, SHA-256 <code>${capsule.script_hash}</code></dd>
${capsule.seed === undefined ? '' : markup`<dt>seed</dt><dd>${capsule.seed}</dd>`}
<dt>versions</dt><dd>MusicBox ${versions.musicbox}, Node ${versions.node}</dd>
<dt>machine</dt><dd>${machine.cores} × ${machine.cpu}, ${numberText(machine.memory_bytes, 'bytes')}, ${machine.os}</dd>
<dt>generator</dt><dd>${generatorText(result.generator)}</dd>
<dt>settings</dt><dd><details><summary>${Object.keys(capsule.env).length} of the environment, and k6’s options</summary>
<pre>${JSON.stringify({ env: capsule.env, options: capsule.options }, null, 2)}</pre></details></dd>
</dl></div></section>`
}

/** `loop delay ms p99 3.2, cpu share 0.31`: whatever the generator watched of itself. */
function generatorText(generator: Capsule['result']['generator']): string {
  return Object.entries(generator)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${Number(value.toPrecision(3))}`)
    .join(', ')
}

/** As a shell wants it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
