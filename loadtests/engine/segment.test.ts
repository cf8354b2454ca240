import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TAG_SETS_FULL, TAG_SETS_MAX } from '../metrics/tag-set.ts'
import type { Script } from './bundle.ts'
import { newRun, type SegmentEvents } from './segment.ts'

it('a run says once that its samples have more sets of tags than are kept', () => {
  const said: string[] = []
  const events: SegmentEvents = { log: (level, line) => said.push(`${level}: ${line}`), onAbort() {}, onFail() {} }
  const { root } = newRun({ describe: String } as unknown as Script, events, () => {}).metrics.tagSets
  for (let i = 0; i <= TAG_SETS_MAX; i++) root.with('id', String(i))
  assert.deepEqual(said, [`warn: ${TAG_SETS_FULL}`])
})
