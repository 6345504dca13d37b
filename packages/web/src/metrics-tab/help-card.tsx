import type { Job } from '@plotline/api'
import { Check, Circle } from 'lucide-react'
import { useState, type ReactElement, type ReactNode } from 'react'
import type { MetricsStatus } from '../charts/metric-feed.ts'
import { useServer } from '../rest/server.ts'
import { SEND_LANGUAGES, sendCode, type SendLanguage } from '../send-code/send-code.ts'
import { LinkButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { countFaults } from './faults.ts'
import styles from './metrics-tab.module.css'

const REFRESH_MS = 2000
/** Enough to see how it goes: a job may have a hundred. */
const MAX_NAMES_SHOWN = 3

/** For a job that sends nothing: how to send, with its own names, and what the server sees meanwhile. */
export function HelpCard({
  job,
  status,
  isOver,
}: {
  readonly job: Job
  readonly status: MetricsStatus | undefined
  readonly isOver: boolean
}): ReactElement {
  const [language, setLanguage] = useState<SendLanguage>('python')
  const { data: server } = useServer(isOver ? undefined : REFRESH_MS)
  const strangers = server?.refused['unknown_job']
  const noRoom = status?.refused['storage_full']?.count ?? 0
  const notUnderstood = countFaults(status?.refused ?? {}) - noRoom
  return (
    <Card
      title={
        isOver
          ? 'No samples were received from this job.'
          : 'No samples received from this job yet.'
      }
      actions={
        <Segmented
          label="Language"
          value={language}
          options={SEND_LANGUAGES}
          onChange={setLanguage}
        />
      }
    >
      <div className={styles['help']}>
        <div className={styles['helpCode']}>
          <p>{isOver ? 'The next run can send like this:' : 'Send from the code of the job:'}</p>
          <CodeBlock
            code={sendCode(language, job.customMetrics.slice(0, MAX_NAMES_SHOWN))}
            label="Copy the example"
          />
        </div>
        <ul className={styles['checklist']} aria-label="What the server sees">
          <CheckLine isDone={server !== undefined}>
            Listening on UDP {server === undefined ? '…' : server.statsd.port}
          </CheckLine>
          <CheckLine isDone={(status?.received ?? 0) > 0}>
            Datagrams from this job: {status?.received ?? 0}
          </CheckLine>
          <CheckLine isDone={false}>
            Datagrams with another container_name: {strangers?.count ?? 0}
            {strangers?.lastLine != null && <code>{strangers.lastLine}</code>}
          </CheckLine>
          <CheckLine isDone={false}>Not understood: {notUnderstood}</CheckLine>
          {noRoom > 0 && (
            <CheckLine isDone={false}>Refused, no room to store them: {noRoom}</CheckLine>
          )}
        </ul>
      </div>
      <div className={styles['helpActions']}>
        <LinkButton size="sm" to="/jobs/$jobId/$tab" params={{ jobId: job.id, tab: 'logs' }}>
          See the log
        </LinkButton>
        {isOver && (
          <LinkButton size="sm" variant="primary" to="/jobs/new" search={{ from: job.id }}>
            Clone and fix
          </LinkButton>
        )}
      </div>
    </Card>
  )
}

function CheckLine({
  isDone,
  children,
}: {
  readonly isDone: boolean
  readonly children: ReactNode
}): ReactElement {
  return (
    <li data-done={isDone}>
      {isDone ? <Check aria-label="yes:" /> : <Circle aria-hidden />}
      <span>{children}</span>
    </li>
  )
}
