import type { Meter } from '@opentelemetry/api';

/** Processor time, memory and age of this process, by the names of the semantic conventions. */
export function observeProcess(meter: Meter): void {
  const cpu = meter.createObservableCounter('process.cpu.time', { unit: 's', description: 'Processor time used.' });
  cpu.addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  const memory = meter.createObservableGauge('process.memory.usage', { unit: 'By', description: 'Resident memory.' });
  memory.addCallback((result) => {
    result.observe(process.memoryUsage.rss());
  });
  const uptime = meter.createObservableGauge('process.uptime', { unit: 's', description: 'Time since the start.' });
  uptime.addCallback((result) => {
    result.observe(process.uptime());
  });
}
