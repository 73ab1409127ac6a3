export { type Analytics, type AnalyticsOptions, startAnalytics } from './analytics.ts';
export { serveAnalytics } from './child.ts';
export { type AnalyticsSupervisor, type SuperviseOptions, superviseAnalytics } from './supervisor.ts';
