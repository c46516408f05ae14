import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import type { PendingOrder } from '../../src/core/pending-order.ts';
import { FileOrderStore } from '../../src/io/order-store.ts';
import { treeOf } from '../support/modes.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const order: PendingOrder = {
  format: 1,
  certificate: name,
  url: 'https://ca.example/order/1',
  account: 'https://ca.example/account/1',
  spec: { domains: [parseDomain('lan.example')], server: 'https://ca.example/dir', keyType: 'ec256' },
  createdAt: '2026-11-22T12:00:00Z',
};

let folder: TempFolder;
let stateDir: string;
let store: FileOrderStore;
beforeEach(async () => {
  folder = await makeTempFolder('orders');
  stateDir = join(folder.path, 'state');
  store = new FileOrderStore(stateDir);
});
afterEach(async () => {
  await folder.remove();
});

describe('the order of a certificate', () => {
  it('is not there at first, and looking for it makes nothing', async () => {
    expect(await store.read(name)).toBeUndefined();
    expect(await treeOf(folder.path)).toEqual({});
  });

  it('is kept, later with its key, for its owner only', async () => {
    await store.save(order);
    expect(await store.read(name)).toEqual({ order });
    await store.saveKey(name, 'the key');
    expect(await store.read(name)).toEqual({ order, keyPem: 'the key' });
    expect(await treeOf(stateDir)).toEqual({
      orders: 'd 700',
      'orders/lan.example.json': '- 600',
      'orders/lan.example.key.pem': '- 600',
    });
  });

  it('takes the key of the one before with it', async () => {
    await store.save(order);
    await store.saveKey(name, 'the old key');
    const next = { ...order, url: 'https://ca.example/order/2' };
    await store.save(next);
    expect(await store.read(name)).toEqual({ order: next });
  });

  it('is removed with its key, also when it is gone already', async () => {
    await store.save(order);
    await store.saveKey(name, 'the key');
    await store.remove(name);
    await store.remove(name);
    expect(await treeOf(join(stateDir, 'orders'))).toEqual({});
  });

  it('is refused when its file is broken, and the file is named', async () => {
    await store.save(order);
    const path = join(stateDir, 'orders', 'lan.example.json');
    await writeFile(path, '{"format":1}');
    await expect(store.read(name)).rejects.toMatchObject({
      code: 'state.broken',
      message: `${path} is broken: certificate is missing`,
    });
  });
});
