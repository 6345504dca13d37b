import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState, type ReactElement } from 'react'
import { LiveProvider } from '../live/use-live.tsx'
import { SignInPage } from '../sign-in/sign-in-page.tsx'
import { ToastProvider } from '../ui/toast.tsx'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.tsx'

/** The whole page: it asks for the key where the server does not know this browser. */
export function App({ isKeyRefused }: { readonly isKeyRefused: boolean }): ReactElement {
  const [isSignedOut, setSignedOut] = useState(isKeyRefused)
  const [queryClient] = useState(() => createQueryClient(() => setSignedOut(true)))
  const [router] = useState(() => createAppRouter(queryClient))

  if (isSignedOut)
    return (
      <SignInPage
        isKeyRefused={isKeyRefused}
        onSignedIn={() => {
          queryClient.clear()
          setSignedOut(false)
        }}
      />
    )
  return (
    <QueryClientProvider client={queryClient}>
      <LiveProvider>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </LiveProvider>
    </QueryClientProvider>
  )
}
