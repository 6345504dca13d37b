import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { cx } from './cx.ts'
import styles from './job-link.module.css'

interface JobLinkProps {
  readonly job: { readonly id: string; readonly name: string }
  readonly className?: string | undefined
}

/** The name of a job in a list of them. What it leads to is not fetched before it is pressed: a list has many. */
export function JobLink({ job, className }: JobLinkProps): ReactElement {
  return (
    <Link
      to="/jobs/$jobId"
      params={{ jobId: job.id }}
      preload={false}
      className={cx(styles['name'], className)}
    >
      {job.name}
    </Link>
  )
}
