import type { StoredJob } from '@plotline/api'
import { bytesText, isFinal } from '@plotline/api/names'
import { useState, type ReactElement } from 'react'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { countText } from '../ui/number-text.ts'
import { TextField } from '../ui/text-field.tsx'

/** From so many jobs on their number is to be typed: nobody deletes a year's work by two clicks. */
const TYPE_FROM = 21

export function DeletionDialog({
  jobs,
  isOpen,
  onClose,
  onConfirm,
}: {
  readonly jobs: readonly StoredJob[]
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
}): ReactElement {
  const [typed, setTyped] = useState('')
  const close = (): void => {
    setTyped('')
    onClose()
  }
  const isTyped = jobs.length < TYPE_FROM || typed.trim() === String(jobs.length)
  return (
    <ConfirmDialog
      title={`Delete ${whatOf(jobs)}?`}
      confirmLabel={`Delete ${countText(jobs.length, 'job')}`}
      isOpen={isOpen && jobs.length > 0}
      isDisabled={!isTyped}
      onClose={close}
      onConfirm={() => {
        setTyped('')
        onConfirm()
      }}
    >
      {stopWords(jobs)}
      {jobs.length === 1 ? 'Its' : 'Their'} metrics, logs, files and artifacts are removed for good.
      Frees {bytesText(bytesOf(jobs))}.
      {jobs.length >= TYPE_FROM && (
        <TextField
          label={`Type ${jobs.length} to go on`}
          value={typed}
          onChange={setTyped}
          isRequired
        />
      )}
    </ConfirmDialog>
  )
}

export const bytesOf = (jobs: readonly StoredJob[]): number =>
  jobs.reduce((sum, { bytes }) => sum + bytes.total, 0)

function whatOf(jobs: readonly StoredJob[]): string {
  const [only] = jobs
  return jobs.length === 1 && only !== undefined ? only.name : countText(jobs.length, 'job')
}

function stopWords(jobs: readonly StoredJob[]): string {
  const running = jobs.filter(({ state }) => !isFinal(state)).length
  if (running === 0) return ''
  if (jobs.length === 1) return 'The job will be stopped first. '
  return `${running === 1 ? '1 of them runs' : `${running} of them run`} and will be stopped first. `
}
