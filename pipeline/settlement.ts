/** What settling ledgers has shown, as plain data. */
import type { Day } from '../datasets/day.ts'
import type { Fate } from '../datasets/ledger.ts'
import type { Stage } from '../observability/metrics.ts'
import type { LedgerHour } from './ledger-fates.ts'
import type { SuspectFault } from './suspects.ts'

export interface Settlement {
  /** Distinct events in the ledgers. */
  sent: number
  /** Acknowledged as durable (accepted, or duplicate of an accepted one), of published days. */
  accepted: number
  /** Of the accepted: in the published reports. */
  reported: number
  /** Of the accepted: not there. */
  lost: number
  /** Of the accepted: not there yet, but in the log or raw files, later than the published version of their day. */
  pending: number
  /** Counted more often than once: in the warehouse, or by the report beyond what the warehouse holds. */
  doubled: number
  /** Not refused, and at some stage with other content than it was sent with, or than the stage before has. */
  altered: number
  /** Refused by every answer, of published days. */
  refused: number
  refused_but_present: number
  /** No answer ever came, or none but refusals; of published days. */
  unknown: number
  unknown_landed: number
  /** Of days that are not published yet, whatever their fate: nothing can be said of these. */
  unpublished: number
  unpublished_days: Day[]
  /** Events whose content was compared with what their sender wrote down of it; ledgers without sums have none. */
  content_checked: number
  /** The first few of each kind of failure. */
  lost_eids: string[]
  doubled_eids: string[]
  altered_eids: string[]
  refused_but_present_eids: string[]
  /** What is wrong, one by one, by day and hour; the first {@link FOUND_MAX} of `found_total`. */
  found: Finding[]
  found_total: number
  /** `OPEN`: nothing is wrong, but events are left that no published version could have. */
  verdict: 'PROVEN' | 'OPEN' | 'FAILED'
}

export interface Finding extends LedgerHour {
  /** Absent where a report's count is wrong: a count names nobody. */
  eid?: string
  /** `invented`: some stage has it and the one before has not, and no ledger knows of it. */
  fault: SuspectFault | 'refused_but_present' | 'invented'
  /** The first stage at which it is so. */
  stage: Stage
  /** Absent for an event that is in no ledger. */
  fate?: Fate
  /** How many events are concerned: 1 for one with an id. */
  events: number
}

export const FOUND_MAX = 1000
export function emptySettlement(): Settlement {
  return {
    sent: 0,
    accepted: 0,
    reported: 0,
    lost: 0,
    pending: 0,
    doubled: 0,
    altered: 0,
    refused: 0,
    refused_but_present: 0,
    unknown: 0,
    unknown_landed: 0,
    unpublished: 0,
    unpublished_days: [],
    content_checked: 0,
    lost_eids: [],
    doubled_eids: [],
    altered_eids: [],
    refused_but_present_eids: [],
    found: [],
    found_total: 0,
    verdict: 'PROVEN',
  }
}
