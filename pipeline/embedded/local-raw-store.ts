/**
 * The raw store in a local folder.
 *
 * A file is written under a temporary name, flushed, and then given its own name by `link`, which, unlike `rename`,
 * refuses to replace a file that is there. Last its folder is flushed, without which a power cut could take the name back.
 * Files that go to the same folder at the same time share that flush.
 */
import { link, mkdir, open, readdir, readFile, rm, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { MusicboxError } from '../../datasets/failure.ts'
import { isAlive } from '../process-alive.ts'
import { rawPathNames } from '../raw-path.ts'
import type { RawStore } from '../raw-store.ts'

/** Unfinished files, by process. Names that start with a dot are never listed. */
const UNFINISHED = '.unfinished'

/**
 * Opens the store in a folder, making it when missing, and sweeps what dead processes left unfinished.
 * @throws MusicboxError `backend.unreachable`
 */
export async function openLocalRawStore(folder: string): Promise<RawStore> {
  const root = resolve(folder)
  try {
    await mkdir(join(root, UNFINISHED), { recursive: true })
    await sweep(join(root, UNFINISHED))
  } catch (error) {
    throw failureOf(error, `could not open the raw store ${root}`)
  }
  return new LocalRawStore(root)
}

/** Numbers unfinished files over all stores of this process. */
let unfinishedCount = 0

class LocalRawStore implements RawStore {
  readonly #root: string
  readonly #flushes = new Map<string, Flush>()
  /** Folders that are known to be there, durably. */
  readonly #folders = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  async publish(path: string, bytes: Uint8Array): Promise<void> {
    const target = this.#locate(path)
    const unfinished = join(this.#root, UNFINISHED, `${process.pid}-${unfinishedCount++}`)
    try {
      await this.#makeFolder(dirname(target))
      try {
        await writeDurably(unfinished, bytes)
        await link(unfinished, target)
      } finally {
        await rm(unfinished, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failureOf(error, `could not publish ${path}`)
      await this.#mustEqual(path, target, bytes)
    }
    // Also when the file was there already: its first writer may not have come this far.
    await this.#flushFolder(dirname(target))
  }

  async read(path: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#locate(path))
    } catch (error) {
      if (isMissing(error)) throw new MusicboxError('not.found', `expected the raw file ${path}, but it is not there`)
      throw failureOf(error, `could not read ${path}`)
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#locate(folder))
      // Not the order of a locale: by UTF-16 units, as everywhere.
      return names.filter((name) => !name.startsWith('.')).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw failureOf(error, `could not list ${folder}`)
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await unlink(this.#locate(path))
    } catch (error) {
      if (!isMissing(error)) throw failureOf(error, `could not remove ${path}`)
    }
  }

  #locate(path: string): string {
    return join(this.#root, ...rawPathNames(path))
  }

  async #mustEqual(path: string, target: string, bytes: Uint8Array): Promise<void> {
    const there = await readFile(target).catch((error) => {
      throw failureOf(error, `could not compare ${path}`)
    })
    if (!there.equals(bytes)) {
      throw new MusicboxError(
        'writer.fenced',
        `expected to be the first to publish ${path}, but other bytes are there already`,
        'Another process writes to the same raw store; see that only one collector runs.',
      )
    }
  }

  /** Makes a folder and its missing parents, each name flushed. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder) || folder === this.#root) return
    await this.#makeFolder(dirname(folder))
    await mkdir(folder).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
    await this.#flushFolder(dirname(folder))
    this.#folders.add(folder)
  }

  /** Flushes a folder once after now, together with whoever else asks before that flush starts. */
  #flushFolder(folder: string): Promise<void> {
    const flush = this.#flushes.get(folder)
    if (!flush) {
      const running = flushFolder(folder).finally(() => this.#flushes.delete(folder))
      this.#flushes.set(folder, { running, next: undefined })
      return running
    }
    // The running flush may have begun before our name was there.
    flush.next ??= flush.running.catch(() => {}).then(() => this.#flushFolder(folder))
    return flush.next
  }
}

interface Flush {
  running: Promise<void>
  next: Promise<void> | undefined
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function flushFolder(folder: string): Promise<void> {
  // Windows cannot flush a folder, and keeps names in its own journal.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    throw failureOf(error, `could not flush the folder ${folder}`)
  } finally {
    await handle.close()
  }
}

/** Removes the unfinished files of processes that are gone. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [pid, count] = name.split('-').map(Number)
    // In a container the dead process may have had our own number.
    const ours = pid === process.pid && count! < unfinishedCount
    if (!ours && (pid === process.pid || !isAlive(pid!))) await rm(join(folder, name), { force: true })
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function failureOf(error: unknown, what: string): MusicboxError {
  if (error instanceof MusicboxError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code ?? '')) {
    return new MusicboxError('backend.full', `${what}: ${message}`, 'Free disk space, then run it again.', {
      cause: error,
    })
  }
  return new MusicboxError(
    'backend.unreachable',
    `${what}: ${message}`,
    'Check that the folder exists, may be written to, and is on a local disk with hard links.',
    { cause: error },
  )
}
