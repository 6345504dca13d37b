import { JOB_STATES, type JobState } from '@plotline/api/names'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import controls from '../ui/controls.module.css'
import { Select } from '../ui/select.tsx'
import { useShortcuts } from '../ui/shortcut.ts'
import { stateWord } from '../ui/status-pill.tsx'
import { TextField } from '../ui/text-field.tsx'
import { stateOf, type JobsSearch } from './jobs-search.ts'
import styles from './list-toolbar.module.css'

const TYPING_PAUSE_MS = 200
const ALL = 'All'

/** Parts of the search that change; undefined takes one away. */
export type SearchChange = { readonly [Key in keyof JobsSearch]?: JobsSearch[Key] | undefined }

export interface ListToolbarProps {
  readonly search: JobsSearch
  /** Jobs by state, where known. */
  readonly counts: Readonly<Record<string, number>>
  readonly onChange: (change: SearchChange) => void
}

export function ListToolbar({ search, counts, onChange }: ListToolbarProps): ReactElement {
  return (
    <search className={controls['controls']}>
      <SearchBox text={search.q ?? ''} onSearch={(q) => onChange({ q })} />
      <Select<JobState | typeof ALL>
        label="State"
        value={stateOf(search.state) ?? ALL}
        options={[
          { value: ALL, label: ALL },
          ...JOB_STATES.map((state) => ({
            value: state,
            label: withCount(stateWord(state), counts[state]),
          })),
        ]}
        onChange={(state) => onChange({ state: state === ALL ? undefined : state.toLowerCase() })}
      />
      {search.tag !== undefined && (
        <button
          type="button"
          className={styles['tag']}
          aria-label={`Tag ${search.tag}, take this filter away`}
          onClick={() => onChange({ tag: undefined })}
        >
          tag {search.tag}
          <X aria-hidden />
        </button>
      )}
    </search>
  )
}

/** Waits for a pause in the typing; follows the address when that changes from elsewhere. */
function SearchBox({
  text,
  onSearch,
}: {
  readonly text: string
  readonly onSearch: (text: string | undefined) => void
}): ReactElement {
  const [typed, setTyped] = useState<string>()
  const box = useRef<HTMLElement>(null)
  const latest = useRef(onSearch)
  useShortcuts([{ key: '/', run: () => box.current?.focus() }])
  useEffect(() => {
    latest.current = onSearch
  })
  useEffect(() => {
    if (typed === undefined) return undefined
    const timer = setTimeout(() => {
      latest.current(typed === '' ? undefined : typed)
      setTyped(undefined)
    }, TYPING_PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <div className={styles['search']}>
      <Search aria-hidden />
      <TextField
        label="Search jobs"
        isLabelHidden
        type="search"
        placeholder="Search name, id, command…"
        value={typed ?? text}
        onChange={setTyped}
        boxRef={(element) => {
          box.current = element
        }}
      />
    </div>
  )
}

const withCount = (word: string, count: number | undefined): string =>
  count === undefined || count === 0 ? word : `${word} (${count})`
