import type { Job } from '@plotline/api'
import { Link } from '@tanstack/react-router'
import { ChevronRight, Pencil } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { usePatchJob } from '../rest/jobs.ts'
import { Chip } from '../ui/chip.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { useToast } from '../ui/toast.tsx'
import styles from './job-page.module.css'

/** Where the job is, what it is called, its id and tags. */
export function JobHeader({ job }: { readonly job: Job }): ReactElement {
  return (
    <header className={styles['header']}>
      <nav aria-label="Breadcrumb" className={styles['crumbs']}>
        <ol>
          <li>
            <Link to="/jobs">Jobs</Link>
          </li>
          <li>
            <ChevronRight aria-hidden />
            <span aria-current="page">{job.name}</span>
          </li>
        </ol>
      </nav>
      <div className={styles['titleRow']}>
        <JobName key={job.id} job={job} />
        <span className={styles['id']}>
          <code>{job.id}</code>
          <CopyButton text={job.id} label="Copy the id" />
        </span>
        {job.tags.length > 0 && (
          <ul className={styles['tags']} aria-label="Tags">
            {job.tags.map((tag) => (
              <li key={tag}>
                <Chip>{tag}</Chip>
              </li>
            ))}
          </ul>
        )}
      </div>
    </header>
  )
}

function JobName({ job }: { readonly job: Job }): ReactElement {
  const [draft, setDraft] = useState<string>()
  const { mutate } = usePatchJob(job.id)
  const toast = useToast()
  const save = (): void => {
    const name = draft?.trim() ?? ''
    setDraft(undefined)
    if (name === '' || name === job.name) return
    mutate({ name }, { onError: (error) => toast(messageOf(error), 'bad') })
  }
  if (draft === undefined)
    return (
      <span className={styles['name']}>
        <h1>{job.name}</h1>
        <IconButton label="Rename" size="sm" onPress={() => setDraft(job.name)}>
          <Pencil aria-hidden />
        </IconButton>
      </span>
    )
  return (
    <input
      className={styles['nameInput']}
      aria-label="Name of the job"
      value={draft}
      maxLength={200}
      // It takes the place of what was just pressed.
      // oxlint-disable-next-line jsx-a11y/no-autofocus
      autoFocus
      onChange={({ target }) => setDraft(target.value)}
      onFocus={({ target }) => target.select()}
      onBlur={save}
      onKeyDown={({ key }) => {
        if (key === 'Enter') save()
        if (key === 'Escape') setDraft(undefined)
      }}
    />
  )
}
