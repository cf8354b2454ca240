/**
 * The raw store: write-once files under relative paths with `/`. Embedded: a local folder. Cluster: HDFS.
 */
export interface RawStore {
  /**
   * Makes the bytes visible and durable under `path`, all or nothing. Publishing the same bytes again is fine.
   * @throws MusicboxError `writer.fenced` when the path holds other bytes: somebody else was first.
   */
  publish(path: string, bytes: Uint8Array): Promise<void>

  /** @throws MusicboxError `not.found` */
  read(path: string): Promise<Uint8Array>

  /** Names directly under a folder, ascending, without unfinished files; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>

  /** Removes a file; a missing one is fine. Only for files that no manifest names. */
  remove(path: string): Promise<void>
}
