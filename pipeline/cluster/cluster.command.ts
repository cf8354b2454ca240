/** `musicbox cluster`: starts, stops and shows a cluster of real servers on this machine. */
import { once } from 'node:events'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatDuration, type Host, printJson, untilStopped } from '../../datasets/host.ts'
import { clusterFolder, readClusterBirth } from './launcher/cluster-state.ts'
import { describeStatus, statusOf } from './launcher/cluster-status.ts'
import { jarFolder } from './launcher/jar-cache.ts'
import { MODULES, type Module } from './launcher/jvm-plan.ts'
import { showLogs } from './launcher/log-lines.ts'
import { planCluster } from './launcher/plan-cluster.ts'
import { startCluster } from './launcher/start-cluster.ts'
import { stopCluster, wipeCluster } from './launcher/stop-cluster.ts'
import { superviseCluster } from './launcher/supervisor.ts'
import { BASE_PORT, MOST, PORT_SPAN } from './launcher/topology.ts'

interface ClusterOptions {
  data: string
  json?: boolean
  quiet?: boolean
}

/** @param program path of the CLI, which the supervisor runs again */
export function clusterCommand(host: Host, program: string): Command {
  const made = new Command('cluster')
    .description('run Kafka, HDFS, HBase and Hive on this machine')
    .helpOption('-h, --help', 'show this help')
  const parts = [upCommand(host, program), downCommand(host), statusCommand(host), logsCommand(host), wipeCommand(host)]
  for (const each of parts) made.addCommand(likeTheFirstLevel(each, host))
  made.addCommand(likeTheFirstLevel(superviseCommand(host), host), { hidden: true })
  return made
}

/** The program gives its own commands our streams and its way to end, but not theirs. */
function likeTheFirstLevel(made: Command, host: Host): Command {
  return made.exitOverride().configureOutput({
    writeOut: (text) => void host.stdout.write(text),
    writeErr: (text) => void host.stderr.write(text),
  })
}

interface UpOptions extends ClusterOptions {
  basePort?: number
  brokers?: number
  datanodes?: number
  regionservers?: number
  foreground?: boolean
}

function upCommand(host: Host, program: string): Command {
  const count = wholeNumber(1, MOST)
  return command('up', 'start the cluster, or wait until the one that runs is ready')
    .option(
      '--base-port <port>',
      `lowest of the ${PORT_SPAN} ports that it uses (default: ${BASE_PORT})`,
      wholeNumber(1024, 65_535 - PORT_SPAN),
    )
    .option('--brokers <count>', `Kafka brokers, 1 to ${MOST} (default: 1)`, count)
    .option('--datanodes <count>', `HDFS datanodes and copies of each block, 1 to ${MOST} (default: 1)`, count)
    .option('--regionservers <count>', `HBase region servers, 1 to ${MOST} (default: 1)`, count)
    .option('--foreground', 'stay, and stop the cluster when interrupted')
    .action(async (options: UpOptions) => {
      const start_ms = host.now()
      const folder = clusterFolder(options.data)
      const say = options.quiet ? () => {} : (line: string) => void host.stderr.write(`${line}\n`)
      const { basePort, brokers, datanodes, regionservers } = options
      const asked = {
        ...(basePort === undefined ? {} : { base_port: basePort }),
        ...(brokers === undefined ? {} : { brokers }),
        ...(datanodes === undefined ? {} : { datanodes }),
        ...(regionservers === undefined ? {} : { regionservers }),
      }
      const attached = options.foreground ?? false
      const { state, supervisor } = await startCluster({ folder, asked, program, host, say, attached })
      const cluster = join(folder, 'cluster.json')
      if (options.json) printJson(host, { cluster, services: state.services })
      else {
        const took = supervisor ? `is ready after ${formatDuration(host.now() - start_ms)}` : 'runs already'
        host.stdout.write(`The cluster ${took}; its addresses are in ${cluster}\n`)
      }
      if (!attached || !supervisor) return
      await Promise.race([untilStopped(host), once(supervisor, 'exit')])
      await stopCluster(folder, say)
    })
}

function downCommand(host: Host): Command {
  return command('down', 'stop the cluster; its data stays').action(async (options: ClusterOptions) => {
    const say = (line: string): void => void host.stderr.write(`${line}\n`)
    const stopped = await stopCluster(clusterFolder(options.data), say)
    if (options.json) printJson(host, { stopped })
    else host.stdout.write(stopped ? 'The cluster is stopped.\n' : 'No cluster runs here.\n')
  })
}

function statusCommand(host: Host): Command {
  return command('status', 'show the services: state, process, ports, memory, restarts').action(
    async (options: ClusterOptions) => {
      const status = await statusOf(clusterFolder(options.data))
      if (options.json) printJson(host, status)
      else host.stdout.write(`${describeStatus(status, host.now())}\n`)
    },
  )
}

function logsCommand(host: Host): Command {
  return command('logs', 'show what the services log')
    .argument('[service]', 'only this one')
    .option('-n, --lines <count>', 'of each, from its end', wholeNumber(0, 1_000_000), 20)
    .option('-f, --follow', 'go on showing what comes')
    .action(async (service: string | undefined, options: ClusterOptions & { lines: number; follow?: boolean }) => {
      await showLogs(clusterFolder(options.data), { ...options, service }, host)
    })
}

function wipeCommand(host: Host): Command {
  return command('wipe', 'remove the data of a stopped cluster')
    .option('--force', 'stop it first')
    .action(async (options: ClusterOptions & { force?: boolean }) => {
      const folder = clusterFolder(options.data)
      const say = (line: string): void => void host.stderr.write(`${line}\n`)
      await wipeCluster(folder, { force: options.force ?? false, say })
      if (options.json) printJson(host, { wiped: folder })
      else host.stdout.write(`The cluster in ${folder} is gone.\n`)
    })
}

/** What `up` starts in the background. */
function superviseCommand(host: Host): Command {
  return new Command('supervise')
    .requiredOption('--folder <folder>')
    .requiredOption('--java <program>')
    .addOption(new Option('--attached', 'end when standard input ends'))
    .action(async ({ folder, java, attached }: { folder: string; java: string; attached?: boolean }) => {
      const birth = await readClusterBirth(folder)
      if (!birth) throw new MusicboxError('not.found', `expected a cluster in ${folder}`, 'run `musicbox cluster up`')
      const jars = Object.fromEntries(
        await Promise.all(MODULES.map(async (module) => [module, await jarFolder(module, host.env)])),
      ) as Record<Module, string>
      const ended = new AbortController()
      if (attached) void once(process.stdin.resume(), 'end').then(() => ended.abort())
      const site = { ...birth, folder }
      // Only now: the clients that it asks with would slow down the start of every command.
      const { isReady } = await import('./launcher/probe.ts')
      await superviseCluster({
        site,
        plans: planCluster(site),
        isReady,
        java,
        jars,
        signal: AbortSignal.any([host.signal, ended.signal]),
        log: (line) => void host.stderr.write(`${new Date(host.now()).toISOString()} ${line}\n`),
      })
    })
}
