/** Raw files by partition, then first offset, then hour: their names tell. */
import { corruptRaw } from './corrupt-raw.ts'

/** @throws MusicboxError `data.corrupt` for a file with a name of another form */
export function inLogOrder(files: readonly string[]): string[] {
  return files
    .map((file) => {
      const match = /-p(\d+)-(\d+)-\d+\.jsonl\.gz$/.exec(file)
      if (!match) throw corruptRaw(`expected a raw file named with its partition and offsets, got ${file}`)
      return { file, partition: Number(match[1]), first: Number(match[2]) }
    })
    .sort((a, b) => a.partition - b.partition || a.first - b.first || (a.file < b.file ? -1 : 1))
    .map(({ file }) => file)
}
