export { type AnalyticsStoreUnderTest, describeAnalyticsStore } from './analytics-store-contract.ts';
export { describeEventLog } from './event-log-contract.ts';
