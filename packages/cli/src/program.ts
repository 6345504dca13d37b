import { Argument, Command, Option } from 'commander'
import { collect, timeAt, wholeNumber } from './arguments.ts'
import { backUp, type BackupFlags } from './commands/backup.ts'
import { cloneJob, deleteJobs, stopJobs, type DeleteFlags } from './commands/change-jobs.ts'
import { completionScript, SHELLS, type CommandWords } from './commands/completion.ts'
import { exportJob, type ExportJobFlags } from './commands/export-job.ts'
import { importJobs } from './commands/import-jobs.ts'
import { jobLogs, type LogsFlags } from './commands/job-logs.ts'
import { listJobs, type ListFlags } from './commands/list-jobs.ts'
import { login } from './commands/login.ts'
import {
  exportMetrics,
  getMetrics,
  listMetrics,
  type ExportFlags,
  type GetFlags,
} from './commands/metrics.ts'
import { restore, type RestoreFlags } from './commands/restore.ts'
import { run, type RunFlags } from './commands/run.ts'
import { showJob } from './commands/show-job.ts'
import { streamMetrics, type StreamFlags } from './commands/stream-metrics.ts'
import { printSubmitted, submitJob, type SubmitFlags } from './commands/submit.ts'
import { openContext, type CommonFlags, type Context, type World } from './context.ts'
import { badInput } from './problem.ts'

/** Runs with the flags of a command; what it returns is the exit code, nothing is 0. */
type Work<F> = (context: Context, flags: F) => Promise<number | void>

const DEFAULT_LIMIT = 50
const COMMON_OPTIONS = [
  ['--json', 'print JSON: one document, or one a line for streams'],
  ['--url <url>', 'address of the server'],
  ['--api-key <key>', 'its API key'],
] as const

/** All commands. `exitWith` hears the exit code of the one that ran. */
export function buildProgram(world: World, exitWith: (code: number) => void): Command {
  const perform = async <F extends CommonFlags>(command: Command, work: Work<F>): Promise<void> => {
    const flags = command.optsWithGlobals<F>()
    exitWith((await work(openContext(world, flags), flags)) ?? 0)
  }

  const program = new Command('plotline')
    .description('Runs jobs and draws the metrics that they send, live.')
    .version(world.version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.terminal.write(text),
      writeErr: (text) => world.terminal.note(text.trimEnd()),
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  $ plotline serve
  $ plotline run --metrics loss,accuracy -- python3 train.py
  $ plotline jobs list --state running
  $ plotline metrics stream jabc0123456789 -w

The server is found by --url and --api-key, then PLOTLINE_URL and PLOTLINE_API_KEY, then what "plotline login"
stored, then http://127.0.0.1:8400 with the key in ./data/api-key (or in the folder that PLOTLINE_DATA names).
Exit codes: 0 done, 1 failed, 2 bad input; "run" exits with the code of the job, 130 when it was cancelled.`,
    )

  addServe(program)
  addRun(program, perform)
  addJobs(program, perform)
  addMetrics(program, perform, world)
  addArchives(program, perform)
  addBackup(program, perform)
  addLogin(program, world)
  addCompletion(program, world)
  addCommonFlags(program)
  return program
}

type Perform = <F extends CommonFlags>(command: Command, work: Work<F>) => Promise<void>

/** Listed for its help; bin/plotline.mjs gives `serve` to the server's own program. */
function addServe(program: Command): void {
  program
    .command('serve')
    .description('start a server here: plotline serve --help')
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(() => {
      throw badInput('Write "serve" first and its flags after it: plotline serve --help')
    })
}

function addRun(program: Command, perform: Perform): void {
  withSubmitFlags(program.command('run'))
    .description('submit a command as a job, stream its log and exit with its code')
    .argument('<command...>', 'the program and its arguments, without a shell')
    .option('-d, --detach', 'print the id and leave the job to itself')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ plotline run --metrics loss,accuracy -- python3 train.py --epochs 10
  $ plotline run --name nightly --env LR=0.1 --tag gpu -- sh -c 'make data && make train'
  $ id=$(plotline run --detach --metrics steps -- ./simulate)

Ctrl-C asks: stop the job, or detach and let it run on; a second Ctrl-C detaches. Where there is no terminal to
ask on, an interrupt stops the job.`,
    )
    .action((command: string[], _flags: RunFlags, self: Command) =>
      perform<RunFlags & CommonFlags>(self, (context, flags) => run(context, command, flags)),
    )
}

function addJobs(program: Command, perform: Perform): void {
  const jobs = group(program, 'jobs', 'submit, list, read, stop, clone and delete jobs')

  withSubmitFlags(jobs.command('create'))
    .description('submit a job and print its id')
    .argument('[command...]', 'one word: a line for /bin/sh; several: a program and its arguments')
    .option('-c, --command <line>', 'a line for /bin/sh')
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(
        'jobs create --metrics loss "python3 train.py | tee out.txt"',
        'jobs create --metrics loss -- python3 train.py --epochs 10',
      ),
    )
    .action((words: string[], _flags: CreateFlags, self: Command) =>
      perform<CreateFlags & CommonFlags>(self, async (context, flags) => {
        printSubmitted(context, await submitJob(context, commandOf(words, flags.command), flags))
      }),
    )
  jobs
    .command('list')
    .alias('ls')
    .description('list jobs, the latest first')
    .option('--state <states>', 'only in these states, comma separated', collect)
    .option('--tag <tag>', 'only with this tag')
    .option('--q <text>', 'only with this text in name, id or command')
    .option('--project <name>', 'only of this project')
    .option('--sort <order>', 'created, started, finished, name or state; "-created" descends')
    .option('--limit <count>', 'most jobs to list', wholeNumber, DEFAULT_LIMIT)
    .option('--all', 'list all jobs')
    .addHelpText('after', examples('jobs list --state running,pending', 'jobs list --all --json'))
    .action((_flags: ListFlags, self: Command) => perform<ListFlags & CommonFlags>(self, listJobs))
  jobs
    .command('show')
    .description('show all that is known of a job')
    .argument('<id>', 'the id of the job')
    .addHelpText('after', examples('jobs show jabc0123456789'))
    .action((id: string, _flags: CommonFlags, self: Command) =>
      perform(self, (context) => showJob(context, id)),
    )
  jobs
    .command('logs')
    .description("print a job's log")
    .argument('<id>', 'the id of the job')
    .option('-f, --follow', 'go on until the job is over')
    .option('--tail <lines>', 'only the last lines', wholeNumber)
    .option('--timestamps', 'the time before each line')
    .addHelpText('after', examples('jobs logs jabc0123456789 -f --tail 20'))
    .action((id: string, _flags: LogsFlags, self: Command) =>
      perform<LogsFlags & CommonFlags>(self, (context, flags) => jobLogs(context, id, flags)),
    )
  jobs
    .command('stop')
    .description('stop running jobs')
    .argument('<ids...>', 'the ids of the jobs')
    .addHelpText('after', examples('jobs stop jabc0123456789'))
    .action((ids: string[], _flags: CommonFlags, self: Command) =>
      perform(self, (context) => stopJobs(context, ids)),
    )
  jobs
    .command('clone')
    .description('submit a job again and print the new id')
    .argument('<id>', 'the id of the job')
    .addHelpText('after', examples('jobs clone jabc0123456789'))
    .action((id: string, _flags: CommonFlags, self: Command) =>
      perform(self, (context) => cloneJob(context, id)),
    )
  jobs
    .command('delete')
    .alias('rm')
    .description('delete jobs with their metrics, logs, files and artifacts, for good')
    .argument('<ids...>', 'the ids of the jobs')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('jobs delete jabc0123456789 --yes'))
    .action((ids: string[], _flags: DeleteFlags, self: Command) =>
      perform<DeleteFlags & CommonFlags>(self, (context, flags) => deleteJobs(context, ids, flags)),
    )
}

interface CreateFlags extends SubmitFlags {
  readonly command?: string
}

/** One word is a line for the shell, as `sh -c` takes it; several are a program and its arguments. */
function commandOf(words: readonly string[], line: string | undefined): string | string[] {
  const [first] = words
  if (line !== undefined && first === undefined) return line
  if (line !== undefined)
    throw badInput('Give the command either with --command or as words, not both.')
  if (first === undefined) throw badInput('A job needs a command.')
  return words.length === 1 ? first : [...words]
}

function addMetrics(program: Command, perform: Perform, { now }: World): void {
  const metrics = group(program, 'metrics', 'read, stream and export the metrics of a job')
  const time = timeAt(now)
  const withRange = (command: Command): Command =>
    withNames(command)
      .option('--from <time>', 'from this time on: "5m" (ago), ISO 8601 or unix ms', time)
      .option('--to <time>', 'before this time', time)

  metrics
    .command('list')
    .alias('ls')
    .description('list the metrics of a job, and the samples that no graph shows')
    .argument('<id>', 'the id of the job')
    .addHelpText('after', examples('metrics list jabc0123456789'))
    .action((id: string, _flags: CommonFlags, self: Command) =>
      perform(self, (context) => listMetrics(context, id)),
    )
  withRange(metrics.command('get'))
    .description('print points as a table')
    .option('--points <count>', 'most points of each metric', wholeNumber)
    .addHelpText('after', examples('metrics get jabc0123456789 --names loss --from 5m --points 20'))
    .action((id: string, _flags: GetFlags, self: Command) =>
      perform<GetFlags & CommonFlags>(self, (context, flags) => getMetrics(context, id, flags)),
    )
  withNames(metrics.command('stream'))
    .description('print each change as it comes, until the job is over')
    .option('-w, --watch', 'draw the metrics as lines that move in place')
    .addHelpText(
      'after',
      examples('metrics stream jabc0123456789 -w', 'metrics stream jabc0123456789 --json'),
    )
    .action((id: string, _flags: StreamFlags, self: Command) =>
      perform<StreamFlags & CommonFlags>(self, (context, flags) =>
        streamMetrics(context, id, flags),
      ),
    )
  withRange(metrics.command('export'))
    .description('write every stored point as CSV')
    .option('-o, --output <file>', 'into this file instead of standard output')
    .addHelpText('after', examples('metrics export jabc0123456789 --names loss -o loss.csv'))
    .action((id: string, _flags: ExportFlags, self: Command) =>
      perform<ExportFlags & CommonFlags>(self, (context, flags) =>
        exportMetrics(context, id, flags),
      ),
    )
}

const withNames = (command: Command): Command =>
  command
    .argument('<id>', 'the id of the job')
    .option('--names <names>', 'only these metrics, comma separated')

function addArchives(program: Command, perform: Perform): void {
  program
    .command('export')
    .description('write a whole job as one file: metrics, log, files and artifacts')
    .argument('<id>', 'the id of the job')
    .option('-o, --output <file>', 'into this file instead of <id>.tar; "-": standard output')
    .option('--with-secrets', 'with the values of its secret variables')
    .addHelpText(
      'after',
      examples('export jabc0123456789', 'export jabc0123456789 -o - | ssh host plotline import -'),
    )
    .action((id: string, _flags: ExportJobFlags, self: Command) =>
      perform<ExportJobFlags & CommonFlags>(self, (context, flags) =>
        exportJob(context, id, flags),
      ),
    )
  program
    .command('import')
    .description('take in jobs that "export" wrote, and print their ids')
    .argument('<files...>', 'the files; "-": standard input')
    .addHelpText('after', examples('import jabc0123456789.tar'))
    .action((files: string[], _flags: CommonFlags, self: Command) =>
      perform(self, (context) => importJobs(context, files)),
    )
}

function addBackup(program: Command, perform: Perform): void {
  program
    .command('backup')
    .description('write every job of the server into a folder, secrets included')
    .argument('<dir>', 'a new or empty folder, or that of an earlier backup')
    .option('--full', 'fetch also what has not changed since the earlier backup')
    .addHelpText(
      'after',
      `${examples('backup /backups/plots')}
It works while the server runs and jobs send. Into the folder of an earlier backup it fetches only what has
changed. What was broken off is usable, and goes on where it ended.`,
    )
    .action((dir: string, _flags: BackupFlags, self: Command) =>
      perform<BackupFlags & CommonFlags>(self, (context, flags) => backUp(context, dir, flags)),
    )
  program
    .command('restore')
    .description('take in the jobs of a backup, but for those that are there already')
    .argument('<dir>', 'the folder of the backup')
    .argument('[ids...]', 'only these jobs')
    .option('--data <folder>', 'into this data folder, which no server uses, instead of a server')
    .addHelpText(
      'after',
      examples('restore /backups/plots --data ./data', 'restore /backups/plots jabc0123456789'),
    )
    .action((dir: string, ids: string[], _flags: RestoreFlags, self: Command) =>
      perform<RestoreFlags & CommonFlags>(self, (context, flags) =>
        restore(context, dir, ids, flags),
      ),
    )
}

function addLogin(program: Command, world: World): void {
  program
    .command('login')
    .description("store a server's address and key; without them, print the link of the server")
    .argument('[url]', 'address of the server, or the link that it printed')
    .argument('[key]', 'its API key; where it is missing, it is asked for or read from input')
    .addHelpText(
      'after',
      examples(
        'login https://plots.example.org < key.txt',
        'login http://127.0.0.1:8400 KEY',
        'login',
      ),
    )
    .action((url: string | undefined, key: string | undefined, _: CommonFlags, self: Command) =>
      login(world, url, key, self.optsWithGlobals<CommonFlags>()),
    )
}

function addCompletion(program: Command, { terminal }: World): void {
  program
    .command('completion')
    .description('print the script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices([...SHELLS]))
    .addHelpText('after', examples('completion bash > /etc/bash_completion.d/plotline'))
    .action((shell: string) => terminal.write(completionScript(shell, wordsOf(program, ''))))
}

function group(program: Command, name: string, description: string): Command {
  return program.command(name).description(description)
}

/** Added last, so that the help of a command shows its own flags first. */
function addCommonFlags(command: Command): void {
  for (const [flags, text] of COMMON_OPTIONS)
    command.addOption(new Option(flags, text).helpGroup('Options of every command:'))
  for (const sub of command.commands) addCommonFlags(sub)
}

function withSubmitFlags(command: Command): Command {
  return command
    .option('-m, --metrics <names>', 'names of the metrics that it will send', collect)
    .option('-n, --name <name>', 'name of the job')
    .option('-e, --env <name=value>', 'variable of its environment; NAME alone: as here', collect)
    .option('--secret <name=value>', 'the same, and never shown again', collect)
    .option('-t, --tag <tag>', 'tag of the job', collect)
    .option('--project <name>', 'project of the job')
    .option(
      '--workspace <folder>',
      'where it runs, or "none" for a folder of its own (default: here, where the server is on this machine)',
    )
}

const examples = (...lines: readonly string[]): string =>
  `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  $ plotline ${line}\n`).join('')}`

/** What may follow each command, for the shells. */
function wordsOf(command: Command, path: string): CommandWords[] {
  const flags = command.options.flatMap(({ long }) => long ?? [])
  const words = [...command.commands.map((sub) => sub.name()), ...flags, '--help']
  return [
    { path, words },
    ...command.commands.flatMap((sub) => wordsOf(sub, `${path} ${sub.name()}`.trim())),
  ]
}
