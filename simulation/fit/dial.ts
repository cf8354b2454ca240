/**
 * The method of simulated moments (McFadden, Econometrica 57, 1989): each knob is turned until the simulated world shows
 * the log's value of the moment that mostly this knob moves. It asks nothing of the kernel's laws but that they can be
 * run, so that it stays right when they change. All knobs are turned in the same round, each by a secant step in
 * logarithms; since all rounds take the same draws, the moments are smooth in the knobs, and few rounds do.
 */
import { type Knobs, PUBLISHED_KNOBS } from '../kernel/knobs.ts'
import type { Moments } from './moments.ts'

export interface Dial {
  readonly knob: keyof Knobs
  readonly moment: (moments: Moments) => number
  /** First guess of d log moment / d log knob. */
  readonly elasticity: number
  /**
   * First round in which it is turned: what depends on how much people listen waits until that has settled. Only what
   * waits may turn out not to be seen in the data at all.
   */
  readonly from: number
}

/** Odds, so that shares near 1 move as freely as those near 0. */
const odds = (share: number): number => share / (1 - share)

export const DIALS: readonly Dial[] = [
  { knob: 'activitySpread', moment: (moments) => moments.activity_log_deviation, elasticity: 0.8, from: 1 },
  { knob: 'sessionsPerDay', moment: ({ sessions_per_day }) => sessions_per_day, elasticity: 0.9, from: 1 },
  { knob: 'sessionSpread', moment: (moments) => moments.session_plays_log_deviation, elasticity: 0.9, from: 1 },
  { knob: 'rhythm', moment: ({ rhythm }) => rhythm, elasticity: 0.9, from: 2 },
  { knob: 'skip', moment: ({ habits }) => habits.hazard_30s, elasticity: 0.8, from: 1 },
  { knob: 'reactions', moment: ({ habits }) => habits.reactions_per_play, elasticity: 1, from: 1 },
  { knob: 'search', moment: ({ habits }) => habits.searches_per_session, elasticity: 1, from: 1 },
  { knob: 'popularity', moment: ({ top_tenth_share }) => odds(top_tenth_share), elasticity: 0.7, from: 3 },
  { knob: 'repeat', moment: ({ repeat_share }) => odds(repeat_share), elasticity: 0.7, from: 3 },
]

const STEP_MAX = Math.log(2)
const KNOB_MIN = 0.05
const KNOB_MAX = 5
/** A secant over less is the other knobs' doing. */
const SECANT_MIN = 0.15
/** A knob that has gone this far and moved its moment by less than a part of what was guessed is not seen in the data. */
const FAR = 0.25
const UNSEEN = 0.1

interface Turn {
  logKnob: number
  logMoment: number
}

export class Turning {
  readonly dial: Dial
  value: number
  /** False when turning the knob did not move its moment: its published strength is kept. */
  isSeen: boolean
  private readonly target: number
  private unmoved = 0
  private first: Turn | undefined
  private last: Turn | undefined
  private elasticity: number

  constructor(dial: Dial, log: Moments) {
    this.dial = dial
    this.target = dial.moment(log)
    this.value = this.target === 0 ? 0 : PUBLISHED_KNOBS[dial.knob]
    this.elasticity = dial.elasticity
    this.isSeen = Number.isFinite(this.target)
  }

  /** One secant step towards the log's moment. */
  turn(simulated: Moments, round: number): void {
    const moment = this.dial.moment(simulated)
    if (!this.isSeen || round < this.dial.from || this.value === 0) return
    if (!(moment > 0 && Number.isFinite(moment))) return
    const now: Turn = { logKnob: Math.log(this.value), logMoment: Math.log(moment) }
    if (this.first === undefined) this.first = now
    else if (this.dial.from > 1 && Math.abs(now.logKnob - this.first.logKnob) > FAR) {
      // Once may be the other knobs' doing.
      this.unmoved = slope(this.first, now) > UNSEEN * this.dial.elasticity ? 0 : this.unmoved + 1
      this.isSeen = this.unmoved < 2
      if (!this.isSeen) {
        this.settle()
        return
      }
    }
    const isWaiting = this.dial.from > 1
    if (isWaiting && this.last !== undefined && Math.abs(now.logKnob - this.last.logKnob) > SECANT_MIN) {
      const { elasticity } = this.dial
      this.elasticity = Math.max(0.25 * elasticity, Math.min(4 * elasticity, slope(this.last, now)))
    }
    this.last = now
    const wanted = (Math.log(this.target) - now.logMoment) / this.elasticity
    const step = Math.max(-STEP_MAX, Math.min(STEP_MAX, wanted))
    this.value = Math.max(KNOB_MIN, Math.min(KNOB_MAX, this.value * Math.exp(step)))
  }

  /** After the last round: what was turned in vain goes back to its published strength. */
  settle(): void {
    if (this.unmoved > 0) this.isSeen = false
    if (!this.isSeen) this.value = PUBLISHED_KNOBS[this.dial.knob]
  }
}

function slope(from: Turn, to: Turn): number {
  return (to.logMoment - from.logMoment) / (to.logKnob - from.logKnob)
}
