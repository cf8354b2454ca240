/** Another load generator, as the benchmark runs it: the same request, connections and target as ours. */
export interface Peer {
  /** Package that has it, for who wants to install it. */
  package: string
  /** The program that must be on PATH. */
  program: string
  /**
   * What to run so that it sends for at least `seconds`. It may write into `folder`, and is ended from outside.
   * @returns a command line, and what its environment has more than ours
   */
  command(at: { port: number; seconds: number; folder: string }): Promise<PeerCommand>
}

export interface PeerCommand {
  args: string[]
  /** A shell's line that runs the program, `"$@"`, and what it needs beside it. */
  shell?: string
  env?: Record<string, string>
}
