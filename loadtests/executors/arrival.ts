/** An arrival: an iteration that is due at a moment, whatever became of those before it. */
export interface Arrival {
  /** Over all stripes, from 0. */
  number: number
  /** From the scenario's start. */
  due_ms: number
  /** Index of the stage that it falls in. */
  stage?: number
}
