import { describeEventLog } from './contracts.ts';
import { createMemoryEventLog } from './memory-event-log.ts';

describeEventLog('the log in memory', createMemoryEventLog);
