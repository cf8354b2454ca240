/** The forms that events can have on disk; the name is the files' ending. */
export const FORMATS = ['jsonl', 'jsonl.gz', 'csv', 'csv.gz', 'parquet', 'npy'] as const
export type Format = (typeof FORMATS)[number]
