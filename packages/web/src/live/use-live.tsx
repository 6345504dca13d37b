import type { LiveMessage } from '@plotline/api'
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import {
  createLiveConnection,
  type LiveConnection,
  type LiveState,
  type LiveTopic,
} from './live-connection.ts'

const Connection = createContext<LiveConnection | undefined>(undefined)

/** Gives everything below it the tab's one line to the server. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [connection] = useState(() =>
    createLiveConnection(liveUrl(window.location), { openSocket: (url) => new WebSocket(url) }),
  )
  useEffect(() => {
    const retry = (): void => {
      if (!document.hidden) connection.retryNow()
    }
    window.addEventListener('online', retry)
    document.addEventListener('visibilitychange', retry)
    return () => {
      window.removeEventListener('online', retry)
      document.removeEventListener('visibilitychange', retry)
    }
  }, [connection])
  return <Connection value={connection}>{children}</Connection>
}

export function useLiveConnection(): LiveConnection {
  const connection = useContext(Connection)
  if (connection === undefined) throw new Error('LiveProvider is missing above this component')
  return connection
}

export function useLiveState(): LiveState {
  const connection = useLiveConnection()
  return useSyncExternalStore(connection.onState, connection.state)
}

/** Listens while the component is there; `undefined` listens to nothing. A topic is taken anew when its words change. */
export function useLiveTopic(
  topic: LiveTopic | undefined,
  onMessage: (message: LiveMessage) => void,
): void {
  const connection = useLiveConnection()
  const latest = useRef(onMessage)
  useEffect(() => {
    latest.current = onMessage
  })
  const words = JSON.stringify(topic)
  const current = useRef(topic)
  useEffect(() => {
    current.current = topic
  })
  useEffect(() => {
    const asked = current.current
    if (words === undefined || asked === undefined) return undefined
    return connection.subscribe(
      () => asked,
      (message) => latest.current(message),
    )
  }, [connection, words])
}

function liveUrl({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api/v1/live`
}
