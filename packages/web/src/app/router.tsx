import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router'
import { searchOf } from '../jobs-list/jobs-search.ts'
import { readJob } from '../rest/jobs.ts'
import { storageSearchOf } from '../storage-page/storage-sort.ts'
import { ErrorPage } from './error-page.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { Shell } from './shell.tsx'

interface RouterContext {
  readonly queryClient: QueryClient
}

const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Shell })

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/jobs', replace: true, throw: true })
  },
})

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('../jobs-list/jobs-list-page.tsx'), 'JobsListPage'),
})

const newJobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/new',
  validateSearch: ({ from }: Record<string, unknown>): { from?: string } =>
    typeof from === 'string' && from !== '' ? { from } : {},
  component: lazyRouteComponent(() => import('./new-job-page.tsx'), 'NewJobPage'),
})

/** Without a tab: the graphs of a job that declares metrics, else what it says. */
const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$jobId',
  beforeLoad: async ({ context, params: { jobId } }) => {
    const tab = await firstTab(context.queryClient, jobId)
    redirect({ to: '/jobs/$jobId/$tab', params: { jobId, tab }, replace: true, throw: true })
  },
})

const jobTabRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$jobId/$tab',
  // Each tab reads its own words; what another tab wrote is kept.
  validateSearch: (search: Record<string, unknown>): { range?: string | undefined } => search,
  component: lazyRouteComponent(() => import('./job-tab-page.tsx'), 'JobTabPage'),
})

const storageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/storage',
  validateSearch: storageSearchOf,
  component: lazyRouteComponent(() => import('../storage-page/storage-page.tsx'), 'StoragePage'),
})

/** The addresses of Gradient's console named the team first. */
const teamJobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/$team/jobs/$jobId',
  beforeLoad: ({ params: { jobId } }) => {
    redirect({ to: '/jobs/$jobId', params: { jobId }, replace: true, throw: true })
  },
})

const routeTree = rootRoute.addChildren([
  homeRoute,
  jobsRoute,
  newJobRoute,
  jobRoute,
  jobTabRoute,
  storageRoute,
  teamJobRoute,
])

// Its type is the tree of routes itself, which links are checked against: nobody can write it down.
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: ErrorPage,
    scrollRestoration: true,
    // Plain words: "q=12" stays a text, and no value is wrapped in quotes.
    parseSearch: parseSearchWith((text) => text),
    stringifySearch: stringifySearchWith(String),
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}

async function firstTab(queryClient: QueryClient, jobId: string): Promise<string> {
  try {
    const job = await readJob(queryClient, jobId)
    return job.customMetrics.length > 0 ? 'metrics' : 'logs'
  } catch {
    // The page of the job says what is wrong with it.
    return 'metrics'
  }
}
