/** What whoever plans may choose. */
export interface Choices {
  /** Events a second in the busiest hour, over the mean of a day. */
  peak: number
  /** Share of every machine that is kept free: for a lost machine, for catching up, for what the model does not know. */
  headroom: number
  /** Copies of each byte in Kafka and in HDFS. */
  replication: number
  log_days: number
  /** Raw files, and the warehouse's files made of them: no longer period can be counted anew. */
  raw_days: number
  table_days: number
  /** Songs in the catalogue: no day has rows for more. */
  songs: number
  /** Hours in which a day must be aggregated. */
  night_hours: number
  /** Of one machine of any kind. */
  cores: number
  disk_tb: number
  network_gbit: number
  /** Size that raw files should have. */
  file_mb: number
}

/**
 * Peak: LinkedIn's pipeline of 2012 met 1.5 times its mean in its busiest time over the world; one country's evening is
 * nearer to 3. Replication: 3 is the default of HDFS and what Kafka's own guides advise. Machines: common ones of 2026.
 */
export const DEFAULT_CHOICES: Choices = {
  peak: 3,
  headroom: 0.4,
  replication: 3,
  log_days: 7,
  raw_days: 400,
  table_days: 1100,
  songs: 1_000_000,
  night_hours: 4,
  cores: 32,
  disk_tb: 48,
  network_gbit: 25,
  file_mb: 128,
}
