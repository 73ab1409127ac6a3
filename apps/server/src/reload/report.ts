import type { Logger } from 'pino';
import type { ReloadOutcome } from './reload.ts';

/** Says in the log what became of a reload: fields by name, never values. */
export function reportReload(log: Pick<Logger, 'info' | 'warn' | 'error'>, outcome: ReloadOutcome): void {
  switch (outcome.kind) {
    case 'refused':
      log.error({ reason: outcome.reason }, 'the configuration is refused; the one before stays in force');
      return;
    case 'applied':
      log.info({ changed: outcome.changed }, 'the configuration has changed');
      break;
    case 'unchanged':
      log.info('the configuration is read again: nothing has changed that can change without a restart');
  }
  if (outcome.needsRestart.length > 0)
    log.warn({ fields: outcome.needsRestart }, 'these fields are different in the file and take effect with a restart');
}
