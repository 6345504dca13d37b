import type { MetricData, UndeclaredMetric } from '@plotline/api'
import { useState, type ReactElement } from 'react'
import { formatMoment } from '../charts/time-format.ts'
import { countOf, formatValue } from '../charts/value-format.ts'
import { messageOf } from '../rest/api-error.ts'
import { usePatchJob } from '../rest/jobs.ts'
import { request } from '../rest/request.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useToast } from '../ui/toast.tsx'
import styles from './metrics-tab.module.css'
import { nameList } from './metrics-view.ts'

/** Offers to draw what the job sends without having said so. */
export function UndeclaredBanner({
  jobId,
  hasDeclared,
  undeclared,
}: {
  readonly jobId: string
  readonly hasDeclared: boolean
  readonly undeclared: readonly UndeclaredMetric[]
}): ReactElement | null {
  const [ignored, setIgnored] = useState<ReadonlySet<string>>(new Set())
  const [isChoosing, setChoosing] = useState(false)
  const { add, isPending } = useAddMetrics(jobId)
  const offered = undeclared.filter(({ name }) => !ignored.has(name))
  if (offered.length === 0) return null
  const names = offered.map(({ name }) => name)
  const things = countOf(names.length, 'metric')
  const verb = names.length === 1 ? 'was' : 'were'
  return (
    <>
      <Banner
        tone="info"
        actions={
          <>
            <Button size="sm" variant="primary" isPending={isPending} onPress={() => add(names)}>
              Add all
            </Button>
            <Button size="sm" onPress={() => setChoosing(true)}>
              Choose…
            </Button>
            <Button size="sm" variant="ghost" onPress={() => setIgnored(new Set(names))}>
              Ignore
            </Button>
          </>
        }
      >
        {hasDeclared
          ? `This job is also sending ${things} that ${verb} not declared: ${nameList(names)}.`
          : `You did not declare metrics for this job. It is sending: ${nameList(names)}.`}
      </Banner>
      {isChoosing && (
        <ChooseMetrics
          offered={offered}
          isPending={isPending}
          onAdd={(chosen) => {
            add(chosen)
            setChoosing(false)
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </>
  )
}

function ChooseMetrics({
  offered,
  isPending,
  onAdd,
  onClose,
}: {
  readonly offered: readonly UndeclaredMetric[]
  readonly isPending: boolean
  readonly onAdd: (names: readonly string[]) => void
  readonly onClose: () => void
}): ReactElement {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  return (
    <Dialog
      title="Add metrics"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            isDisabled={chosen.size === 0}
            isPending={isPending}
            onPress={() => onAdd([...chosen])}
          >
            Add {chosen.size === 0 ? '' : countOf(chosen.size, 'metric')}
          </Button>
        </>
      }
    >
      <ul className={styles['choices']}>
        {offered.map(({ name, type, last, samples }) => (
          <li key={name}>
            <label>
              <input
                type="checkbox"
                checked={chosen.has(name)}
                onChange={({ target }) => {
                  const next = new Set(chosen)
                  if (target.checked) next.add(name)
                  else next.delete(name)
                  setChosen(next)
                }}
              />
              <span className={styles['choiceName']}>{name}</span>
              <span className={styles['choiceFacts']}>
                {type} · last {formatValue(last)} · {countOf(samples, 'sample')}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

function useAddMetrics(jobId: string): {
  readonly add: (names: readonly string[]) => void
  readonly isPending: boolean
} {
  const { mutate, isPending } = usePatchJob(jobId)
  const toast = useToast()
  return {
    isPending,
    add: (names) =>
      mutate(
        { customMetrics: names },
        {
          onSuccess: () => void firstTimeOf(jobId, names).then((words) => toast(words)),
          onError: (error) => toast(messageOf(error), 'bad'),
        },
      ),
  }
}

/** What was kept of the names before they were added shows at once; this says from when. */
async function firstTimeOf(jobId: string, names: readonly string[]): Promise<string> {
  try {
    const { series } = await request<MetricData>(`/jobs/${jobId}/metrics/data`, {
      query: { names: names.join(','), points: 1000 },
    })
    const first = Math.min(...series.map(({ t }) => t[0] ?? Number.POSITIVE_INFINITY))
    return Number.isFinite(first)
      ? `Added. Showing data since ${formatMoment(first, Date.now())}.`
      : 'Added.'
  } catch {
    return 'Added.'
  }
}
