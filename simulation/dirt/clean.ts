/** Undoes dirt by its answer key: what is labelled is put right, and the clean file is there again, byte for byte. */

import type { DirtMark } from './dirt.ts'
import type { DirtyFile } from './dirty.ts'

/** @returns the clean lines, each ended by a newline */
export function cleaned({ text, marks }: DirtyFile): string {
  const byLine = new Map<number, DirtMark[]>()
  for (const mark of marks) {
    const ofLine = byLine.get(mark.line)
    if (ofLine) ofLine.push(mark)
    else byLine.set(mark.line, [mark])
  }
  const inPlace: string[] = []
  const late: { place: number; line: string }[] = []
  const lines = text.split('\n')
  if (lines[lines.length - 1] === '') lines.pop()
  for (const [at, dirty] of lines.entries()) {
    const wrong = byLine.get(at + 1) ?? []
    if (wrong.some(({ kind }) => kind === 'duplicate' || kind === 'bot')) continue
    const line = undone(dirty, wrong)
    const moved = wrong.find(({ kind, field }) => kind === 'late' && field === '')
    if (moved) late.push({ place: Number(moved.before), line })
    else inPlace.push(line)
  }
  late.sort((a, b) => a.place - b.place)
  for (const { place, line } of late) inPlace.splice(place, 0, line)
  return inPlace.map((line) => `${line}\n`).join('')
}

function undone(dirty: string, wrong: readonly DirtMark[]): string {
  const line = wrong.find(({ kind }) => kind === 'truncated')?.before ?? dirty
  const changes = wrong.filter(({ field }) => field !== '')
  if (changes.length === 0) return line
  const fields = JSON.parse(line) as Record<string, unknown>
  for (const { field, before } of changes) fields[field] = JSON.parse(before)
  return JSON.stringify(fields)
}
