import {
  isMetricName,
  MAX_JOB_METRICS,
  metricNameProblem,
  splitMetricList,
} from '@plotline/api/names'
import { ClipboardPaste, X } from 'lucide-react'
import {
  useId,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactElement,
} from 'react'
import { flushSync } from 'react-dom'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { cx } from '../ui/cx.ts'
import { Switch } from '../ui/switch.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useToast } from '../ui/toast.tsx'
import { VisuallyHidden } from '../ui/visually-hidden.tsx'
import styles from './metric-names-field.module.css'
import {
  addNames,
  caseWarnings,
  removeName,
  replaceName,
  splitPasted,
  splitTyped,
  suggestionsFor,
  tooMany,
  type TagChange,
} from './metric-tags.ts'

export interface MetricNamesFieldProps {
  readonly names: readonly string[]
  /** Names that earlier jobs declared, the latest first. */
  readonly suggestions?: readonly string[]
  readonly onChange: (names: readonly string[]) => void
  /** Gets the box, to focus it when the form cannot be sent. */
  readonly boxRef: { current: HTMLInputElement | null }
}

/** Names become tags as they are typed or pasted; bad ones turn red and stay, so that nothing is lost. */
export function MetricNamesField({
  names,
  suggestions = [],
  onChange,
  boxRef,
}: MetricNamesFieldProps): ReactElement {
  const [isPlain, setPlain] = useState(false)
  return (
    <div className={styles['field']}>
      {isPlain ? (
        <PlainNames names={names} onChange={onChange} />
      ) : (
        <TagBox names={names} suggestions={suggestions} onChange={onChange} boxRef={boxRef} />
      )}
      <div className={styles['foot']}>
        <span className={styles['count']}>
          {names.length} of {MAX_JOB_METRICS}
        </span>
        {names.length > 0 && (
          <CopyButton text={names.join(', ')} label="Copy names" variant="ghost">
            Copy
          </CopyButton>
        )}
        <PasteButton onPaste={(text) => onChange(addNames(names, splitPasted(text)).names)} />
        <Switch isSelected={isPlain} onChange={setPlain}>
          Plain text
        </Switch>
      </div>
      <Problems names={names} onChange={onChange} />
    </div>
  )
}

function TagBox({
  names,
  suggestions,
  onChange,
  boxRef,
}: Required<MetricNamesFieldProps>): ReactElement {
  const id = useId()
  const [text, setText] = useState('')
  const [said, setSaid] = useState('')
  /** The name that was just given a second time. */
  const [repeated, setRepeated] = useState<string>()
  /** Where the name that is being edited stood. */
  const place = useRef<number | undefined>(undefined)
  const tags = useRef<(HTMLButtonElement | null)[]>([])

  function apply({ names: all, said: words }: TagChange): void {
    place.current = undefined
    setSaid(words)
    onChange(all)
  }
  function add(pieces: readonly string[]): void {
    if (pieces.length === 0) return
    setRepeated(pieces.find((piece) => names.includes(piece)))
    apply(addNames(names, pieces, place.current))
  }
  function type(value: string): void {
    const { done, rest } = splitTyped(value)
    add(done)
    setText(rest)
  }
  function commit(): void {
    type(`${text},`)
  }
  function remove(index: number): void {
    apply(removeName(names, index))
    boxRef.current?.focus()
  }
  function edit(index: number): void {
    commit()
    setText(names[index] ?? '')
    onChange(names.toSpliced(index, 1))
    place.current = index
    boxRef.current?.focus()
  }
  function paste(event: ClipboardEvent): void {
    const pasted = event.clipboardData.getData('text')
    if (!/[,;\s]/u.test(pasted.trim())) return
    event.preventDefault()
    add(splitPasted(text + pasted))
    setText('')
  }
  function typeKey(event: KeyboardEvent<HTMLInputElement>): void {
    const isAtStart =
      event.currentTarget.selectionStart === 0 && event.currentTarget.selectionEnd === 0
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      // The form is sent by this very key: it must hold what is still being typed.
      flushSync(commit)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      commit()
    } else if (event.key === 'Tab' && text.trim() !== '') {
      event.preventDefault()
      commit()
    } else if ((event.key === 'Backspace' || event.key === 'ArrowLeft') && isAtStart) {
      tags.current[names.length - 1]?.focus()
    }
  }
  function tagKey(event: KeyboardEvent, index: number): void {
    const target = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: names.length }[
      event.key
    ]
    if (target !== undefined) (tags.current[target] ?? boxRef.current)?.focus()
    if (event.key === 'Backspace' || event.key === 'Delete') remove(index)
  }

  return (
    <div>
      <label htmlFor={id} className={styles['label']}>
        Metric names
      </label>
      <div className={styles['box']}>
        {names.length > 0 && (
          <ul className={styles['tags']} aria-label="Names so far">
            {names.map((name, index) => (
              <li key={name} className={cx(styles['tag'], !isMetricName(name) && styles['bad'])}>
                <button
                  type="button"
                  ref={(button) => {
                    tags.current[index] = button
                  }}
                  className={styles['name']}
                  aria-label={isMetricName(name) ? `Edit ${name}` : `Edit ${name}, not valid`}
                  onClick={() => edit(index)}
                  onKeyDown={(event) => tagKey(event, index)}
                >
                  {name}
                </button>
                <button
                  type="button"
                  className={styles['remove']}
                  aria-label={`Remove ${name}`}
                  onClick={() => remove(index)}
                >
                  <X aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        )}
        <input
          id={id}
          ref={boxRef}
          className={styles['input']}
          value={text}
          placeholder={
            names.length === 0 ? 'testMetric1, testMetric2' : 'type a name, then comma or Enter'
          }
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-rule`}
          aria-invalid={names.some((name) => !isMetricName(name))}
          onChange={(event) => type(event.target.value)}
          onPaste={paste}
          onKeyDown={typeKey}
          onBlur={commit}
          list={`${id}-earlier`}
        />
        <datalist id={`${id}-earlier`}>
          {suggestionsFor(text, names, suggestions).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      <p id={`${id}-rule`} className={styles['rule']}>
        Letters a–z A–Z, digits 0–9, _ and -. Names are case-sensitive.
      </p>
      <VisuallyHidden isLive>{said}</VisuallyHidden>
      {repeated !== undefined && (
        <p className={styles['note']}>{repeated} is already in the list.</p>
      )}
    </div>
  )
}

/** Only where the browser lets a page read the clipboard; Ctrl+V in the box works everywhere. */
function PasteButton({
  onPaste,
}: {
  readonly onPaste: (text: string) => void
}): ReactElement | null {
  const toast = useToast()
  if (!window.isSecureContext) return null
  const paste = (): void =>
    void navigator.clipboard
      .readText()
      .then(onPaste, () =>
        toast('The browser keeps the clipboard. Press Ctrl+V in the box.', 'info'),
      )
  return (
    <Button size="sm" variant="ghost" onPress={paste}>
      <ClipboardPaste aria-hidden />
      Paste list
    </Button>
  )
}

/** For mass edits and for those whom tags hinder. */
function PlainNames({
  names,
  onChange,
}: Pick<MetricNamesFieldProps, 'names' | 'onChange'>): ReactElement {
  const [text, setText] = useState(names.join(', '))
  return (
    <TextField
      label="Metric names"
      value={text}
      rows={3}
      isMono
      hint="Commas between names. Letters a–z A–Z, digits 0–9, _ and -. Names are case-sensitive."
      onChange={(value) => {
        setText(value)
        const pieces = value.split('\n').flatMap(splitMetricList)
        onChange([...new Set(pieces.filter((piece) => piece !== ''))])
      }}
    />
  )
}

function Problems({
  names,
  onChange,
}: Pick<MetricNamesFieldProps, 'names' | 'onChange'>): ReactElement | null {
  const over = tooMany(names)
  const bad = names.flatMap((name, index) => {
    const problem = metricNameProblem(name)
    return problem === undefined ? [] : [{ name, index, ...problem }]
  })
  const warnings = caseWarnings(names)
  if (bad.length === 0 && warnings.length === 0 && over === undefined) return null
  return (
    <ul className={styles['problems']}>
      {over !== undefined && <li className={styles['problem']}>{over}</li>}
      {bad.map(({ name, index, message, suggestion }) => (
        <li key={name} className={styles['problem']}>
          <span>{message}</span>
          {suggestion !== undefined && (
            <Button size="sm" onPress={() => onChange(replaceName(names, index, suggestion).names)}>
              Use "{suggestion}"
            </Button>
          )}
        </li>
      ))}
      {warnings.map((warning) => (
        <li key={warning} className={styles['warning']}>
          {warning}
        </li>
      ))}
    </ul>
  )
}
