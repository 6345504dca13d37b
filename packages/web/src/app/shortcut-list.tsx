import { useState, type ReactElement } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { areSingleKeysOn, switchSingleKeys } from '../ui/shortcut.ts'
import { Switch } from '../ui/switch.tsx'
import styles from './shortcut-list.module.css'

export function ShortcutList({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
}): ReactElement {
  const [isOn, setOn] = useState(areSingleKeysOn)
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose} width="lg">
      <div className={styles['groups']}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className={styles['title']}>{title}</h3>
            <dl className={styles['keys']}>
              {keys.map(([key, words]) => (
                <div key={key} className={styles['row']}>
                  <dt>{words}</dt>
                  <dd>
                    <Kbd keys={key} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={styles['switch']}>
        <Switch
          isSelected={isOn}
          onChange={(next) => {
            setOn(next)
            switchSingleKeys(next)
          }}
        >
          Single keys work anywhere outside a text box
        </Switch>
      </div>
    </Dialog>
  )
}

const GROUPS: readonly {
  readonly title: string
  readonly keys: readonly (readonly [keys: string, words: string])[]
}[] = [
  {
    title: 'Everywhere',
    keys: [
      ['J', 'Jobs'],
      ['N', 'Create a job'],
      ['Shift S', 'Storage'],
      ['Shift T', 'Next theme'],
      ['?', 'This list'],
    ],
  },
  {
    title: 'List, form and log',
    keys: [
      ['/', 'Search jobs, or lines of a log'],
      ['Ctrl Enter', 'Submit the job'],
    ],
  },
  {
    title: 'Job page',
    keys: [
      ['Shift L', 'Logs'],
      ['Shift E', 'Environment'],
      ['Shift M', 'Metrics'],
      ['C', 'Clone the job'],
      ['S', 'Stop the job'],
      ['Shift G', 'End of the log'],
    ],
  },
  {
    title: 'Graphs',
    keys: [
      ['1', 'Last minute'],
      ['2', 'Last 5 minutes'],
      ['3', 'Last hour'],
      ['0', 'All'],
      ['L', 'Slide with the time, or stand still'],
      ['[ ]', 'Graph before, graph after'],
      ['← →', 'Along the graph in focus'],
      ['+ −', 'Zoom the graph in focus'],
    ],
  },
]
