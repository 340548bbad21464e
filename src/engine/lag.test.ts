import { expect, test } from 'vitest';
import { lagMeter } from './lag.ts';

test('each moment counts the same: what came right after a snapshot waits longest', () => {
  const meter = lagMeter();
  expect(meter.read()).toBeUndefined();
  for (let n = 0; n <= 10; n++) meter.add({ asOf: n * 1000, provenAt: n * 1000 + 500 });
  // Between half a second and one and a half, evenly.
  expect(meter.read()).toEqual({ p50: 1000, p95: 1450, p99: 1490 });
});

test('one round that takes ten times as long is a half of all moments, not a tenth', () => {
  const meter = lagMeter();
  for (let n = 0; n <= 10; n++) meter.add({ asOf: n * 1000, provenAt: n * 1000 });
  meter.add({ asOf: 20_000, provenAt: 20_000 });
  const lag = meter.read();
  expect(lag?.p50).toBe(909);
  expect(lag?.p95).toBe(9000);
});

test('a clock that was set back is left out', () => {
  const meter = lagMeter();
  meter.add({ asOf: 5000, provenAt: 5500 });
  meter.add({ asOf: 1000, provenAt: 1500 });
  expect(meter.read()).toBeUndefined();
  meter.add({ asOf: 2000, provenAt: 2500 });
  expect(meter.read()?.p50).toBe(1000);
});

test('only what was last counts', () => {
  const meter = lagMeter();
  meter.add({ asOf: 0, provenAt: 0 });
  meter.add({ asOf: 1_000_000, provenAt: 1_000_000 });
  for (let n = 1; n <= 3600; n++) {
    const at = 1_000_000 + n * 1000;
    meter.add({ asOf: at, provenAt: at });
  }
  expect(meter.read()?.p99).toBe(990);
});
