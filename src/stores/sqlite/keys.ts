import { fromBase64Url, toBase64Url } from '../../platform/random.js';
import type { KeyStore, SealingKey } from '../key-store.js';
import type { Database } from './database.js';
import type { Row } from './driver.js';
import type { Reader } from './row.js';
import { toText } from './text.js';

export function sqliteKeys({ prepare, whole }: Database, read: Reader): KeyStore {
  const sql = {
    all: prepare('select * from sealing_key order by place desc'),
    add: prepare('insert into sealing_key (id, secret, created_at) values (?, ?, ?)'),
    forget: prepare('delete from sealing_key where created_at < ?'),
  };
  const keyOf = (row: Row): SealingKey => {
    const secret = fromBase64Url(read.text(row, 'secret'));
    if (secret?.length !== secretBytes) return read.fail('a key is too short or too long');
    return { id: read.text(row, 'id'), secret, createdAt: read.number(row, 'created_at') };
  };

  return {
    ring: (fresh, { renewBefore, forgetBefore }) =>
      whole(() => {
        const [newest] = sql.all.all();
        if (newest === undefined || read.number(newest, 'created_at') < renewBefore) {
          sql.add.run(toText(fresh.id), toBase64Url(fresh.secret), fresh.createdAt);
        }
        sql.forget.run(forgetBefore);
        return sql.all.all().map(keyOf);
      }),
  };
}

const secretBytes = 32;
