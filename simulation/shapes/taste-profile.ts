/**
 * The Taste Profile's triplets, `train_triplets.txt`: user (40 hex digits), song id (SO…) and number of plays, parted by
 * tabs, without a header. Documented: all of that. Our choice: users and their songs stand by index.
 */
import { kindCode } from '../../datasets/event-kind.ts'
import type { World } from '../kernel/world.ts'
import { tasteUser } from './foreign-id.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { songShelf } from './shelf.ts'
import { slicesByUser } from './slice.ts'

export function exportTasteProfile(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    const file = folder.text('train_triplets.txt')
    const songOf = songShelf(world)
    for await (const { users, slices } of slicesByUser(world, options)) {
      const counts = Array.from({ length: users.count }, () => new Map<number, number>())
      for await (const { block } of slices) {
        for (let row = 0; row < block.count; row++) {
          if (block.kind[row] !== PLAY) continue
          const ofUser = counts[block.sessionUser[block.session[row]!]! - users.first]!
          const song = block.song[row]!
          ofUser.set(song, (ofUser.get(song) ?? 0) + 1)
        }
      }
      for (const [place, ofUser] of counts.entries()) {
        const user = tasteUser(world, users.first + place)
        for (const [song, count] of [...ofUser].sort((a, b) => a[0] - b[0])) {
          file.row(`${user}\t${songOf(song).song_id}\t${count}\n`)
        }
      }
    }
  })
}

const PLAY = kindCode('play')
