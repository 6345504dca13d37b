import { Plus, X } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Switch } from '../ui/switch.tsx'
import { TextField } from '../ui/text-field.tsx'
import styles from './env-table.module.css'
import { parseEnv, type EnvRow } from './env-text.ts'

interface EnvTableProps {
  readonly rows: readonly EnvRow[]
  readonly onChange: (rows: readonly EnvRow[]) => void
}

/** Variables of the job, a row each; a whole .env can be pasted. */
export function EnvTable({ rows, onChange }: EnvTableProps): ReactElement {
  const [isPasting, setPasting] = useState(false)
  const change = (index: number, part: Partial<EnvRow>): void =>
    onChange(rows.map((row, i) => (i === index ? { ...row, ...part } : row)))
  return (
    <div className={styles['table']}>
      {rows.map((row, index) => (
        // Rows have no identity but their place: names repeat while they are typed.
        // oxlint-disable-next-line react/no-array-index-key
        <div
          key={index}
          className={styles['row']}
          role="group"
          aria-label={`Variable ${index + 1}`}
        >
          <TextField
            isLabelHidden
            label="Name"
            placeholder="NAME"
            isMono
            value={row.name}
            onChange={(name) => change(index, { name })}
          />
          <TextField
            isLabelHidden
            label={`Value of ${row.name || 'the variable'}`}
            placeholder="value"
            isMono
            type={row.isSecret ? 'password' : 'text'}
            value={row.value}
            onChange={(value) => change(index, { value })}
          />
          <Switch isSelected={row.isSecret} onChange={(isSecret) => change(index, { isSecret })}>
            Secret
          </Switch>
          <IconButton
            label={`Remove ${row.name || 'the variable'}`}
            size="sm"
            onPress={() => onChange(rows.toSpliced(index, 1))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      <div className={styles['actions']}>
        <Button
          size="sm"
          onPress={() => onChange([...rows, { name: '', value: '', isSecret: false }])}
        >
          <Plus aria-hidden /> Add variable
        </Button>
        <Button size="sm" variant="ghost" onPress={() => setPasting(!isPasting)}>
          Paste .env
        </Button>
      </div>
      {isPasting && (
        <PasteBox
          onDone={(pasted) => {
            const names = new Set(pasted.map(({ name }) => name))
            onChange([...rows.filter(({ name }) => !names.has(name)), ...pasted])
            setPasting(false)
          }}
        />
      )}
    </div>
  )
}

function PasteBox({
  onDone,
}: {
  readonly onDone: (rows: readonly EnvRow[]) => void
}): ReactElement {
  const [text, setText] = useState('')
  const found = parseEnv(text)
  return (
    <div className={styles['paste']}>
      <TextField
        label="Lines of a .env file"
        rows={4}
        isMono
        placeholder={'LR=0.1\nAPI_KEY=...'}
        value={text}
        onChange={setText}
      />
      <Button size="sm" isDisabled={found.length === 0} onPress={() => onDone(found)}>
        Add {found.length} {found.length === 1 ? 'variable' : 'variables'}
      </Button>
    </div>
  )
}
