import type { Job, ServerInfo } from '@plotline/api'
import { metricNameProblem } from '@plotline/api/names'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState, type FormEvent, type ReactElement, type ReactNode } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { usePatchJob } from '../rest/jobs.ts'
import { request } from '../rest/request.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { stateWord } from '../ui/status-pill.tsx'
import { TextField } from '../ui/text-field.tsx'
import { durationText, fullTimeText } from '../ui/time-text.ts'
import { useToast } from '../ui/toast.tsx'
import { asEnvFile } from './env-file.ts'
import styles from './environment-tab.module.css'

/** What the job was started with, and what became of it. */
export function EnvironmentTab({ job }: { readonly job: Job }): ReactElement {
  return (
    <div className={styles['tab']}>
      <RunCard job={job} />
      <VariablesCard env={job.env} />
      <MetricsCard job={job} />
      <TimelineCard job={job} />
    </div>
  )
}

function RunCard({ job }: { readonly job: Job }): ReactElement {
  const { data: server } = useQuery({
    queryKey: ['server'],
    queryFn: ({ signal }) => request<ServerInfo>('/server', { signal }),
  })
  return (
    <Card title="Run">
      <div className={styles['stack']}>
        <CodeBlock code={job.command} label="Copy the command" />
        <dl className={styles['facts']}>
          <Fact name="Working directory">{job.workspace ?? 'A folder of its own'}</Fact>
          <Fact name="Container">{job.container ?? 'None: it runs on this host'}</Fact>
          <Fact name="Exit code">{job.exitCode ?? '–'}</Fact>
          <Fact name="Samples go to">
            {server === undefined
              ? '…'
              : `${server.statsd.host}:${server.statsd.port} (UDP, StatsD)`}
          </Fact>
        </dl>
      </div>
    </Card>
  )
}

function VariablesCard({ env }: { readonly env: Job['env'] }): ReactElement {
  const entries = Object.entries(env)
  return (
    <Card
      title="Variables"
      actions={
        entries.length > 0 && (
          <CopyButton text={asEnvFile(env)} label="Copy as .env" variant="ghost">
            Copy as .env
          </CopyButton>
        )
      }
    >
      {entries.length === 0 ? (
        <p className={styles['none']}>No variables were given to this job.</p>
      ) : (
        <dl className={styles['variables']}>
          {entries.map(([name, value]) => (
            <Fact key={name} name={<code>{name}</code>}>
              <code>{value}</code>
            </Fact>
          ))}
        </dl>
      )}
    </Card>
  )
}

function MetricsCard({ job }: { readonly job: Job }): ReactElement {
  return (
    <Card title="Custom metrics">
      <div className={styles['stack']}>
        {job.customMetrics.length === 0 ? (
          <p className={styles['none']}>This job has no custom metrics.</p>
        ) : (
          <ul className={styles['names']}>
            {job.customMetrics.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        )}
        <AddMetric job={job} />
      </div>
    </Card>
  )
}

function AddMetric({ job }: { readonly job: Job }): ReactElement {
  const [name, setName] = useState('')
  const [error, setError] = useState<string>()
  const { mutate, isPending } = usePatchJob(job.id)
  const toast = useToast()
  const suggestion = error === undefined ? undefined : metricNameProblem(name.trim())?.suggestion

  const add = (event: FormEvent): void => {
    event.preventDefault()
    const wanted = name.trim()
    const problem = problemOf(wanted, job.customMetrics)
    setError(problem)
    if (problem !== undefined) return
    mutate(
      { customMetrics: [wanted] },
      {
        onSuccess: () => {
          setName('')
          toast(`${wanted} was added.`)
        },
        onError: (failure) => setError(messageOf(failure)),
      },
    )
  }

  return (
    <form className={styles['add']} onSubmit={add}>
      <TextField
        label="Add metric"
        value={name}
        onChange={(value) => {
          setName(value)
          setError(undefined)
        }}
        placeholder="testMetric3"
        hint="Letters a–z A–Z, digits 0–9, _ and -. Names are case-sensitive."
        error={error}
        isMono
      />
      <Button type="submit" isPending={isPending}>
        <Plus aria-hidden /> Add metric
      </Button>
      {suggestion !== undefined && (
        <Button
          size="sm"
          onPress={() => {
            setName(suggestion)
            setError(undefined)
          }}
        >
          Use "{suggestion}"
        </Button>
      )}
    </form>
  )
}

function problemOf(name: string, declared: readonly string[]): string | undefined {
  if (declared.includes(name)) return `${name} is already in the list.`
  return metricNameProblem(name)?.message
}

function TimelineCard({ job }: { readonly job: Job }): ReactElement {
  const { createdAt, startedAt, finishedAt } = job
  return (
    <Card title="Timeline">
      <ol className={styles['timeline']}>
        <Moment words="Created" at={createdAt} />
        {startedAt !== null && (
          <Moment words="Started" at={startedAt} after={startedAt - createdAt} />
        )}
        {finishedAt !== null && (
          <Moment
            words={stateWord(job.state)}
            at={finishedAt}
            after={finishedAt - (startedAt ?? createdAt)}
          />
        )}
      </ol>
    </Card>
  )
}

function Moment({
  words,
  at,
  after,
}: {
  readonly words: string
  readonly at: number
  readonly after?: number
}): ReactElement {
  return (
    <li>
      <strong>{words}</strong>
      <time dateTime={new Date(at).toISOString()}>{fullTimeText(at)}</time>
      {after !== undefined && <span>after {durationText(after)}</span>}
    </li>
  )
}

function Fact({
  name,
  children,
}: {
  readonly name: ReactNode
  readonly children: ReactNode
}): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
