import type { Job } from '@plotline/api'
import { bytesText, isFinal } from '@plotline/api/names'
import { useNavigate } from '@tanstack/react-router'
import {
  Copy,
  CopyPlus,
  Download,
  ExternalLink,
  Link2,
  RotateCw,
  Square,
  Trash2,
} from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { jobArchive, useCloneJob, useDeleteJob, useStopJob } from '../rest/jobs.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { copyText } from '../ui/copy-button.tsx'
import { Menu } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'

/** What can be done with one job of the list. */
export function JobRowMenu({ job }: { readonly job: Job }): ReactElement {
  const [isDeleting, setDeleting] = useState(false)
  const navigate = useNavigate()
  const toast = useToast()
  const stop = useStopJob()
  const rerun = useCloneJob()
  const remove = useDeleteJob()
  const isRunning = !isFinal(job.state)
  const fail = (error: Error): void => toast(messageOf(error), 'bad')
  const copy = (text: string, what: string): void =>
    void copyText(text).then((isCopied) =>
      isCopied ? toast(`${what} copied.`) : toast(`The browser refused to copy: ${text}`, 'bad'),
    )
  const deleteIt = async (): Promise<void> => {
    setDeleting(false)
    // The row goes before the answer comes, and this component with it: callbacks of `mutate` would never run.
    try {
      const { bytesFreed } = await remove.mutateAsync(job.id)
      toast(`${job.name} was deleted. ${bytesText(bytesFreed)} freed.`)
    } catch (error) {
      toast(messageOf(error), 'bad')
    }
  }

  return (
    <>
      <Menu
        label={`More for ${job.name}`}
        actions={[
          {
            label: 'Open',
            icon: <ExternalLink aria-hidden />,
            onAction: () => void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } }),
          },
          {
            label: 'Clone',
            icon: <CopyPlus aria-hidden />,
            onAction: () => void navigate({ to: '/jobs/new', search: { from: job.id } }),
          },
          {
            label: 'Rerun now',
            icon: <RotateCw aria-hidden />,
            onAction: () =>
              rerun.mutate(job.id, {
                onError: fail,
                onSuccess: (made) => toast(`${made.name} was submitted.`),
              }),
          },
          {
            label: 'Stop',
            icon: <Square aria-hidden />,
            isDisabled: !isRunning,
            onAction: () => stop.mutate(job.id, { onError: fail }),
          },
          { label: 'Copy id', icon: <Copy aria-hidden />, onAction: () => copy(job.id, 'Id') },
          {
            label: 'Copy link',
            icon: <Link2 aria-hidden />,
            onAction: () => copy(`${window.location.origin}/jobs/${job.id}`, 'Link'),
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
            onAction: () => setDeleting(true),
          },
        ]}
      />
      <ConfirmDialog
        title={`Delete ${job.name}?`}
        confirmLabel="Delete job"
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => void deleteIt()}
      >
        {isRunning && 'The job will be stopped first. '}
        Its metrics, logs, files and artifacts are removed for good.
        {job.bytes > 0 && ` Frees ${bytesText(job.bytes)}.`}
      </ConfirmDialog>
    </>
  )
}
