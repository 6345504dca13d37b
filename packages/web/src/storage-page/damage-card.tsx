import type { Storage } from '@plotline/api'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Card } from '../ui/card.tsx'
import styles from './storage-page.module.css'

/** What of the stored metrics could not be read, and what that means. */
export function DamageCard({
  damage,
  jobs,
}: Pick<Storage, 'damage' | 'jobs'>): ReactElement | null {
  if (damage.length === 0) return null
  const nameOf = (jobId: string): string => jobs.find(({ id }) => id === jobId)?.name ?? jobId
  return (
    <Card title="What could not be read">
      <p className={styles['note']}>
        These places of the stored metrics are damaged, by a failing disk for example. What they
        held is left out of graphs and exports; everything else is served as it was. A backup from
        before has it still. Jobs that you do not need any more can be deleted.
      </p>
      <ul className={styles['damage']}>
        {damage.map(({ jobId, what }) => (
          <li key={`${jobId ?? ''} ${what}`}>
            {jobId === null ? (
              <strong>All jobs</strong>
            ) : (
              <Link to="/jobs/$jobId" params={{ jobId }} preload={false}>
                {nameOf(jobId)}
              </Link>
            )}
            <span>{what}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
