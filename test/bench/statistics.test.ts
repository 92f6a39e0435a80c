import { expect, it } from 'vitest';
import { differences, median, quantile, quotients, sum } from './lib/statistics.ts';

it('interpolates between the two values around a quantile', () => {
  const values = [40, 10, 30, 20];
  expect(quantile(values, 0)).toBe(10);
  expect(quantile(values, 0.25)).toBe(17.5);
  expect(median(values)).toBe(25);
  expect(quantile(values, 1)).toBe(40);
  expect(values).toEqual([40, 10, 30, 20]);
});

it('sorts by size, not by digits', () => {
  expect(median([9, 100, 20])).toBe(20);
});

it('has no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

it('compares the values of the same round', () => {
  expect(quotients([10, 30], [5, 20])).toEqual([2, 1.5]);
  expect(differences([10, 30], [5, 40])).toEqual([5, -10]);
  expect(sum([1, 2, 3])).toBe(6);
});

it('compares nothing where a round is incomplete', () => {
  expect(() => quotients([10, 30], [5])).toThrow('a round is incomplete');
});
