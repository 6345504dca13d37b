import { bytesText } from '@plotline/api/names'
import type { Storage, StoredJob } from '@plotline/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { HardDrive, Trash2 } from 'lucide-react'
import { useCallback, useMemo, useState, type ReactElement } from 'react'
import shell from '../app/shell.module.css'
import { messageOf } from '../rest/api-error.ts'
import { useServer } from '../rest/server.ts'
import { useDeleteStoredJobs, useStorage, type Deletion } from '../rest/storage.ts'
import { Banner } from '../ui/banner.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { MoreRows } from '../ui/more-rows.tsx'
import { countText } from '../ui/number-text.ts'
import { Select } from '../ui/select.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useToast } from '../ui/toast.tsx'
import { useTitle } from '../ui/use-title.ts'
import { DamageCard } from './damage-card.tsx'
import { bytesOf, DeletionDialog } from './deletion-dialog.tsx'
import { DiskCard } from './disk-card.tsx'
import { KindsCard } from './kinds-card.tsx'
import { SIZE_WORDS } from './size-words.ts'
import styles from './storage-page.module.css'
import {
  DEFAULT_SORT,
  SIZE_COLUMNS,
  sortJobs,
  storageSearchOf,
  type StorageSort,
} from './storage-sort.ts'
import { StoredJobsTable } from './stored-jobs-table.tsx'

/** Rows that are shown at first, and more at each press. */
const ROWS_SHOWN = 100
const MAX_FAILURES_SHOWN = 5

/** What takes the room, and the way to get it back. */
export function StoragePage(): ReactElement {
  useTitle('Storage')
  const { data: storage, isError, error, refetch } = useStorage()
  return (
    <main className={cx(shell['content'], styles['page'])}>
      <h1 className={styles['title']}>Storage</h1>
      <ServerWarnings />
      {isError && (
        <Banner
          tone="bad"
          role="alert"
          actions={
            <Button size="sm" onPress={() => void refetch()}>
              Try again
            </Button>
          }
        >
          {messageOf(error)}
        </Banner>
      )}
      {storage !== undefined && <Stored storage={storage} />}
      {storage === undefined && !isError && <LoadingStorage />}
    </main>
  )
}

function ServerWarnings(): ReactElement {
  const { data: server } = useServer()
  return (
    <>
      {(server?.warnings ?? []).map((warning) => (
        <Banner key={warning} tone="warn">
          {warning}
        </Banner>
      ))}
    </>
  )
}

function Stored({ storage }: { readonly storage: Storage }): ReactElement {
  return (
    <>
      <div className={styles['cards']}>
        <DiskCard disk={storage.disk} jobBytes={storage.bytes.total} dataDir={storage.dataDir} />
        <KindsCard bytes={storage.bytes} jobCount={storage.jobCount} />
      </div>
      <DamageCard damage={storage.damage} jobs={storage.jobs} />
      {storage.jobs.length === 0 ? <NoJobs /> : <StoredJobs storage={storage} />}
    </>
  )
}

function StoredJobs({ storage }: { readonly storage: Storage }): ReactElement {
  const { sort = DEFAULT_SORT } = useSearch({ from: '/storage' })
  const navigate = useNavigate()
  const [shownRows, setShownRows] = useState(ROWS_SHOWN)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const sorted = useMemo(() => sortJobs(storage.jobs, sort), [storage.jobs, sort])
  const shown = sorted.slice(0, shownRows)
  const selected = sorted.filter(({ id }) => chosen.has(id))
  const select = useCallback((jobId: string, isSelected: boolean) => {
    setChosen((before) => changed(before, [jobId], isSelected))
  }, [])
  const setSort = (next: StorageSort): void =>
    void navigate({ to: '/storage', search: storageSearchOf({ sort: next }), replace: true })

  return (
    <section className={styles['jobs']} aria-label="Jobs by the room they take">
      <Selection
        selected={selected}
        total={storage.jobCount}
        listed={storage.jobs.length}
        sort={sort}
        onSort={setSort}
        onClear={() => setChosen(new Set())}
      />
      <StoredJobsTable
        jobs={shown}
        sort={sort}
        onSort={setSort}
        selected={chosen}
        onSelect={select}
        onSelectAll={(isSelected) =>
          setChosen((before) =>
            changed(
              before,
              shown.map(({ id }) => id),
              isSelected,
            ),
          )
        }
      />
      {sorted.length > shown.length && (
        <MoreRows onMore={() => setShownRows(shownRows + ROWS_SHOWN)}>
          Show {Math.min(ROWS_SHOWN, sorted.length - shown.length)} more of {sorted.length}
        </MoreRows>
      )}
    </section>
  )
}

/** What is ticked, and what can be done with it; the count of jobs where nothing is. */
function Selection({
  selected,
  total,
  listed,
  sort,
  onSort,
  onClear,
}: {
  readonly selected: readonly StoredJob[]
  readonly total: number
  readonly listed: number
  readonly sort: StorageSort
  readonly onSort: (sort: StorageSort) => void
  readonly onClear: () => void
}): ReactElement {
  const [isAsking, setAsking] = useState(false)
  const [outcome, setOutcome] = useState<Deletion>()
  const [done, setDone] = useState(0)
  const toast = useToast()
  const remove = useDeleteStoredJobs(setDone)
  const count = remove.isPending ? remove.variables.length : selected.length
  const deleteThem = async (): Promise<void> => {
    setAsking(false)
    setDone(0)
    // With the last job this component goes too: callbacks of `mutate` would never run.
    const deletion = await remove.mutateAsync(selected)
    setOutcome(deletion.failures.length > 0 ? deletion : undefined)
    onClear()
    if (deletion.deleted > 0) toast(deletedWords(deletion))
  }

  return (
    <>
      {outcome !== undefined && (
        <Failures deletion={outcome} onClose={() => setOutcome(undefined)} />
      )}
      <div className={styles['toolbar']}>
        <p role="status" className={styles['count']}>
          {selected.length > 0
            ? `${selected.length} selected, ${bytesText(bytesOf(selected))}`
            : listedWords(listed, total)}
        </p>
        <span className={styles['phoneSort']}>
          <Select<StorageSort> label="Sort" value={sort} options={SORTS} onChange={onSort} />
        </span>
        {(selected.length > 0 || remove.isPending) && (
          <>
            <Button variant="ghost" onPress={onClear} isDisabled={remove.isPending}>
              Clear
            </Button>
            <Button variant="danger" onPress={() => setAsking(true)} isPending={remove.isPending}>
              <Trash2 aria-hidden />
              {remove.isPending
                ? `Deleting ${Math.min(done + 1, count)} of ${count}…`
                : `Delete ${countText(count, 'job')}…`}
            </Button>
          </>
        )}
      </div>
      <DeletionDialog
        jobs={selected}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => void deleteThem()}
      />
    </>
  )
}

function Failures({
  deletion: { failures },
  onClose,
}: {
  readonly deletion: Deletion
  readonly onClose: () => void
}): ReactElement {
  const rest = failures.length - MAX_FAILURES_SHOWN
  return (
    <Banner
      tone="bad"
      role="alert"
      actions={
        <Button size="sm" onPress={onClose}>
          Close
        </Button>
      }
    >
      <strong>{countText(failures.length, 'job')} could not be deleted.</strong>
      <ul>
        {failures.slice(0, MAX_FAILURES_SHOWN).map(({ job, message }) => (
          <li key={job.id}>
            {job.name}: {message}
          </li>
        ))}
        {rest > 0 && <li>And {rest} more.</li>}
      </ul>
    </Banner>
  )
}

function NoJobs(): ReactElement {
  return (
    <EmptyState
      title="No job takes any room."
      icon={<HardDrive aria-hidden />}
      actions={<LinkButton to="/jobs">Back to the jobs</LinkButton>}
    >
      Jobs and what each of them keeps on the disk are listed here.
    </EmptyState>
  )
}

function LoadingStorage(): ReactElement {
  return (
    <div className={styles['loading']} aria-busy>
      <div className={styles['cards']}>
        <Skeleton height="11rem" />
        <Skeleton height="11rem" />
      </div>
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} height="2.5rem" />
      ))}
    </div>
  )
}

function changed(
  before: ReadonlySet<string>,
  jobIds: readonly string[],
  isSelected: boolean,
): ReadonlySet<string> {
  const after = new Set(before)
  for (const jobId of jobIds)
    if (isSelected) after.add(jobId)
    else after.delete(jobId)
  return after
}

function listedWords(listed: number, total: number): string {
  return listed < total
    ? `The ${listed.toLocaleString('en-US')} largest of ${countText(total, 'job')}`
    : countText(total, 'job')
}

const deletedWords = ({ deleted, bytesFreed }: Deletion): string =>
  `${countText(deleted, 'job')} ${deleted === 1 ? 'was' : 'were'} deleted. ${bytesText(bytesFreed)} freed.`

/** On a phone, where no column has a head. */
const SORTS: readonly { readonly value: StorageSort; readonly label: string }[] = [
  ...SIZE_COLUMNS.toReversed().map((column) => ({
    value: `-${column}` as const,
    label: column === 'total' ? 'Largest first' : `Most ${SIZE_WORDS[column].toLowerCase()}`,
  })),
  { value: 'name', label: 'Name' },
  { value: 'state', label: 'State' },
]
