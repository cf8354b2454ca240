/**
 * What is published: one row of `_published`, with a cell for each scope and one that counts the changes. HBase changes and
 * reads one row as a whole and knows nothing above that, so this row is the one place where a publication becomes visible,
 * and one read of it is one consistent state of all scopes.
 *
 * The count of changes (`.epoch`) orders publications: a change is made on condition that the count is what it was, and raises
 * it. Its number is the timestamp of what it writes, so no clock has a say. A reader that knows the state of a count
 * reads one small cell to know that the state still holds.
 *
 * A second row counts claims: each attempt to publish a scope draws its own revision there, which is never drawn again.
 */
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
  /** By scope. */
  scopes: ReadonlyMap<Scope, Control>
}

const STATE_ROW = Buffer.from('state')
const CLAIMS_ROW = Buffer.from('claims')
const EPOCH = '.epoch'

export class ControlRow {
  readonly #client: HbaseClient
  readonly #table: string
  #known: ControlState = { epoch: 0, scopes: new Map() }

  constructor(client: HbaseClient, table: string) {
    this.#client = client
    this.#table = table
  }

  /** What is published now. @throws HbaseError */
  async current(): Promise<ControlState> {
    const [cell] = (await this.#client.get(this.#table, STATE_ROW, { columns: [EPOCH] })) ?? []
    const epoch = cell ? Number(cell.value) : 0
    if (epoch === this.#known.epoch) return this.#known
    const state = parseState((await this.#client.get(this.#table, STATE_ROW)) ?? [])
    // Another look may have come back later with an earlier state.
    if (state.epoch > this.#known.epoch) this.#known = state
    return state
  }

  /** Draws the revision of an attempt to publish: greater than all that were drawn for the scope. */
  async claim(scope: Scope): Promise<number> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#client.increment(this.#table, CLAIMS_ROW, scope)
      } catch (error) {
        // Drawn or not: another is as good, and a revision that nobody uses does no harm.
        const unanswered = error instanceof HbaseError && error.failure === 'unanswered'
        if (!unanswered || tries >= CLAIM_TRIES) throw error
      }
    }
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
  async change({ epoch }: ControlState, { scope, ...control }: Control): Promise<boolean> {
    const timestamp = epoch + 1
    const cells = [
      { qualifier: Buffer.from(EPOCH), timestamp, value: Buffer.from(String(timestamp)) },
      { qualifier: Buffer.from(scope), timestamp, value: Buffer.from(JSON.stringify(control)) },
    ]
    const expected = epoch === 0 ? undefined : Buffer.from(String(epoch))
    return this.#client.checkAndPut(this.#table, { key: STATE_ROW, cells }, EPOCH, expected)
  }
}

const CLAIM_TRIES = 3

function parseState(cells: readonly { qualifier: Buffer; value: Buffer }[]): ControlState {
  let epoch = 0
  const scopes = new Map<Scope, Control>()
  for (const { qualifier, value } of cells) {
    const scope = qualifier.toString()
    if (scope === EPOCH) epoch = Number(value)
    else scopes.set(scope, parseControl(scope, value))
  }
  return { epoch, scopes }
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
