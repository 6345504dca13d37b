import type { Job } from '@plotline/api'
import { bytesText, isFinal } from '@plotline/api/names'
import { useNavigate } from '@tanstack/react-router'
import { Copy, CopyPlus, Download, RotateCw, Square, Trash2 } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { jobArchive, useCloneJob, useDeleteJob, useStopJob } from '../rest/jobs.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { copyText } from '../ui/copy-button.tsx'
import { Menu } from '../ui/menu.tsx'
import { useShortcuts } from '../ui/shortcut.ts'
import { StatusPill } from '../ui/status-pill.tsx'
import { agoText, durationText, fullTimeText } from '../ui/time-text.ts'
import { useToast } from '../ui/toast.tsx'
import { useNow } from '../ui/use-now.ts'
import styles from './job-page.module.css'
import { LiveDot } from './live-dot.tsx'

type Question = 'stop' | 'delete'

/** How the job does, and what can be done with it. */
export function StatusBar({ job }: { readonly job: Job }): ReactElement {
  const [question, setQuestion] = useState<Question>()
  const navigate = useNavigate()
  const toast = useToast()
  const stop = useStopJob()
  const rerun = useCloneJob()
  const remove = useDeleteJob()
  const isRunning = !isFinal(job.state)
  const clone = (): void => void navigate({ to: '/jobs/new', search: { from: job.id } })
  const fail = (error: Error): void => toast(messageOf(error), 'bad')
  useShortcuts([
    { key: 'c', run: clone },
    { key: 's', run: () => isRunning && setQuestion('stop') },
  ])

  return (
    <div className={styles['bar']}>
      <StatusPill state={job.state} exitCode={job.exitCode} />
      <JobTimes job={job} />
      {isRunning && <LiveDot />}
      <span className={styles['actions']}>
        {isRunning && (
          <Button onPress={() => setQuestion('stop')} isPending={stop.isPending}>
            <Square aria-hidden /> Stop
          </Button>
        )}
        <Button variant="primary" onPress={clone}>
          <CopyPlus aria-hidden /> Clone job
        </Button>
        <Menu
          label="More"
          actions={[
            {
              label: 'Rerun now',
              icon: <RotateCw aria-hidden />,
              onAction: () =>
                rerun.mutate(job.id, {
                  onError: fail,
                  onSuccess: ({ id }) =>
                    void navigate({ to: '/jobs/$jobId', params: { jobId: id } }),
                }),
            },
            {
              label: 'Copy link',
              icon: <Copy aria-hidden />,
              onAction: () => void copyText(window.location.href).then(() => toast('Link copied.')),
            },
            {
              label: 'Export job',
              icon: <Download aria-hidden />,
              download: jobArchive(job),
            },
            {
              label: 'Delete…',
              icon: <Trash2 aria-hidden />,
              isDanger: true,
              onAction: () => setQuestion('delete'),
            },
          ]}
        />
      </span>
      <ConfirmDialog
        title={`Stop ${job.name}?`}
        confirmLabel="Stop job"
        isOpen={question === 'stop' && isRunning}
        isPending={stop.isPending}
        onClose={() => setQuestion(undefined)}
        onConfirm={() => {
          setQuestion(undefined)
          stop.mutate(job.id, { onError: fail })
        }}
      >
        Its process ends. Its metrics and logs are kept until you delete the job.
      </ConfirmDialog>
      <ConfirmDialog
        title={`Delete ${job.name}?`}
        confirmLabel="Delete job"
        isOpen={question === 'delete'}
        isPending={remove.isPending}
        onClose={() => setQuestion(undefined)}
        onConfirm={() =>
          remove.mutate(job.id, {
            onError: fail,
            onSuccess: ({ bytesFreed }) => {
              toast(`${job.name} was deleted. ${bytesText(bytesFreed)} freed.`)
              void navigate({ to: '/jobs' })
            },
          })
        }
      >
        {isRunning && 'The job will be stopped first. '}
        Its metrics, logs, files and artifacts are removed for good. Frees {bytesText(job.bytes)}.
      </ConfirmDialog>
    </div>
  )
}

function JobTimes({ job }: { readonly job: Job }): ReactElement {
  const { startedAt, finishedAt, createdAt } = job
  const now = useNow(!isFinal(job.state))
  if (startedAt === null)
    return (
      <span className={styles['times']} title={fullTimeText(createdAt)}>
        created {agoText(createdAt, now)}
      </span>
    )
  return (
    <span className={styles['times']}>
      <strong>{durationText((finishedAt ?? now) - startedAt)}</strong>
      <span title={fullTimeText(startedAt)}>started {agoText(startedAt, now)}</span>
      {finishedAt !== null && (
        <span title={fullTimeText(finishedAt)}>finished {agoText(finishedAt, now)}</span>
      )}
      {job.exitCode !== null && <span>exit code {job.exitCode}</span>}
    </span>
  )
}
