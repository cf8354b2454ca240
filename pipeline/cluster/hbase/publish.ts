/**
 * Publishes a scope: draws a revision, writes the rows under it, and changes the control row.
 *
 * Of publishers at work at once the one that drew later wins, whoever is done first; the others are fenced.
 */
import { MusicboxError } from '../../../datasets/failure.ts'
import { scopeOf } from '../../../datasets/keys.ts'
import type { TableRow } from '../../../datasets/tables.ts'
import type { Publication, Scope } from '../../table-store.ts'
import { backOff } from '../persist.ts'
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
  if (scope === 'periods' && previous) await sweep(place, previous.revision)
}

/** What is published stands, whether or not this succeeds: what stays behind, the next sweep takes. */
async function sweep({ client, namespace }: PublishingPlace, revision: number): Promise<void> {
  try {
    await sweepTopLists(client, namespace, revision)
  } catch (error) {
    if (!(error instanceof HbaseError)) throw error
    process.emitWarning(`top lists of earlier days stay until the next publication: ${error.message}`)
  }
}

/** Removes what failed publishers left, where a revision more would push out what is published. */
async function makeRoom(place: PublishingPlace, scope: Scope, revision: number): Promise<void> {
  let present: Control | undefined
  const crowded = (): boolean => present !== undefined && revision - present.revision >= REVISIONS_KEPT
  // One of the failed may be alive, and must not publish what is removed next.
  await changeControl(place, ({ scopes }) => {
    present = scopes.get(scope)
    return present && crowded() && present.open_from < revision ? { ...present, open_from: revision } : undefined
  })
  if (!present || !crowded()) return
  const { revision: published } = present
  await inOurWords(() => removeLeftovers(place.client, place.namespace, scope, published, revision))
}

/** @returns what was published before */
async function reveal(
  place: PublishingPlace,
  publication: Publication,
  revision: number,
): Promise<Control | undefined> {
  let before: Control | undefined
  await changeControl(place, ({ scopes }) => {
    const present = scopes.get(publication.scope)
    if (present?.revision === revision) return undefined
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
    return { ...publication, revision, kept_from, open_from: revision + 1 }
  })
  return before
}

/**
 * Changes the control row to what `next` makes of what is there, until that is done or `next` wants nothing.
 * @throws MusicboxError `backend.unreachable` when the operation's time is over and it is not known to be done
 */
async function changeControl(
  place: PublishingPlace,
  next: (state: ControlState) => Control | undefined,
): Promise<void> {
  const until_ms = performance.now() + place.client.times.operation_ms
  let unanswered: HbaseError | undefined
  for (let tries = 0; ; tries++) {
    const state = await stateOf(place)
    const to = next(state)
    if (!to) return
    // Only after one more look: an answer may be lost, but not what it answered.
    if (unanswered && performance.now() > until_ms) throw asMusicboxError(unanswered)
    try {
      if (await place.control.change(state, to)) return
    } catch (error) {
      if (!(error instanceof HbaseError) || error.failure !== 'unanswered') throw asMusicboxError(error)
      unanswered = error
      await backOff(tries)
    }
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
