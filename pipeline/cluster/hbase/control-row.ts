/**
 * What is published: one row of `_published`, with a cell for each scope and one that counts the changes. HBase changes and
 * reads one row as a whole and knows nothing above that, so this row is the one place where a publication becomes visible,
 * and one read of it is one consistent state of all scopes.
 *
 * The count of changes (`.epoch`) orders publications: a change is made on condition that the count is what it was, and raises
 * it. Its number is the timestamp of what it writes, so no clock has a say. A reader that knows the state of a count
 * reads one small cell to know that the state still holds.
 *
 * The first change writes a random word, too (`.birth`): a namespace that was wiped and filled again comes to the same counts.
 *
 * A second row counts claims: each attempt to publish a scope draws its own revision there, which is never drawn again. A
 * third counts puts of look-up rows.
 */
import { randomUUID } from 'node:crypto'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Publication, Scope } from '../../table-store.ts'
import type { HbaseClient } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'

/** A publication as it stands in the control row. */
export interface Control extends Publication {
  /** Timestamp of the cells that belong to it. */
  revision: number
  /** Rows of earlier revisions are being swept away, those of this one and later are kept. */
  kept_from: number
  /** No earlier revision may be published any more, however far its publisher is: its rows may be gone. */
  open_from: number
}

/** What is published at one moment. */
export interface ControlState {
  epoch: number
  /** Whose epochs they are; empty before the first, and in a namespace of an earlier release. */
  birth: string
  /** By scope. */
  scopes: ReadonlyMap<Scope, Control>
}

const STATE_ROW = Buffer.from('state')
const CLAIMS_ROW = Buffer.from('claims')
const PUTS_ROW = Buffer.from('puts')
const PUTS = 'last'
const EPOCH = '.epoch'
const BIRTH = '.birth'

/**
 * Before the first time that is drawn for a look-up row. Later (year 2109) than the clocks that gave such rows their times in
 * earlier releases, so that any drawn time replaces them.
 */
const PUTS_FROM = 2 ** 42

export class ControlRow {
  readonly #client: HbaseClient
  readonly #table: string
  #known: ControlState = { epoch: 0, birth: '', scopes: new Map() }

  constructor(client: HbaseClient, table: string) {
    this.#client = client
    this.#table = table
  }

  /** What is published now. @throws HbaseError */
  async current(): Promise<ControlState> {
    const now = parseState((await this.#client.get(this.#table, STATE_ROW, { columns: [BIRTH, EPOCH] })) ?? [])
    if (isSame(now, this.#known)) return this.#known
    const state = parseState((await this.#client.get(this.#table, STATE_ROW)) ?? [])
    // Another look may have come back later with an earlier state.
    if (state.birth !== this.#known.birth || state.epoch > this.#known.epoch) this.#known = state
    return state
  }

  /** Draws the revision of an attempt to publish: greater than all that were drawn for the scope. */
  claim(scope: Scope): Promise<number> {
    return this.#draw(CLAIMS_ROW, scope)
  }

  /** Draws the time of a put of look-up rows: later than all that were drawn before, by whichever store. */
  async putTime(): Promise<number> {
    return PUTS_FROM + (await this.#draw(PUTS_ROW, PUTS))
  }

  /** Last revision that was drawn, by scope. */
  async claims(): Promise<ReadonlyMap<Scope, number>> {
    const cells = (await this.#client.get(this.#table, CLAIMS_ROW)) ?? []
    return new Map(cells.map(({ qualifier, value }) => [qualifier.toString(), Number(value.readBigInt64BE())]))
  }

  /**
   * Makes a publication visible, or says more of one, unless something was changed since `state`.
   * @returns whether it did
   * @throws HbaseError `unanswered` when that is not known
   */
  async change({ epoch, birth }: ControlState, { scope, ...control }: Control): Promise<boolean> {
    const timestamp = epoch + 1
    const cells = [
      { qualifier: Buffer.from(EPOCH), timestamp, value: Buffer.from(String(timestamp)) },
      { qualifier: Buffer.from(scope), timestamp, value: Buffer.from(JSON.stringify(control)) },
      ...(birth === '' ? [{ qualifier: Buffer.from(BIRTH), timestamp, value: Buffer.from(randomUUID()) }] : []),
    ]
    const expected = epoch === 0 ? undefined : Buffer.from(String(epoch))
    return this.#client.checkAndPut(this.#table, { key: STATE_ROW, cells }, EPOCH, expected)
  }

  async #draw(row: Buffer, counter: string): Promise<number> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#client.increment(this.#table, row, counter)
      } catch (error) {
        // Drawn or not: another is as good, and a number that nobody uses does no harm.
        const unanswered = error instanceof HbaseError && error.failure === 'unanswered'
        if (!unanswered || tries >= DRAW_TRIES) throw error
      }
    }
  }
}

const DRAW_TRIES = 3

/** Whether two looks saw one state. */
export function isSame(one: ControlState, other: ControlState): boolean {
  return one.epoch === other.epoch && one.birth === other.birth
}

function parseState(cells: readonly { qualifier: Buffer; value: Buffer }[]): ControlState {
  let epoch = 0
  let birth = ''
  const scopes = new Map<Scope, Control>()
  for (const { qualifier, value } of cells) {
    const scope = qualifier.toString()
    if (scope === EPOCH) epoch = Number(value)
    else if (scope === BIRTH) birth = value.toString()
    else scopes.set(scope, parseControl(scope, value))
  }
  return { epoch, birth, scopes }
}

function parseControl(scope: Scope, value: Buffer): Control {
  try {
    const control = JSON.parse(value.toString()) as Omit<Control, 'scope'>
    if (Number.isInteger(control.revision)) return { scope, ...control }
  } catch {
    // Told below, with what was found.
  }
  throw new MusicboxError(
    'data.corrupt',
    `expected the publication of ${scope} in HBase, got ${value.toString().slice(0, 60)}`,
    'aggregate anew into an empty namespace',
  )
}
