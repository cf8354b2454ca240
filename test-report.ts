/**
 * How `npm test` reads: one line a file, every failure in full, and a closing line `N passed, N failed` that people,
 * scripts and CI look for. `MUSICBOX_TEST_TOTALS` names a file that the same counts go to.
 */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

interface FileResult {
  passed: number
  failed: number
  skipped: number
  ms: number
}

export default async function* testReport(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, FileResult>()
  const skips: string[] = []
  for await (const event of source) {
    if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      if (process.env['MUSICBOX_TEST_OUTPUT']) yield event.data.message
      continue
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    const file = relative(process.cwd(), data.file ?? 'unknown file')
    const isFileItself = data.nesting === 0 && data.name === data.file
    const result = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 }
    files.set(file, result)
    if (data.nesting === 0) result.ms += data.details.duration_ms
    if (data.details.type === 'suite') continue
    if (event.type === 'test:fail') {
      result.failed++
      yield failure(file, isFileItself ? 'could not run' : data.name, event.data.details.error)
    } else if (data.skip !== undefined && data.skip !== false) {
      result.skipped++
      skips.push(`${file}: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}`)
    } else if (!isFileItself) result.passed++
  }
  for (const [file, result] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) yield line(file, result)
  for (const skip of skips) yield `skipped  ${skip}\n`
  const sum = (key: keyof FileResult): number => [...files.values()].reduce((total, result) => total + result[key], 0)
  const totals = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  const path = process.env['MUSICBOX_TEST_TOTALS']
  if (path) writeFileSync(path, JSON.stringify(totals))
  const { passed, failed, skipped } = totals
  yield `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
}

function line(file: string, result: FileResult): string {
  const mark = result.failed > 0 ? '✗' : '✓'
  return `${mark} ${file.padEnd(56)} ${String(result.passed + result.failed).padStart(4)} tests ${(result.ms / 1000).toFixed(1).padStart(6)} s\n`
}

function failure(file: string, name: string, error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error
  return `\n✗ ${file}: ${name}\n${cause.stack ?? cause.message}\n\n`
}
