import { Check, Copy } from 'lucide-react'
import { useCallback, useEffect, useState, type ReactElement, type ReactNode } from 'react'
import { Button, type ButtonSize, type ButtonVariant } from './button.tsx'
import { IconButton } from './icon-button.tsx'

const DONE_FOR_MS = 1600

export interface CopyButtonProps {
  readonly text: string
  /** "Copy id". Shown beside the icon when `children` is given, else read out and in the tooltip. */
  readonly label: string
  readonly children?: ReactNode
  readonly variant?: ButtonVariant
  readonly size?: ButtonSize
}

export function CopyButton({
  text,
  label,
  children,
  variant = 'secondary',
  size = 'sm',
}: CopyButtonProps): ReactElement {
  const [isDone, copy] = useCopy(text)
  const icon = isDone ? <Check aria-hidden /> : <Copy aria-hidden />
  if (children === undefined)
    return (
      <IconButton label={isDone ? 'Copied' : label} size={size} onPress={copy}>
        {icon}
      </IconButton>
    )
  return (
    <Button aria-label={isDone ? 'Copied' : label} variant={variant} size={size} onPress={copy}>
      {icon}
      {isDone ? 'Copied' : children}
    </Button>
  )
}

function useCopy(text: string): readonly [boolean, () => void] {
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return undefined
    const timer = setTimeout(() => setDone(false), DONE_FOR_MS)
    return () => clearTimeout(timer)
  }, [isDone])
  const copy = useCallback(() => {
    void copyText(text).then(setDone)
  }, [text])
  return [isDone, copy]
}

/** Also over plain http on a host name, where browsers withhold the clipboard API. */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    )
  }
  return copyBySelection(text)
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  return isCopied
}
