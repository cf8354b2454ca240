/**
 * The report of a run as one HTML file that needs nothing else: no server, no network, no fonts. The verdict on the
 * generator comes first; a run that it calls INVALID has no figure of speed in it, in no table and in no picture.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Capsule } from '../capsule/capsule.ts'
import type { TimelineBucket } from '../metrics/timeline.ts'
import { browserBundle } from './browser-bundle.ts'
import { checkTable, markSection, thresholdTable } from './findings.ts'
import { headline } from './headline.ts'
import { type Markup, markup, pageText } from './page.ts'
import { picturesOf } from './panels.ts'
import { percentileCurves } from './percentile-curve.ts'
import { ledgerFacts, repeatFacts } from './provenance.ts'
import { verdictBox } from './verdict.ts'

export async function renderReport(capsule: Capsule): Promise<string> {
  const valid = capsule.result.generator.verdict !== 'INVALID'
  const bundle = await browserBundle('report/browser/report.ts')
  return pageText({
    title: `${capsule.run} – ${capsule.script}`,
    bundle,
    body: bodyOf(capsule, valid),
    data: valid
      ? {
          pictures: picturesOf(capsule.timeline as TimelineBucket[]),
          marks: capsule.marks,
          spread: percentileCurves(capsule.histograms),
        }
      : { pictures: { at_s: [], panels: [] }, marks: [] },
  })
}

/** @throws MusicboxError `backend.unreachable` when the file cannot be written */
export async function writeReport(path: string, capsule: Capsule): Promise<void> {
  const text = await renderReport(capsule)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    throw new MusicboxError(
      'backend.unreachable',
      `cannot write the report ${path}: ${(cause as Error).message}`,
      'Give another path, or make room.',
      { cause },
    )
  }
}

function bodyOf(capsule: Capsule, valid: boolean): Markup {
  const started = new Date(capsule.started_ms).toISOString().slice(0, 19).replace('T', ' ')
  return markup`<header class="head"><h1>${capsule.script}</h1>
<p class="soft">Run ${capsule.run}, ${started} UTC</p></header>
<main>
${verdictBox(capsule)}
${valid ? headline(capsule) : ''}
${markSection(capsule, valid)}
${valid && capsule.timeline.length > 0 ? PICTURES : markup`<div id="charts" hidden></div>`}
${thresholdTable(capsule, valid)}
${checkTable(capsule)}
${ledgerFacts(capsule)}
${repeatFacts(capsule)}
</main>`
}

const PICTURES = markup`<section><h2>Over time</h2>
<noscript><p class="soft">The pictures need JavaScript; all tables are below.</p></noscript>
<div id="charts"></div></section>`
