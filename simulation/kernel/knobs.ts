/**
 * The knobs of a world: how strong each mechanism of the simulator is. 1 is the published or fitted strength and 0
 * switches the mechanism off, unless a knob says otherwise. A counterfactual twin turns one; a scorecard's mutant turns
 * one off. Turning a knob moves no draw of another mechanism: each concern draws on streams of its own.
 */
export interface Knobs {
  /** Sessions a day of the average listener (a rate, not a strength). */
  sessionsPerDay: number
  /** Listeners who join after the first day, evenly for three years, as a yearly share of those who were there (a rate). */
  growthPerYear: number
  /** Yearly share of listeners who leave (a rate). */
  churnPerYear: number
  /** Spread of listeners' activity: deviation of the logarithm relative to 1.11. */
  activitySpread: number
  /** Hour-of-day and day-of-week rhythm, and weeks of more and of less listening; 0: every hour alike. */
  rhythm: number
  /** Differences between early and late listeners. */
  chronotypes: number
  /** Spread of session sizes around the median of 6 plays. */
  sessionSpread: number
  /** How unequal artists and songs are. */
  popularity: number
  /** Differences of popularity between genres. */
  genrePopularity: number
  /** Rise and decline of interest; 0: every released song keeps its level for ever. */
  decay: number
  /** Fast part of the decline (weeks); 0: slow part alone. */
  talk: number
  /** Seasonal songs and Christmas. */
  season: number
  /** How far listeners' tastes differ; 0: all like all genres alike. */
  taste: number
  /** Share of plays that repeat what the listener knows. */
  repeat: number
  /** Repeats favour what was discovered lately; 0: all known songs alike. */
  recency: number
  /** Less appetite for the newest discoveries; 0: constant. */
  appetite: number
  /** Calmer songs late at night. */
  nightCalm: number
  /** Skip hazard. */
  skip: number
  /** Skip hazard by age and weekday. */
  skipByAge: number
  /** Skip hazard by place in the song, different for each song. */
  fingerprint: number
  /** Thumbs, ratings, tags and comments. */
  reactions: number
  /** Searches. */
  search: number
  /** Plays from friends' discoveries and shared stations. */
  collaboration: number
  /** Share of homes that follow population (1 at most); the others are in any zip area alike. */
  homes: number
}

export const PUBLISHED_KNOBS: Readonly<Knobs> = {
  sessionsPerDay: 0.27,
  growthPerYear: 0.2,
  churnPerYear: 0.12,
  activitySpread: 1,
  rhythm: 1,
  chronotypes: 1,
  sessionSpread: 1,
  popularity: 1,
  genrePopularity: 1,
  decay: 1,
  talk: 1,
  season: 1,
  taste: 1,
  repeat: 1,
  recency: 1,
  appetite: 1,
  nightCalm: 1,
  skip: 1,
  skipByAge: 1,
  fingerprint: 1,
  reactions: 1,
  search: 1,
  collaboration: 1,
  homes: 1,
}
