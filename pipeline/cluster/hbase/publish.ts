/**
 * Publishes a scope: draws a revision, writes the rows under it, and changes the control row.
 *
 * Of publishers at work at once the one that drew later wins, whoever is done first; the others are fenced.
 */
import { MusicboxError } from '../../../datasets/failure.ts'
import { scopeOf } from '../../../datasets/keys.ts'
import type { TableRow } from '../../../datasets/tables.ts'
import type { Publication, Scope } from '../../table-store.ts'
import type { Control, ControlRow, ControlState } from './control-row.ts'
import type { HbaseClient } from './hbase-client.ts'
import { asMusicboxError, HbaseError, inOurWords } from './hbase-error.ts'
import { removeLeftovers, sweepTopLists } from './leftovers.ts'
import { REVISIONS_KEPT } from './table-layout.ts'
import { inChunks, rowName, writeTables } from './write-tables.ts'

export interface PublishingPlace {
  client: HbaseClient
  namespace: string
  control: ControlRow
  /** Rows that are held at once, and written before the next are asked for. */
  rowsAtOnce: number
}

/** @throws MusicboxError `writer.fenced`, `backend.unreachable` */
export async function publish(
  place: PublishingPlace,
  publication: Publication,
  rows: Iterable<TableRow>,
): Promise<void> {
  const { client, namespace, control, rowsAtOnce } = place
  const { scope } = publication
  expectNotOlder(publication, (await stateOf(place)).scopes.get(scope))
  const revision = await inOurWords(() => control.claim(scope))
  await makeRoom(place, scope, revision)
  const seen = new Set<string>()
  for (const some of inChunks(rows, rowsAtOnce)) {
    for (const row of some) expectRowOf(scope, row, seen)
    await writeTables(client, namespace, some, () => revision)
  }
  const previous = await reveal(place, publication, revision)
  if (scope === 'periods' && previous) await inOurWords(() => sweepTopLists(client, namespace, previous.revision))
}

/** Removes what failed publishers left, where a revision more would push out what is published. */
async function makeRoom(place: PublishingPlace, scope: Scope, revision: number): Promise<void> {
  for (;;) {
    const state = await stateOf(place)
    const present = state.scopes.get(scope)
    if (!present || revision - present.revision < REVISIONS_KEPT) return
    if (present.open_from >= revision) {
      return inOurWords(() => removeLeftovers(place.client, place.namespace, scope, present.revision, revision))
    }
    // One of them may be alive, and must not publish what is removed next.
    await changeControl(place, state, { ...present, open_from: revision })
  }
}

/** @returns what was published before */
async function reveal(
  place: PublishingPlace,
  publication: Publication,
  revision: number,
): Promise<Control | undefined> {
  let before: Control | undefined
  for (;;) {
    const state = await stateOf(place)
    const present = state.scopes.get(publication.scope)
    // An answer was lost, but not what it answered.
    if (present?.revision === revision) return before
    expectNotOlder(publication, present)
    if (present && present.open_from > revision) {
      throw new MusicboxError(
        'writer.fenced',
        `expected to publish ${publication.scope} alone, but another publisher began later, and was done first or took this one for dead`,
        'run again: what is there already is not made anew',
      )
    }
    before = present
    const kept_from = publication.scope === 'periods' ? (present?.revision ?? 0) : 0
    const control = { ...publication, revision, kept_from, open_from: revision + 1 }
    if (await changeControl(place, state, control)) return before
  }
}

/** @returns whether it is known to be changed; if not, what is there tells */
async function changeControl(place: PublishingPlace, state: ControlState, to: Control): Promise<boolean> {
  try {
    return await place.control.change(state, to)
  } catch (error) {
    if (error instanceof HbaseError && error.failure === 'unanswered') return false
    throw asMusicboxError(error)
  }
}

function stateOf({ control }: PublishingPlace): Promise<ControlState> {
  return inOurWords(() => control.current())
}

function expectNotOlder({ scope, generation }: Publication, present: Publication | undefined): void {
  if (present && present.generation > generation) {
    throw new MusicboxError(
      'writer.fenced',
      `expected to publish ${scope} at generation ${present.generation} or later, got ${generation}`,
      'a later night job has published already; nothing is left to do for this one',
    )
  }
}

function expectRowOf(scope: Scope, row: TableRow, seen: Set<string>): void {
  const name = rowName(row)
  if (seen.has(name)) throw new Error(`expected one row a key, got ${name} twice in ${scope}`)
  seen.add(name)
  if (scopeOf(row.table, row.key) !== scope) throw new Error(`expected a row of ${scope}, got ${name}`)
}
