import type { Job } from '@plotline/api'
import { bytesText, isFinal } from '@plotline/api/names'
import { Link } from '@tanstack/react-router'
import { memo, type ReactElement } from 'react'
import { Chip } from '../ui/chip.tsx'
import { cx } from '../ui/cx.ts'
import { JobLink } from '../ui/job-link.tsx'
import table from '../ui/sortable-table.module.css'
import { StatusPill } from '../ui/status-pill.tsx'
import { agoText, durationText, fullTimeText } from '../ui/time-text.ts'
import { useNow } from '../ui/use-now.ts'
import { JobRowMenu } from './job-row-menu.tsx'
import styles from './jobs-table.module.css'
import { RowMetrics } from './row-metrics.tsx'

const MAX_TAGS_SHOWN = 4
/** A command may be a whole script: its beginning tells what it is. */
const MAX_COMMAND_SHOWN = 160

/** One job. The link on its name covers the whole row, so that Ctrl and the middle button open a new tab. */
export const JobRow = memo(function JobRow({ job }: { readonly job: Job }): ReactElement {
  return (
    <tr className={cx(table['row'], styles['row'])}>
      <td className={styles['status']}>
        <StatusPill state={job.state} exitCode={job.exitCode} />
      </td>
      <td className={styles['job']}>
        <div className={styles['title']}>
          <JobLink job={job} className={styles['name']} />
          <code className={styles['id']}>{job.id}</code>
        </div>
        <code className={styles['command']}>{job.command.slice(0, MAX_COMMAND_SHOWN)}</code>
        {job.tags.length > 0 && <RowTags tags={job.tags} />}
      </td>
      <td className={styles['metrics']}>
        {job.customMetrics.length === 0 ? (
          <span className={styles['none']}>no metrics</span>
        ) : (
          <RowMetrics job={job} />
        )}
      </td>
      <td className={styles['times']}>
        <RowTimes job={job} />
      </td>
      <td className={cx(table['size'], styles['size'])}>{bytesText(job.bytes)}</td>
      <td className={styles['menu']}>
        <JobRowMenu job={job} />
      </td>
    </tr>
  )
})

function RowTags({ tags }: { readonly tags: readonly string[] }): ReactElement {
  return (
    <div className={styles['tags']}>
      {tags.slice(0, MAX_TAGS_SHOWN).map((tag) => (
        <Link
          key={tag}
          to="/jobs"
          search={{ tag }}
          className={styles['tag']}
          aria-label={`Only jobs tagged ${tag}`}
        >
          <Chip>{tag}</Chip>
        </Link>
      ))}
      {tags.length > MAX_TAGS_SHOWN && <Chip>+{tags.length - MAX_TAGS_SHOWN}</Chip>}
    </div>
  )
}

function RowTimes({ job }: { readonly job: Job }): ReactElement {
  const { createdAt, startedAt, finishedAt } = job
  const now = useNow(!isFinal(job.state))
  return (
    <>
      <span title={fullTimeText(startedAt ?? createdAt)}>
        {agoText(startedAt ?? createdAt, now)}
      </span>
      {startedAt !== null && (
        <span className={styles['duration']}>
          {isFinal(job.state) ? 'ran' : 'running'} {durationText((finishedAt ?? now) - startedAt)}
        </span>
      )}
    </>
  )
}
