/** Writes the dirty twin of a history into `dirty/` of a data set: the events as they arrived, and the answer key. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Day, daysBetween } from '../../datasets/day.ts'
import { cellsOfUser, USER_COLUMNS } from '../../datasets/user-csv.ts'
import { userAt } from '../kernel/user.ts'
import type { World } from '../kernel/world.ts'
import { csvLine } from '../truth/csv-line.ts'
import { writeTextFile } from '../truth/text-file.ts'
import { KEY_COLUMNS, keyLines } from './answer-key.ts'
import type { Dirt } from './dirt.ts'
import { dirtyDay, dirtyUser } from './dirty.ts'

/**
 * A day is held in memory: dirt is laid over it in the order of arrival. In the key's rows of `users.csv` the column `eid`
 * holds the user's id.
 */
export async function writeDirt(
  world: World,
  dirt: Dirt,
  { firstDay, lastDay }: { firstDay: Day; lastDay: Day },
  outFolder: string,
  signal?: AbortSignal,
): Promise<void> {
  const folder = join(outFolder, 'dirty')
  await mkdir(folder, { recursive: true })
  const key = [csvLine(KEY_COLUMNS)]
  for (const day of daysBetween(firstDay, lastDay)) {
    signal?.throwIfAborted()
    const { text, marks } = dirtyDay(world, dirt, day)
    const name = `events/dt=${day}/part-0000.jsonl`
    await mkdir(join(folder, `events/dt=${day}`), { recursive: true })
    await writeFile(join(folder, name), text)
    key.push(keyLines(name, marks))
  }
  await writeTextFile(join(folder, 'users.csv'), userLines(world, dirt, key), signal)
  await writeTextFile(join(folder, 'dirt.csv'), key, signal)
}

function* userLines(world: World, dirt: Dirt, key: string[]): Generator<string> {
  yield csvLine(USER_COLUMNS)
  for (let index = 0; index < world.userCount; index++) {
    const { user, mark } = dirtyUser(world, dirt, userAt(world, index), index)
    if (mark) {
      const { uid, field, before } = mark
      const [was, is] = [JSON.stringify(before), JSON.stringify(user[field])]
      // The first line names the columns.
      key.push(csvLine(['users.csv', index + 2, uid, 'missing_field', field, was, is]))
    }
    yield csvLine(cellsOfUser(user))
  }
}
