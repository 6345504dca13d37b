import { Check, Info, TriangleAlert, X, type LucideIcon } from 'lucide-react'
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react'
import { cx } from './cx.ts'
import { IconButton } from './icon-button.tsx'
import styles from './toast.module.css'

export type ToastTone = 'good' | 'info' | 'bad'
export type ShowToast = (text: string, tone?: ToastTone) => void

interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: ToastTone
}

const MAX_TOASTS = 4
const SHOWN_FOR_MS = 6000

const ToastContext = createContext<ShowToast>(() => undefined)

/** Says something in the corner for a while, and to screen readers. Errors stay until they are closed. */
export const useToast = (): ShowToast => useContext(ToastContext)

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const show = useCallback<ShowToast>((text, tone = 'good') => {
    setToasts((shown) => {
      const id = (shown.at(-1)?.id ?? 0) + 1
      return [...shown, { id, text, tone }].slice(-MAX_TOASTS)
    })
  }, [])
  const close = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id))
  }, [])
  const region = useMemo(
    () => toasts.map((toast) => <ToastCard key={toast.id} toast={toast} onClose={close} />),
    [toasts, close],
  )

  return (
    <ToastContext value={show}>
      {children}
      <div role="status" aria-live="polite" className={styles['region']}>
        {region}
      </div>
    </ToastContext>
  )
}

function ToastCard({
  toast,
  onClose,
}: {
  readonly toast: Toast
  readonly onClose: (id: number) => void
}): ReactElement {
  const { id, tone } = toast
  useEffect(() => {
    if (tone === 'bad') return undefined
    const timer = setTimeout(() => onClose(id), SHOWN_FOR_MS)
    return () => clearTimeout(timer)
  }, [id, tone, onClose])
  const Icon = ICONS[tone]
  return (
    <div className={cx(styles['toast'], styles[tone])}>
      <Icon aria-hidden className={styles['icon']} />
      <p className={styles['text']}>{toast.text}</p>
      <IconButton label="Close message" size="sm" onPress={() => onClose(id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  )
}

const ICONS: Readonly<Record<ToastTone, LucideIcon>> = {
  good: Check,
  info: Info,
  bad: TriangleAlert,
}
