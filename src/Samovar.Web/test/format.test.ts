import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, count, duration, percent, saving, shortId } from '../page/figures/format.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('sizes keep three figures and carry over to the next unit', () => {
  assert.deepEqual(
    [0, 999, 999.6, 1000, 9_994, 9_996, 99_960, 999_499, 999_501, 1.5e12].map(value => plain(bytes(value))),
    ['0 B', '999 B', '1.00 kB', '1.00 kB', '9.99 kB', '10.0 kB', '100 kB', '999 kB', '1.00 MB', '1.50 TB'],
  );
});

test('counts are whole up to five digits', () => {
  assert.deepEqual(
    [0, 12, 1234, 99_999, 100_000, 1_234_567].map(value => plain(count(value))),
    ['0', '12', '1,234', '99,999', '100 k', '1.23 M'],
  );
});

test('durations never show sixty seconds or a thousand milliseconds', () => {
  assert.deepEqual(
    [undefined, null, 0.04, 9.94, 9.96, 999.4, 999.6, 9_994, 9_996, 59_940, 59_960, 3_599_600, 90_061_000].map(value =>
      plain(duration(value)),
    ),
    ['–', '–', '0.0 ms', '9.9 ms', '10 ms', '999 ms', '1.00 s', '9.99 s', '10.0 s', '59.9 s', '1 min 00 s', '1 h 00 min', '1 d 1 h'],
  );
});

test('a share is 100 % only of all, and 0 % only of nothing', () => {
  assert.deepEqual(
    [
      [0, 10],
      [10, 10],
      [99_999, 100_000],
      [1, 100_000],
      [1, 3],
      [1, 0],
    ].map(([part, whole]) => plain(percent(part!, whole!))),
    ['0 %', '100 %', '> 99.9 %', '< 0.1 %', '33.3 %', '–'],
  );
});

test('what is saved has its sign, and more than stateless says so', () => {
  assert.deepEqual(
    [
      [40, 1000],
      [1000, 1000],
      [1200, 1000],
      [5, 0],
    ].map(([sent, all]) => plain(saving(sent!, all!))),
    ['−96.0 %', '0 %', '+20.0 %', '–'],
  );
});

test('ids are cut to what tells them apart', () => {
  assert.deepEqual(['resp_0123456789abcdef', 'ws_12', 'plain'].map(shortId), ['…89abcdef', '12', 'plain']);
});
