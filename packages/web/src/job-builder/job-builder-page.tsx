import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useCreateJob, useJob, useJobs } from '../rest/jobs.ts'
import { messageOf } from '../rest/api-error.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useShortcuts } from '../ui/shortcut.ts'
import { TextField } from '../ui/text-field.tsx'
import { EnvTable } from './env-table.tsx'
import styles from './job-builder-page.module.css'
import {
  draftOf,
  forgetDraft,
  loadDraft,
  newJobOf,
  PRESETS,
  saveDraft,
  type JobDraft,
} from './job-draft.ts'
import { MetricNamesField } from './metric-names-field.tsx'
import { namesProblem } from './metric-tags.ts'
import { cliCommand, curlCommand } from './same-elsewhere.ts'
import { SendSnippets } from './send-snippets.tsx'

/** The form that makes a job. `from`: the job whose fields it begins with. */
export function JobBuilderPage({ from }: { readonly from: string | undefined }): ReactElement {
  const source = useJob(from)
  if (from !== undefined && source.isPending) return <main className={styles['page']} aria-busy />
  if (from !== undefined && source.isError)
    return (
      <main className={styles['page']}>
        <Banner tone="bad">{messageOf(source.error)}</Banner>
      </main>
    )
  const initial = source.data === undefined ? loadDraft() : draftOf(source.data)
  return <JobForm key={from ?? 'new'} initial={initial} clonedFrom={source.data?.name} />
}

interface JobFormProps {
  readonly initial: JobDraft
  readonly clonedFrom: string | undefined
}

function JobForm({ initial, clonedFrom }: JobFormProps): ReactElement {
  const [draft, setDraft] = useState(initial)
  const [problems, setProblems] = useState<readonly string[]>([])
  const create = useCreateJob()
  const navigate = useNavigate()
  const commandBox = useRef<HTMLElement>(null)
  const metricsBox = useRef<HTMLInputElement>(null)
  const summary = useRef<HTMLDivElement>(null)
  const change = (part: Partial<JobDraft>): void => setDraft((before) => ({ ...before, ...part }))

  useEffect(() => {
    if (clonedFrom === undefined) saveDraft(draft)
  }, [draft, clonedFrom])

  function submit(): void {
    if (create.isPending) return
    const found = problemsOf(draft)
    setProblems(found)
    if (found.length > 0) {
      const box =
        draft.command.trim() === '' ? commandBox.current : (metricsBox.current ?? summary.current)
      box?.focus()
      return
    }
    create.mutate(newJobOf(draft), {
      onSuccess: (job) => {
        forgetDraft()
        const tab = job.customMetrics.length > 0 ? 'metrics' : 'logs'
        void navigate({ to: '/jobs/$jobId/$tab', params: { jobId: job.id, tab } })
      },
      onError: (error) => setProblems([messageOf(error)]),
    })
  }
  useShortcuts([{ key: 'Enter', withCtrl: true, run: submit }])
  const earlierNames =
    useJobs({}).data?.pages[0]?.jobs.flatMap(({ customMetrics }) => customMetrics) ?? []

  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <h1>Create job</h1>
        <Segmented
          label="Presets"
          value={undefined}
          options={PRESETS.map(({ label }) => ({ value: label, label }))}
          onChange={(label) =>
            change(PRESETS.find((preset) => preset.label === label)?.draft ?? {})
          }
        />
      </header>
      {clonedFrom !== undefined && (
        <Banner>
          Cloned from {clonedFrom}.{' '}
          {initial.env.some(({ isSecret }) => isSecret) &&
            'Values of secret variables are never shown again: type them anew.'}
        </Banner>
      )}
      <div ref={summary} tabIndex={-1} className={styles['summary']}>
        {problems.length > 0 && (
          <Banner tone="bad" role="alert">
            The job was not submitted.{' '}
            {problems.length === 1 ? '1 problem' : `${problems.length} problems`}:{' '}
            {problems.join(' ')}
          </Banner>
        )}
      </div>
      <form
        className={styles['columns']}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className={styles['sections']}>
          <Section number={1} title="Name and tags" isOptional>
            <div className={styles['pair']}>
              <TextField
                label="Name"
                placeholder="job N"
                value={draft.name}
                onChange={(name) => change({ name })}
              />
              <TextField
                label="Tags"
                placeholder="baseline, lr-sweep"
                hint="Commas between them."
                value={draft.tags}
                onChange={(tags) => change({ tags })}
              />
            </div>
          </Section>
          <Section number={2} title="Command">
            <TextField
              label="Command"
              isRequired
              isMono
              rows={rowsFor(draft.command)}
              error={problems.length > 0 && draft.command.trim() === '' ? NO_COMMAND : undefined}
              placeholder="python3 train.py --lr 0.1"
              hint="A line or a script for /bin/sh, on this server's host."
              value={draft.command}
              onChange={(command) => change({ command })}
              boxRef={(box) => {
                commandBox.current = box
              }}
            />
            <TextField
              label="Working directory"
              isMono
              placeholder="a folder of its own"
              hint="An absolute path on the host; empty: the job gets a folder of its own."
              value={draft.workspace}
              onChange={(workspace) => change({ workspace })}
            />
          </Section>
          <Section number={3} title="Environment" isOptional>
            <EnvTable rows={draft.env} onChange={(env) => change({ env })} />
          </Section>
          <Section number={4} title="Custom Metrics" isOptional>
            <p className={styles['lead']}>
              Names of the metrics your code will send with gradient-statsd. Each one gets a live
              graph.
            </p>
            <MetricNamesField
              names={draft.metrics}
              suggestions={earlierNames}
              onChange={(metrics) => change({ metrics })}
              boxRef={metricsBox}
            />
            <SendSnippets names={draft.metrics} />
          </Section>
        </div>
        <aside className={styles['aside']}>
          <Card title="The same in a terminal">
            <CodeBlock code={cliCommand(draft)} label="Copy the command" />
          </Card>
          <Card title="The same by HTTP">
            <CodeBlock code={curlCommand(draft, window.location.origin)} label="Copy the request" />
          </Card>
        </aside>
        <footer className={styles['footer']}>
          <span className={styles['hint']}>
            <Kbd keys="Ctrl Enter" />
          </span>
          <Button variant="primary" type="submit" isDisabled={create.isPending}>
            {create.isPending ? 'Submitting…' : 'Submit job'}
          </Button>
        </footer>
      </form>
    </main>
  )
}

const NO_COMMAND = 'The command is empty.'

/** A whole script is seen at once, up to a screen's half. */
const rowsFor = (command: string): number => Math.min(14, Math.max(3, command.split('\n').length))

/** What keeps the form from being sent, one line each. */
function problemsOf(draft: JobDraft): string[] {
  const names = namesProblem(draft.metrics)
  return [
    ...(draft.command.trim() === '' ? [NO_COMMAND] : []),
    ...draft.env
      .filter(({ name, value, isSecret }) => isSecret && name.trim() !== '' && value === '')
      .map(({ name }) => `The secret ${name.trim()} has no value.`),
    ...(names === undefined ? [] : [names]),
  ]
}

interface SectionProps {
  readonly number: number
  readonly title: string
  readonly isOptional?: boolean
  readonly children: ReactNode
}

function Section({ number, title, isOptional = false, children }: SectionProps): ReactElement {
  return (
    <Card
      title={
        <span className={styles['title']}>
          <span className={styles['number']} aria-hidden>
            {number}
          </span>
          {title}
        </span>
      }
      {...(isOptional ? { actions: <span className={styles['optional']}>optional</span> } : {})}
    >
      <div className={styles['fields']}>{children}</div>
    </Card>
  )
}
