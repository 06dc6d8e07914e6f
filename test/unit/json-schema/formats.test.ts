import { describe, expect, test } from 'vitest';
import { formatChecks } from '../../../src/json-schema/formats.js';

const samples: Record<string, { yes: string[]; no: string[] }> = {
  email: {
    yes: [
      'a@b.c',
      "o'hara+tag@example.co.uk",
      '"a b"@example.com',
      'x@[127.0.0.1]',
      'a@[IPv6:::1]',
    ],
    no: ['', 'a', '@b', 'a@', 'a b@c', '.a@b', 'a..b@c', 'a@-b', 'a@b-', 'a@b c', 'a@[1.2.3]'],
  },
  uri: {
    yes: ['http://a/b?c#d', 'mailto:a@b', 'urn:x:y', 'http://[::1]:80/', 'http://u:p@h:1', 'a:'],
    no: [
      '',
      'a',
      '//a',
      '/a',
      'http://a b',
      'http://[::1',
      'http://a/%zz',
      'a:b#c#d',
      'http://h:x/',
      'é:',
    ],
  },
  date: {
    yes: ['2024-02-29', '2000-02-29', '1999-12-31'],
    no: [
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-04-31',
      '2024-1-1',
      '2024-01-00',
      '٢024-01-01',
    ],
  },
  'date-time': {
    yes: [
      '2024-02-29T23:59:59Z',
      '2024-01-01t00:00:00.5+01:30',
      '1998-12-31T23:59:60Z',
      '1998-12-31T15:59:60-08:00',
    ],
    no: [
      '2024-01-01',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:00',
      '1998-12-31T22:59:60Z',
      '2024-01-01 00:00:00Z',
    ],
  },
  uuid: {
    yes: ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-0000-0000-000000000000'],
    no: ['', '123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g'],
  },
  ipv4: {
    yes: ['0.0.0.0', '255.255.255.255'],
    no: ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.1.1.1'],
  },
};

describe.each(Object.entries(samples))('%s', (format, { yes, no }) => {
  const fits = formatChecks.get(format);
  test.each(yes)('accepts "%s"', (text) => expect(fits?.(text)).toBe(true));
  test.each(no)('refuses "%s"', (text) => expect(fits?.(text)).toBe(false));
});
