/** Writes lines to a file, compressed where its name ends in `.gz`; the file is there only when it is whole. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Pieces of text of about this length are worth a write. */
const PIECE_LENGTH = 65_536

/** @throws AbortError on the signal; nothing then is left behind */
export async function writeTextFile(path: string, lines: Iterable<string>, signal?: AbortSignal): Promise<void> {
  const unfinished = `${path}.tmp`
  const options = signal ? { signal } : {}
  try {
    const source = Readable.from(inPieces(lines))
    const target = createWriteStream(unfinished)
    if (path.endsWith('.gz')) await pipeline(source, createGzip({ level: 6 }), target, options)
    else await pipeline(source, target, options)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
